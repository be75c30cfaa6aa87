"""Outputs, search and the health feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from aggregator.config.access import checked_token, one_or_several
from aggregator.config.output_terms import QuotaText, StoryExpression, WordRules
from aggregator.config.rule_settings import Category
from aggregator.config.section import Duration, Section, Word, misplaced
from aggregator.config.settings.setting_types import OutputFormat, OutputScope, Size
from aggregator.model import DedupeMode, OutputOrder, PictureChoice, SourcePlace, TextAmount
from aggregator.publish import feed_addresses, presentation
from aggregator.publish.formats import FORMATS
from aggregator.schedule.cron import parse_cron, parse_daily


class PublishSettings(Section):
    """Files of the merged feeds."""

    directory: str = Field(
        "data/public",
        description="Folder for the output files (relative to the folder the command is started "
        "in); empty: no files.",
    )
    compressed: bool = Field(
        True,
        description="Write `.gz`, `.br` and `.zst` beside each file, for web servers that send them in its "
        "place.",
    )
    min_interval: Duration = Field(
        timedelta(seconds=2), description="Shortest time between two renderings of the outputs."
    )
    after: tuple[str, ...] = Field(
        (),
        description="Command to run after output files changed, as a list of its words, without a shell: "
        '`["rclone", "sync", "data/public", "store:feeds"]`. It gets the names of the outputs on its standard input, '
        "a line each, and 5 minutes; `AGGREGATOR_…` variables are not passed on.",
    )

    @field_validator("after")
    @classmethod
    def _runnable(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if words and (not words[0].strip() or any("\0" in one for one in words)):
            raise ValueError(
                'the words of a command, the first of them its name, such as ["rclone", "sync", …]; '
                "or [] for none"
            )
        return words


class SearchSettings(Section):
    """Search over the stories of outputs."""

    enabled: bool = Field(
        True,
        description="Keep an index of words, and answer `/search` and `/feeds/NAME.FORMAT?q=`. Switched on "
        "again, it indexes what is stored by and by.",
    )


class HealthFeedSettings(Section):
    """A feed about the feeds: which broke, moved or came back, and a daily summary."""

    enabled: bool = Field(
        True,
        description="Note what happens to feeds, and answer `/status.atom`, `/status.rss` and `/status.json`, which tell "
        "of the feeds that `/` tells of.",
    )
    failures: int = Field(
        3,
        ge=2,
        description="Failed polls in a row after which a feed is told as broken; one that is gone (410) is at once.",
    )
    summary: str = Field(
        "0 7 * * *",
        description="When the daily summary of what happened is written, five cron fields in `timezone`; there is "
        'none of a day without news. `""`: never.',
    )
    max_age: Duration = Field(
        timedelta(days=90), description="Age at which events are removed; 0 keeps all."
    )

    @field_validator("summary")
    @classmethod
    def _cron(cls, value: str) -> str:
        return parse_cron(value) if value else value


class OutputSettings(Section):
    """One merged feed."""

    name: str = Field(
        pattern=f"^{feed_addresses.NAME}$",
        description="Name in its address: lower-case letters, digits, `-`, `_`.",
    )
    aliases: tuple[Annotated[str, Field(pattern=f"^{feed_addresses.NAME}$")], ...] = Field(
        (), description="Names that it had before: their addresses redirect to its own (301)."
    )
    title: str = Field(
        "",
        description="Title; empty: the top-level `title` for `all` and where there is one output, else the "
        "name in words (`tech-news`: “Tech news”).",
    )
    description: str = Field("", description="One sentence about the output.")
    limit: int = Field(100, ge=1, le=10_000, description="Stories shown, the first by `order`.")
    formats: tuple[OutputFormat, ...] = Field(
        tuple(FORMATS), min_length=1, description="Formats to write."
    )
    categories: tuple[Category, ...] = Field(
        (), description="Only feeds with one of these categories; empty: all."
    )
    tags: tuple[str, ...] = Field((), description="Only feeds with one of these tags; empty: all.")
    filter: StoryExpression = Field(
        "",
        description="Expression that is true of the stories to show, over all their fields; empty: all.",
    )
    keep: WordRules = Field(
        (),
        description="Only stories with one of these words in title or text, whatever their case; "
        "`/…/` is a regular expression (RE2); empty: all.",
    )
    drop: WordRules = Field((), description="No stories with one of these, written like `keep`.")
    min_sources: int = Field(
        1,
        ge=1,
        le=1000,
        description="Only stories that so many feeds tell; from 2 on they are sorted by when that was so.",
    )
    max_per_feed: QuotaText = Field(
        "",
        description="Stories of one feed that enter within a time, such as `5/1d`: what is more is left "
        "out, and does not come later; empty: any number.",
    )
    order: Word[OutputOrder] = Field(
        OutputOrder.PUBLISHED,
        description="Newest first by when stories were `published` or `discovered`, or those first that "
        "most `sources` tell now.",
    )
    max_age: Duration = Field(
        timedelta(), description="Age above which stories leave the window, in whole hours; 0: any."
    )
    digest: str = Field(
        "",
        description="When an edition is made, five cron fields in `timezone` with one time a day, such as `0 7 * * mon-fri`: "
        "the output shows editions only, each with the stories since the last by category, the latest `limit` of them; "
        "empty: it shows stories.",
    )
    dedupe: Word[DedupeMode] = Field(
        DedupeMode.NEAR,
        description="Copies shown as one: near copies (`near`), only those with the same address, id or "
        "text (`exact`), or none (`off`).",
    )
    window: Duration = Field(
        timedelta(),
        description="Longest time between two copies shown as one; at most `dedupe.window`, which 0 stands "
        "for.",
    )
    scope: Word[OutputScope] = Field(
        OutputScope.ALL,
        description="Show a story once in `all`, or once in each `category` of its feeds.",
    )
    source: Word[SourcePlace] = Field(
        SourcePlace.AUTHOR,
        description="Where readers see which site a story is from: behind its first `author`, behind its `title`, "
        "in a last `line` of its text, or `none`.",
    )
    title_format: str = Field(
        presentation.TITLE,
        description="Titles of stories, made of `{title}` and `{source}`, such as `[{source}] {title}`.",
    )
    text: Word[TextAmount] = Field(
        TextAmount.FULL,
        description="Text of stories: in `full`, a `summary` of at most 300 characters, or the `title` alone.",
    )
    images: Word[PictureChoice] = Field(
        PictureChoice.KEEP,
        description="Pictures of stories, those among their files too: `keep` them, put a `link` in the place of "
        "each, or `none`.",
    )
    archive: Duration = Field(
        timedelta(days=365),
        description="Time for which everything that the output showed can be had from archive pages (RFC 5005); 0: "
        "there are none.",
    )
    archive_size: Size = Field(
        1 << 30,
        description="Disk space of the archive pages; beyond it the oldest go before their time.",
    )
    also_at: str = Field(
        "",
        description="First words of a line that names a story's other sources, such as `Also at`; empty: "
        "no such line.",
    )
    token: Annotated[tuple[SecretStr, ...], BeforeValidator(one_or_several)] = Field(
        (),
        description="Secret in the address, `/feeds/TOKEN/NAME.FORMAT`, which makes the output private; one or "
        "several, each of at least 128 bits (`openssl rand -hex 32`).",
    )
    files: str = Field(
        "",
        description="Folder for the files of an output with a `token`, readable by their owner only "
        "(relative to the folder the command is started in); empty: no files.",
    )

    @field_validator("title_format")
    @classmethod
    def _with_title(cls, value: str) -> str:
        left = value.replace(presentation.TITLE, "", 1).replace(presentation.SOURCE, "")
        if presentation.TITLE not in value or set(left) & set("{}"):
            raise ValueError("text with `{title}` in it once, and `{source}` if you like")
        return value

    @field_validator("token")
    @classmethod
    def _strong(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for index, token in enumerate(value):
            try:
                checked_token(token)
            except ValueError as error:
                raise misplaced(str(error), index) from None
        return value

    @field_validator("digest")
    @classmethod
    def _daily(cls, value: str) -> str:
        return parse_daily(value) if value else value

    @property
    def kept_archive(self) -> timedelta:
        """Time for which archive pages are kept: none of editions, which are no lines of the log."""
        return timedelta() if self.digest else self.archive

    @model_validator(mode="after")
    def _editions_only(self) -> Self:
        if not self.digest:
            return self
        if self.archive not in {timedelta(), type(self).model_fields["archive"].default}:
            raise misplaced(
                "0, or no such line, beside a `digest`: editions have no archive pages", "archive"
            )
        if self.max_age:
            raise misplaced(
                "0, or no such line, beside a `digest`: an edition has the stories since the last",
                "max_age",
            )
        if self.scope is not OutputScope.ALL:
            raise misplaced(
                "`all` beside a `digest`: an edition has each story once, by category", "scope"
            )
        return self

    @model_validator(mode="after")
    def _private_files(self) -> Self:
        if self.files and not self.token:
            raise misplaced(
                "a `token` beside it; other outputs have their files in `publish.directory`",
                "files",
            )
        return self
