"""Terms on which an output takes items, as the operator writes them: words, an expression, quotas."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from aggregator.config.rule_settings import expression_of
from aggregator.config.values import format_duration, parse_duration
from aggregator.model import Quota
from aggregator.select.story_fields import Phase
from aggregator.select.word_rules import word_rule

LONGEST_SPAN: Final = timedelta(days=31)
_QUOTA: Final = re.compile(r"\s*([0-9]{1,6})\s*/\s*(\S.*)")
_A_QUOTA: Final = 'a number and a duration such as "5/1d", from 1/1m to 100000/31d; empty: no quota'
_MOST_RULES: Final = 1000


def word_rule_text(value: str) -> str:
    """``value``, if it is words or a regular expression; else raises ``ValueError``."""
    word_rule(value)
    return value


def parse_quota(value: str) -> Quota | None:
    """``"5/1d"`` as a quota, ``""`` as none. Raises ``ValueError`` for anything else."""
    if not value.strip():
        return None
    found = _QUOTA.fullmatch(value)
    if found is None:
        raise ValueError(_A_QUOTA)
    try:
        most, span = int(found[1]), parse_duration(found[2])
    except ValueError:
        raise ValueError(_A_QUOTA) from None
    if not (1 <= most <= 100_000 and timedelta(minutes=1) <= span <= LONGEST_SPAN):
        raise ValueError(_A_QUOTA)
    return Quota(most, span)


def quota_text(value: str) -> str:
    """``value`` as it is written plainly, if it is a quota; else raises ``ValueError``."""
    quota = parse_quota(value)
    return f"{quota.most}/{format_duration(quota.span)}" if quota is not None else ""


StoryExpression = Annotated[str, AfterValidator(expression_of(Phase.STORY))]
WordRules = Annotated[
    tuple[Annotated[str, AfterValidator(word_rule_text)], ...], Field(max_length=_MOST_RULES)
]
QuotaText = Annotated[str, AfterValidator(quota_text)]
