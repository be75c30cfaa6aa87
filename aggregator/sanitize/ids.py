"""Ids within sanitized HTML, told apart from those of other entries on one page of a reader."""

from __future__ import annotations

import re
from hashlib import blake2b

from aggregator.sanitize.policy import ID_PREFIX

_OWNER = 4  # bytes: of some hundred entries on a page, one in a million pages has two alike
# Signs of markup are escaped in sanitized values: no text and no value looks like a tag.
_TAG = re.compile(rf"<[a-zA-Z][^<>]*{ID_PREFIX}[^<>]*>")
_ID = re.compile(rf'( (?:id="|href="#)){ID_PREFIX}')
_HEADERS = re.compile(r' headers="[^"]*"')


def with_own_ids(html: str, owner: str) -> str:
    """Sanitized ``html`` whose ids, and what leads to them within it, are those of ``owner``.

    Every entry's first footnote is called the same, and readers show many entries on one page. The
    same owner gets the same ids for ever.
    """
    if f'"{ID_PREFIX}' not in html:
        return html
    prefix = f"{ID_PREFIX}{blake2b(owner.encode(), digest_size=_OWNER).hexdigest()}-"

    def own(tag: re.Match[str]) -> str:
        marked = _ID.sub(rf"\g<1>{prefix}", tag[0])
        return _HEADERS.sub(lambda cells: _prefixed_cells(cells[0], prefix), marked)

    return _TAG.sub(own, html)


def _prefixed_cells(attribute: str, prefix: str) -> str:
    return re.sub(rf'(?<=[ "]){ID_PREFIX}', prefix, attribute)
