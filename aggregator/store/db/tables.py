"""The tables, for SQLite and PostgreSQL alike. The meaning of each column is said here, once.

All on one page, beyond 300 lines: foreign keys join tables of different folders of the store.
Migrations in ``alembic/`` bring a database to this shape; a test compares the two.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    or_,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from aggregator.store.db.columns import Id, UtcDateTime

REVISION = "0037"
"""Revision of the newest migration, which makes the shape below."""


class EntryState(IntEnum):
    """State of an entry between its feed and the outputs."""

    WAITING = 0  # for its article page
    READY = 1  # text settled, looks for its story
    SETTLED = 2  # belongs to a story


class ArticleState(IntEnum):
    """State of an article page."""

    WAITING = 0  # to be fetched at ``next_attempt_at``
    DONE = 1
    FAILED = 2  # given up


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _owner(name: str, referred: str) -> Column[int]:
    """The part of a primary key that says whose the row is: it goes when ``referred`` goes."""
    return Column(
        name, Id, ForeignKey(referred, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # its identity, without secrets
    Column("url", Text, nullable=False),  # where it is fetched now
    Column("configured_url", Text, nullable=False, server_default=""),  # with its secrets
    Column("host", Text, nullable=False, server_default=""),  # of ``url``: whose slot is waited for
    Column("active", Boolean, nullable=False),  # in the configuration
    Column("title", Text, nullable=False, server_default=""),  # the feed's own
    Column("site_url", Text),
    Column("description", Text, nullable=False, server_default=""),
    Column("language", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("validators_url", Text),  # the URL that gave the two above
    Column("body_hash", Text),
    Column("hints", JSON, nullable=False),
    Column("recent", JSON, nullable=False),  # what the release before adds to "appeared"
    Column("appeared", LargeBinary),  # when its latest entries did: see store/feeds/packed_times.py
    Column("moved_to", Text),  # by 301 or 308, not adopted yet
    Column("moved_sightings", Integer, nullable=False, server_default="0"),  # in a row
    Column("moved_since", UtcDateTime),
    Column("last_full_at", UtcDateTime),  # the last whole document, or that it was asked for
    Column("polls_since_full", Integer, nullable=False, server_default="0"),  # 304s and deltas
    Column("polls", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_poll_at", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("next_poll_at", UtcDateTime, nullable=False),
    Column("last_result", Text, nullable=False, server_default=""),
    Column("last_error", Text),
    Column("gone", Boolean, nullable=False),
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", UtcDateTime),
    Column("added_at", UtcDateTime, nullable=False),
    Column("entries", Integer, nullable=False, server_default="0"),  # how many it has here
    Column("hub_url", Text),  # as the last whole document said
    Column("topic_url", Text),  # its own address, as it said: what a hub is asked for
    # Digest of what the configuration says of it, so far as outputs depend on it.
    Column("facts", Text, nullable=False, server_default=""),
    Column("pushed_until", UtcDateTime),  # a verified subscription's lease
    Column("paused", Boolean, nullable=False, server_default=false()),  # by the operator
    # Digest of the filters and rules that all its entries were judged by; empty: by none.
    Column("judged_by", Text, nullable=False, server_default=""),
    # A network that the operator opened gave the last answer.
    Column("inside", Boolean, nullable=False, server_default=false()),
)
Index(
    "ix_feeds_hub",
    feeds.c.id,
    sqlite_where=feeds.c.hub_url.is_not(None),
    postgresql_where=feeds.c.hub_url.is_not(None),
)
# The index of due feeds: it decides who is polled.
Index(
    "ix_feeds_due",
    feeds.c.next_poll_at,
    feeds.c.host,  # those of hosts that have enough in hand are passed over without a look
    sqlite_where=feeds.c.active & ~feeds.c.gone & ~feeds.c.paused,
    postgresql_where=feeds.c.active & ~feeds.c.gone & ~feeds.c.paused,
)

# Of few or none: what a look at all feeds would be for.
feed_is_in_trouble = (
    feeds.c.active
    & ~feeds.c.paused
    & or_(
        feeds.c.failures > literal_column("0"),
        feeds.c.gone,
        feeds.c.last_result == literal_column("'offline'"),
    )
)
feed_is_offline = feeds.c.active & (feeds.c.last_result == literal_column("'offline'"))
feed_is_unpolled = feeds.c.active & ~feeds.c.paused & (feeds.c.last_result == literal_column("''"))
feed_is_paused = feeds.c.active & feeds.c.paused
feed_is_left_over = ~feeds.c.active & (feeds.c.entries > literal_column("0"))
Index(
    "ix_feeds_in_trouble",
    feeds.c.failures,
    feeds.c.id,
    sqlite_where=feed_is_in_trouble,
    postgresql_where=feed_is_in_trouble,
)
Index(
    "ix_feeds_offline",
    feeds.c.last_poll_at,
    sqlite_where=feed_is_offline,
    postgresql_where=feed_is_offline,
)
Index(
    "ix_feeds_unpolled",
    feeds.c.id,
    sqlite_where=feed_is_unpolled,
    postgresql_where=feed_is_unpolled,
)
Index(
    "ix_feeds_paused",
    feeds.c.id,
    sqlite_where=feed_is_paused,
    postgresql_where=feed_is_paused,
)
Index(
    "ix_feeds_left_over",
    feeds.c.id,
    sqlite_where=feed_is_left_over,
    postgresql_where=feed_is_left_over,
)
Index("ix_feeds_entries", feeds.c.entries, feeds.c.id)  # who has more than retention keeps

# Archives of feeds that are being read, or need not be again: :mod:`aggregator.store.feeds.trail_rows`.
archive_trails = Table(
    "archive_trails",
    metadata,
    _owner("feed_id", "feeds.id"),
    Column("next_at", UtcDateTime),  # when the next page is due; null: none is
    Column("state", JSON, nullable=False),  # the rest of the model's value
)
trail_is_open = archive_trails.c.next_at.is_not(None)
Index(
    "ix_archive_trails_due",
    archive_trails.c.next_at,
    sqlite_where=trail_is_open,
    postgresql_where=trail_is_open,
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False, unique=True),  # canonical
    Column("host", Text, nullable=False),  # whose slot is waited for
    Column("state", SmallInteger, nullable=False),  # ArticleState
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("final_url", Text),
    Column("canonical_url", Text),
    Column("html", Text),  # sanitized; kept while a newer version is fetched
    Column("text", Text),
    Column("title", Text),
    Column("authors", JSON),
    Column("published_at", UtcDateTime),
    Column("language", Text),
    Column("image", Text),
    Column("site_name", Text),
    Column("description", Text),  # of itself: a teaser of it is no feed's own
    Column("tags", JSON),
    Column("source", Text),
    Column("confidence", Float),
    Column("reason", Text),
    Column("fetched_at", UtcDateTime),
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", UtcDateTime),
    # It may be asked for in the networks that the operator opened: a feed in there links to it.
    Column("inside", Boolean, nullable=False, server_default=false()),
)
Index("ix_articles_final_url", articles.c.final_url)
Index("ix_articles_canonical_url", articles.c.canonical_url)
# Literals, not parameters: only so can a database see that a query fits the partial index.
page_is_wanted = articles.c.state == literal_column(str(int(ArticleState.WAITING)))
Index(
    "ix_articles_due",
    articles.c.id,  # newest first …
    articles.c.next_attempt_at,
    articles.c.lease_until,
    articles.c.host,  # … and nothing of the wide rows is read for it
    sqlite_where=page_is_wanted,
    postgresql_where=page_is_wanted,
)

# Keys of the addresses that pages gave themselves, where they differ from that of ``articles.url``:
# :mod:`aggregator.urls.lookup_keys`.
page_keys = Table(
    "page_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    _owner("article_id", "articles.id"),
)
Index("ix_page_keys_article_id", page_keys.c.article_id)

# What the latest pages of each host hold: :mod:`aggregator.store.pages.site_pages`.
site_pages = Table(
    "site_pages",
    metadata,
    Column("host", Text, primary_key=True),
    Column("place", SmallInteger, primary_key=True, autoincrement=False),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("digests", LargeBinary, nullable=False),  # of the page's blocks, in a row
)
Index("ix_site_pages_article_id", site_pages.c.article_id)

stories = Table(
    "stories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),  # the id that subscribers see, for ever
    Column("representative_id", Id, nullable=False),  # the entry whose text is shown
    Column("sort_at", UtcDateTime, nullable=False),  # of its first member; never moves
    Column("seen_at", UtcDateTime, nullable=False),  # when the last member joined
    Column("guests", JSON(none_as_null=True)),  # ids of members that stand back; null: of none
)
Index("ix_stories_sort_at", stories.c.sort_at)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("identity", Text, nullable=False),
    Column("public_id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("source_digest", Text, nullable=False, server_default=""),  # of its item in the feed
    Column("guid", Text),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("enclosures", JSON, nullable=False),
    Column("image", Text),
    Column("language", Text),
    Column("details", JSON(none_as_null=True)),  # :class:`aggregator.model.Details`; null: none
    Column("published_at", UtcDateTime),  # as the feed said when the entry was first seen …
    # … and from when it first found its story on, that is fixed: else its page's, or ``updated_at``.
    Column("published_fixed", Boolean, nullable=False, server_default=false()),
    Column("updated_at", UtcDateTime),  # as the feed says
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime),  # when a change of it was last seen
    Column("sort_at", UtcDateTime, nullable=False),
    Column("listed", Boolean, nullable=False),  # stood in the feed at the last poll
    Column("text_length", Integer, nullable=False, server_default="0"),  # characters, once settled
    Column("state", SmallInteger, nullable=False),  # EntryState
    Column("state_since", UtcDateTime, nullable=False),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="SET NULL")),
    Column("story_id", Id, ForeignKey("stories.id", ondelete="SET NULL")),
    Column("join_rule", Text),  # a JoinRule
    Column("joined_to", Id),  # the entry it was compared with; for "new" one that was refused
    Column("overlap", Float),  # with that entry, 0 … 1; null where the rule measures none
    Column("join_note", Text),  # why, in words
    Column("exact_id", Text),  # the id that subscribers see where exact copies alone are one
    Column("held", Boolean, nullable=False, server_default=false()),  # the operator put it there
    Column("own_voice", Boolean, nullable=False, server_default=false()),  # its page is another's
    Column("url_key", BigInteger),  # by which operators find it: its address …
    Column("guid_key", BigInteger),  # … and its guid, see :mod:`aggregator.urls.lookup_keys`
    # Digest of the filters and rules that dropped it: no output shows it. It belongs to a story only if it
    # was let in before.
    Column("filtered", Text),
    Column("labels", JSON(none_as_null=True)),  # :class:`aggregator.model.Labels`; null: none
    UniqueConstraint("feed_id", "identity"),
)
Index("ix_entries_public_id", entries.c.public_id)
Index("ix_entries_sort_at", entries.c.sort_at, entries.c.id)
Index("ix_entries_article_id", entries.c.article_id)
Index("ix_entries_story_id", entries.c.story_id)
Index("ix_entries_url_key", entries.c.url_key)
Index("ix_entries_guid_key", entries.c.guid_key)
entry_is_filtered = entries.c.filtered.is_not(None)
Index(
    "ix_entries_filtered",
    entries.c.feed_id,
    entries.c.filtered,
    sqlite_where=entry_is_filtered,
    postgresql_where=entry_is_filtered,
)
# An id that an entry shares with its exact copies; its own is found by ``public_id``.
entry_shares_id = entries.c.exact_id != entries.c.public_id
Index(
    "ix_entries_exact_id",
    entries.c.exact_id,
    sqlite_where=entry_shares_id,
    postgresql_where=entry_shares_id,
)
# What retention may drop, once it is past its bounds.
entry_is_droppable = ~entries.c.listed & (
    entries.c.state == literal_column(str(int(EntryState.SETTLED)))
)
Index(
    "ix_entries_droppable",
    entries.c.first_seen_at,
    entries.c.id,
    sqlite_where=entry_is_droppable,
    postgresql_where=entry_is_droppable,
)
Index(
    "ix_entries_droppable_of_feed",
    entries.c.feed_id,
    sqlite_where=entry_is_droppable,
    postgresql_where=entry_is_droppable,
)
entry_is_unsettled = entries.c.state != literal_column(str(int(EntryState.SETTLED)))
Index(
    "ix_entries_unsettled",
    entries.c.state,
    entries.c.id,
    sqlite_where=entry_is_unsettled,
    postgresql_where=entry_is_unsettled,
)
# The same by date: who founds a story does not depend on which feed was polled first.
Index(
    "ix_entries_unsettled_by_date",
    entries.c.state,
    entries.c.sort_at,
    entries.c.public_id,
    sqlite_where=entry_is_unsettled,
    postgresql_where=entry_is_unsettled,
)

# Identities that feeds gave their entries before: one that returns is no new entry.
entry_aliases = Table(
    "entry_aliases",
    metadata,
    _owner("feed_id", "feeds.id"),
    Column("identity", Text, primary_key=True),
    Column("entry_id", Id, ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)
Index("ix_entry_aliases_entry_id", entry_aliases.c.entry_id)

# Apart from ``entries``, whose rows are scanned, so that these long texts are not.
entry_texts = Table(
    "entry_texts",
    metadata,
    _owner("entry_id", "entries.id"),
    Column("summary_html", Text, nullable=False),
    Column("content_html", Text, nullable=False),
)

# Segments of settled entries, by which people search: :mod:`aggregator.store.db.search_index`.
search_texts = Table(
    "search_texts",
    metadata,
    _owner("entry_id", "entries.id"),
    Column("title", Text),  # on SQLite: the segments, joined by blanks
    Column("body", Text),
    Column("terms", Text().with_variant(TSVECTOR, "postgresql")),  # on PostgreSQL: all of them
)
Index("ix_search_texts_terms", search_texts.c.terms, postgresql_using="gin").ddl_if(
    dialect="postgresql"
)

story_keys = Table(
    "story_keys",
    metadata,
    Column("key", Text, primary_key=True),  # "RULE:VALUE"
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("entry_id", Id),  # whose key it is
)
Index("ix_story_keys_story_id", story_keys.c.story_id)

# Texts by their fingerprint: :mod:`aggregator.dedupe.sketch`.
fingerprints = Table(
    "fingerprints",
    metadata,
    _owner("entry_id", "entries.id"),
    Column("seen_at", UtcDateTime, nullable=False),
)
Index("ix_fingerprints_seen_at", fingerprints.c.seen_at)
fingerprint_keys = Table(
    "fingerprint_keys",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    _owner("entry_id", "entries.id"),
    sqlite_with_rowid=False,
)
Index("ix_fingerprint_keys_entry_id", fingerprint_keys.c.entry_id)

# Lines of feeds' texts, and up to three titles under which each came: boilerplate is no text.
feed_lines = Table(
    "feed_lines",
    metadata,
    _owner("feed_id", "feeds.id"),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("title_1", Integer, nullable=False),
    Column("title_2", Integer),
    Column("title_3", Integer),
    Column("seen_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_feed_lines_seen_at", feed_lines.c.seen_at)

# What retention dropped: should a feed list it again, it is not new.
forgotten = Table(
    "forgotten",
    metadata,
    _owner("feed_id", "feeds.id"),
    Column("identity", Text, primary_key=True),
    Column("dropped_at", UtcDateTime, nullable=False),
)
Index("ix_forgotten_dropped_at", forgotten.c.dropped_at)

# Hosts and domains that are to be left alone, and leases of hosts that several processes share.
hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),  # or a registrable domain
    Column("holder", Text),  # the process that holds its lease …
    Column("busy_until", UtcDateTime),  # … unless it died: then its lease ends here
    Column("next_turn_at", UtcDateTime),  # the gap after the last lease
    Column("cool_until", UtcDateTime),  # end of its cooldown
)

# How often each host was asked, in steps of ten minutes, for a day.
host_requests = Table(
    "host_requests",
    metadata,
    Column("host", Text, primary_key=True),
    Column("since", UtcDateTime, primary_key=True),
    Column("feeds", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("robots", Integer, nullable=False),
    Column("waited", Integer, nullable=False),  # slots that had to be waited for
)
Index("ix_host_requests_since", host_requests.c.since)

robots = Table(
    "robots",
    metadata,
    Column("origin", Text, primary_key=True),  # scheme://host[:port]
    Column("text", Text, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False),
)

# What hubs are asked to tell us of; see :class:`aggregator.model.Subscription`.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("base", Text, nullable=False),  # under which the hub reaches us
    Column("token", Text, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    Column("state", Text, nullable=False),  # SubscriptionState
    Column("lease_until", UtcDateTime),
    Column("requested_at", UtcDateTime),
    Column("next_at", UtcDateTime, nullable=False),  # when the hub is to be asked again
    Column("failures", Integer, nullable=False, server_default="0"),  # requests not verified
    Column("error", Text),
    UniqueConstraint("feed_id", "hub", "topic", "base"),
)
Index("ix_subscriptions_next_at", subscriptions.c.next_at)

# Our own hub: requests that callbacks are still to confirm, and what was confirmed; see
# :mod:`aggregator.store.deliveries.hub_subscriptions`. Of both there is one a callback and topic.
hub_requests = Table(
    "hub_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mode", Text, nullable=False),  # a HubMode
    Column("output", Text, nullable=False),
    Column("kind", Text, nullable=False),  # name of an output format
    Column("topic", Text, nullable=False),  # its address as the subscriber gave it
    Column("callback", Text, nullable=False),
    Column("site", Text, nullable=False),  # of the callback: registered domain, or host
    Column("secret", Text, nullable=False),
    Column("lease_s", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcDateTime, nullable=False),
    Column("claim", Integer, nullable=False, server_default="0"),
    UniqueConstraint("callback", "topic"),
)
Index("ix_hub_requests_due_at", hub_requests.c.due_at)
hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("output", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
    Column("epoch", Id),  # it knows the output's log …
    Column("seq", BigInteger),  # … up to this line
    Column("due_at", UtcDateTime),  # to be told then; null: it knows everything
    Column("again", Boolean, nullable=False, server_default=false()),  # marked since it was claimed
    Column("claim", Integer, nullable=False, server_default="0"),
    Column("slow", Boolean, nullable=False, server_default=false()),  # it took long, or failed
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("failing_since", UtcDateTime),
    Column("error", Text),  # of the latest failure
    Column("dropped_at", UtcDateTime),  # given up
    Column("told_at", UtcDateTime),
    UniqueConstraint("callback", "topic"),
)
Index("ix_hub_subscriptions_due_at", hub_subscriptions.c.due_at)
Index("ix_hub_subscriptions_output", hub_subscriptions.c.output)
Index("ix_hub_subscriptions_lease_until", hub_subscriptions.c.lease_until)

# Other hubs, and what each was told of the bytes of a topic.
hub_pings = Table(
    "hub_pings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("due_at", UtcDateTime),  # to be told then; null: it was told
    Column("claim", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", UtcDateTime),
    Column("error", Text),
    UniqueConstraint("hub", "topic"),
)
Index("ix_hub_pings_due_at", hub_pings.c.due_at)

renderings = Table(
    "renderings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # name of an output format
    Column("digest", Text, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    Column("release", Text),  # of the program that made it …
    Column("config_digest", Text),  # … and of its configuration, so far as readers may see it
    Column("epoch", Id),  # of the output's log when these bytes came to be …
    Column("seq", BigInteger),  # … and its latest line
)

# Addresses that outputs have, or had until they were dropped: :mod:`aggregator.store.outputs.dropped`.
outputs = Table(
    "outputs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # name of an output format
    Column("readers", JSON, nullable=False),  # SHA-256 of each of its tokens; []: everybody
    Column("dropped_at", UtcDateTime),
)

# Changes of feeds' states, of which the health feed tells: :mod:`aggregator.store.feeds.health_events`.
health_events = Table(
    "health_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),  # the id that subscribers see
    Column("kind", Text, nullable=False),  # a HealthKind
    Column("at", UtcDateTime, nullable=False),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE")),  # null: a summary
    Column("told", Boolean, nullable=False),  # as an item of its own, not in a summary alone
    Column("broken", Boolean, nullable=False, server_default=false()),  # it broke, and is so still
    Column("error", Text),
    Column("failures", Integer),
    Column("former_url", Text),  # addresses of a move, masked
    Column("url", Text),
    Column("day", Text, unique=True),  # of a summary: the local date
    Column("still", JSON),  # of a summary: ids of feeds that were broken then
    Column("summary_id", BigInteger),  # the summary that tells of it; null: none yet
)
health_is_broken = health_events.c.broken
health_is_unsummed = health_events.c.summary_id.is_(None) & health_events.c.feed_id.is_not(None)
Index("ix_health_events_at", health_events.c.at)
Index("ix_health_events_feed", health_events.c.feed_id, health_events.c.id)
Index("ix_health_events_summary", health_events.c.summary_id)
Index(
    "ix_health_events_unsummed",
    health_events.c.at,
    sqlite_where=health_is_unsummed,
    postgresql_where=health_is_unsummed,
)
Index(
    "ix_health_events_broken",
    health_events.c.id,
    sqlite_where=health_is_broken,
    postgresql_where=health_is_broken,
)

# What commands ask of the daemons on this database: :mod:`aggregator.store.requests`.
requests = Table(
    "requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("body", Text, nullable=False),
    Column("for_all", Boolean, nullable=False),  # of the daemons; else for the first that takes it
    Column("taken", Boolean, nullable=False, server_default=false()),
    Column("until", UtcDateTime, nullable=False),  # then nobody waits for it any more
    sqlite_autoincrement=True,  # daemons remember whom they obeyed: no id comes twice
)
request_answers = Table(
    "request_answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", Id, ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_request_answers_request_id", request_answers.c.request_id)

# The logs of outputs: :mod:`aggregator.store.outputs.log`, ``docs/decisions/output-log.md``.
output_logs = Table(
    "output_logs",
    metadata,
    Column("id", Id, primary_key=True),  # its epoch: the row stays when it has ended
    Column("name", Text, nullable=False),  # of the output
    Column("identity", Text, nullable=False),  # digests of what it rests on: aggregator.model.Basis
    Column("choice", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("next_seq", BigInteger, nullable=False, server_default="1"),
    Column(
        "filled", Boolean, nullable=False, server_default=false()
    ),  # the store was looked through …
    Column("floor_at", UtcDateTime),  # … down to this place; null: all of it
    Column("floor_tie", BigInteger),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    # Its archive: lines up to closed_seq stand in pages, the last of which is number closed_page.
    Column("archived", Boolean, nullable=False, server_default=false()),
    Column("closed_seq", BigInteger, nullable=False, server_default="0"),
    Column("closed_page", BigInteger, nullable=False, server_default="0"),
)
log_is_open = output_logs.c.ended_at.is_(None)
Index(
    "ix_output_logs_open",
    output_logs.c.name,
    unique=True,
    sqlite_where=log_is_open,
    postgresql_where=log_is_open,
)

# Its lines.
output_items = Table(
    "output_items",
    metadata,
    Column("log_id", Id, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("item_id", Text, nullable=False),  # the id that subscribers see
    Column("kind", Text, nullable=False),  # a LineKind
    Column("reason", Text, nullable=False),  # a LineReason
    Column("entry_id", Id, nullable=False),  # the entry shown
    Column("digest", Text, nullable=False),  # of what is shown of it
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_output_items_at", output_items.c.at)
Index("ix_output_items_log_id_at", output_items.c.log_id, output_items.c.at)
# Written out, so that databases see that the index holds the row.
is_withdrawal = output_items.c.kind == literal_column("'withdraw'")
Index(
    "ix_output_items_withdrawn",
    output_items.c.log_id,
    output_items.c.item_id,
    sqlite_where=is_withdrawal,
    postgresql_where=is_withdrawal,
)

# The items that stand in an output.
output_now = Table(
    "output_now",
    metadata,
    Column("log_id", Id, primary_key=True, autoincrement=False),
    Column("item_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),  # its latest line
    Column("story_id", Id, nullable=False),
    Column("entry_id", Id, nullable=False),  # the entry shown, as it was at that line …
    Column("changed_at", UtcDateTime),  # … or an exact copy that came in its place
    Column("digest", Text, nullable=False),
    Column("sort_at", UtcDateTime, nullable=False),  # its place in the window …
    Column("tie", BigInteger, nullable=False),  # … among those of the same time
    Column("entered_at", UtcDateTime, nullable=False),
)
Index("ix_output_now_window", output_now.c.log_id, output_now.c.sort_at, output_now.c.tie)
Index("ix_output_now_story_id", output_now.c.story_id)
Index("ix_output_now_log_id_seq", output_now.c.log_id, output_now.c.seq)

# Closed pages of logs: :mod:`aggregator.store.outputs.archives`, ``docs/decisions/archives.md``.
archive_pages = Table(
    "archive_pages",
    metadata,
    Column("log_id", Id, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("last_seq", BigInteger, nullable=False),  # of its lines
    Column("items", JSON, nullable=False),  # item id → marks of the feeds that it tells of
    Column("guards", JSON, nullable=False),  # mark → what might be told of the feed, unless all
    Column("allowed", Text, nullable=False),  # digest of what might be told of all feeds
    Column("private", Boolean, nullable=False),  # it was made for readers who know a token
    Column("size", BigInteger, nullable=False),  # bytes of its bodies as they are stored
    Column("closed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),  # something was taken out of it
)
Index("ix_archive_pages_allowed", archive_pages.c.log_id, archive_pages.c.allowed)
archive_bodies = Table(
    "archive_bodies",
    metadata,
    Column("log_id", Id, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),  # name of an output format
    Column("body", LargeBinary, nullable=False),  # gzip, with `mark` for our own addresses
    Column("mark", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of the bytes before they were compressed
)

# When items entered outputs with quotas or a least number of sources, and which were not let in.
output_arrivals = Table(
    "output_arrivals",
    metadata,
    Column("log_id", Id, primary_key=True, autoincrement=False),
    Column("item_id", Text, primary_key=True),
    Column("story_id", Id, nullable=False),
    Column("feed_id", Id, nullable=False),  # of the entry shown then
    Column("at", UtcDateTime, nullable=False),
    Column("surplus", Boolean, nullable=False),  # its feed had its share: it stays out
)
Index(
    "ix_output_arrivals_feed",
    output_arrivals.c.log_id,
    output_arrivals.c.feed_id,
    output_arrivals.c.at,
)

# Editions of outputs with a digest: :mod:`aggregator.store.outputs.edition_rows`, ``docs/decisions/editions.md``.
editions = Table(
    "editions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),  # of the output
    Column("day", Text, nullable=False),  # the local date
    Column("uid", Text, nullable=False, unique=True),  # the id that subscribers see
    Column("title", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # its stories, as gzipped JSON
    Column("items", JSON, nullable=False),  # item id → marks of the feeds that it tells of
    Column("told", JSON, nullable=False),  # ids of the items, and of the entries in them
    Column("guards", JSON, nullable=False),  # as of an archive page, like the next two
    Column("allowed", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),  # something was taken out of it
    UniqueConstraint("name", "day"),
)
# Up to where an output's editions have told its log.
edition_cuts = Table(
    "edition_cuts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("epoch", Id, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("cut_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # the time of the schedule that was served last
    Column("day", Text, nullable=False),  # and its local date; empty: none was yet
)

# Stories that outputs must decide on again. A queue without keys, so that nobody waits to add to it.
due_stories = Table(
    "due_stories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("log_id", Id),  # null: all that are open
    Column("story_id", Id, nullable=False),
    Column("quiet", Boolean, nullable=False),  # nothing happened but that the configuration changed
)

# Roads out of outputs, each a cursor: :mod:`aggregator.store.deliveries`, ``docs/decisions/deliveries.md``.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),  # a RoadKind
    Column("name", Text, nullable=False),  # of its section in the configuration
    Column("output", Text, nullable=False),  # empty: alarms
    Column("source", Text, nullable=False),  # a RoadSource
    Column("from_start", Boolean, nullable=False),
    Column("target", Text, nullable=False),  # digest of where it leads
    Column("epoch", Id, nullable=False),  # all is told up to this place; 0: it has not begun
    Column("seq", BigInteger, nullable=False),
    Column("told_at", UtcDateTime),  # when the line of that place was written
    Column("quiet_upto", BigInteger, nullable=False, server_default="0"),
    Column("pending_upto", BigInteger),  # end of a message that may have been sent already
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row …
    Column("failing_since", UtcDateTime),  # … since then
    Column("next_at", UtcDateTime, nullable=False),
    Column("error", Text),
    Column("disabled", Text),  # why nothing is sent
    Column("sent", BigInteger, nullable=False, server_default="0"),
    Column("sent_at", UtcDateTime),
    Column("recent", JSON, nullable=False),  # seconds since 1970, of the latest messages
    Column("is_held", Boolean, nullable=False, server_default=false()),
    Column("gone_at", UtcDateTime),  # since when the configuration has it no more
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", UtcDateTime),
    UniqueConstraint("kind", "name", "output"),
)
# Messages that were given up. They are made anew of the log when they are tried again.
dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("epoch", Id, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("error", Text, nullable=False),
    Column("is_wanted", Boolean, nullable=False, server_default=false()),
)
Index("ix_dead_letters_delivery_id", dead_letters.c.delivery_id, dead_letters.c.id)
# Alarms that began and ended, as the events of a log.
alarm_events = Table(
    "alarm_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("stands", Boolean, nullable=False),  # it began, and is not over
    sqlite_autoincrement=True,  # cursors tell that there are later ones: no id comes twice
)
alarm_stands = alarm_events.c.stands
Index(
    "ix_alarm_events_standing",
    alarm_events.c.key,
    unique=True,
    sqlite_where=alarm_stands,
    postgresql_where=alarm_stands,
)

# What readers of outputs asked, by day (UTC): :mod:`aggregator.store.outputs.reader_rows`. No row is about a person.
reader_answers = Table(
    "reader_answers",
    metadata,
    Column("output", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # name of an output format; "opml", "archive"
    Column("status", SmallInteger, primary_key=True, autoincrement=False),
    Column("requests", BigInteger, nullable=False),
)
reader_agents = Table(
    "reader_agents",
    metadata,
    Column("output", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("agent", Text, primary_key=True),  # empty: those that are not told apart
    Column("requests", BigInteger, nullable=False),
)
reader_audiences = Table(
    "reader_audiences",
    metadata,
    Column("output", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("agent", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("feed", Text, primary_key=True),  # what it calls the feed; empty: nothing
    Column("subscribers", BigInteger, nullable=False),  # the most that it said that day
)

# What releases tell each other: :mod:`aggregator.store.db.releases`, :mod:`aggregator.store.db.processes`.
# These two never change: whatever release made the database, all that came later or before read them.
works_with = Table(
    "works_with",
    metadata,
    Column("revision", Text, primary_key=True),  # the oldest whose releases may work here; one row
    Column("release", Text, nullable=False),  # that brought the database to its present shape
)
processes = Table(
    "processes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # its command
    Column("release", Text, nullable=False),
    Column("revision", Text, nullable=False),  # the newest that it knows
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
ABOUT_THE_DATABASE = frozenset({works_with.name, processes.name})
"""Tables whose rows are about the database that they are in, and of no use in another."""

# Kept by every transaction that changes what they count: :mod:`aggregator.store.db.counters`.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
