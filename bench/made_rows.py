"""Rows of a made store, in SQL: what a daemon that has polled all these feeds for weeks has in its database.

Indexes are made after the rows, which takes a tenth of the time. Texts, keys and digests are numbers that look
random, as what they stand for does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.feeds.packed_times import packed
from aggregator.urls.lookup_keys import address_key, text_key
from bench.made_store import FAILING, HOSTS, PAGE, TEASER, Made, scrambled, words
from bench.made_targets import Target, target_at

FEW = 1000  # one of so many feeds is in the output "few"
_DAY = 86_400
_WINDOW_S, _LINES_S = 30 * _DAY, 7 * _DAY  # how long fingerprints, and lines of texts, are kept
_KEYS, _LINES = 10, 3  # of a text
INTERVAL_S = 6700  # of these feeds, as the cadence has it
_TEXTS = 4096
_PLACES = 8  # pages of a host whose blocks are kept


def fill(url: str, made: Made, config: Config) -> None:
    """Make the rows of ``made`` in the empty database at ``url``; ``config`` has its feeds and outputs."""
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    target = target_at(url)
    target.begin()
    _feeds(target, made, config)
    _texts(target)
    target.run("CREATE TABLE made_digests (entry bigint PRIMARY KEY, digest text)")
    target.rows("made_digests", ("entry", "digest"), made.listed_digests())
    target.run_all(
        [
            *_entries(target, made),
            *_sought(target, made),
            *_pages(target, made),
            *_hosts(target, made),
            *_logs(target, made, config),
        ]
    )
    for table in ("made_digests", "made_texts"):
        target.run(f"DROP TABLE {table}")
    _find_by_address(target, made)
    target.end()


def _find_by_address(target: Target, made: Made) -> None:
    """Give the entries that are asked for their true keys."""
    for n in asked_for(made):
        url = made.page_url(n)
        target.run(
            f"UPDATE entries SET url_key = {address_key(url)}, guid_key = {text_key(url)} WHERE id = {n}"
        )


def asked_for(made: Made) -> range:
    """Entries that can be found by their addresses."""
    return range(made.entries // 3, made.entries // 3 + 3)


def _feeds(target: Target, made: Made, config: Config) -> None:
    columns = (
        "id", "key", "url", "configured_url", "host", "active", "title", "site_url", "language", "etag",
        "validators_url", "hints", "recent", "appeared", "polls", "polls_since_full", "failures",
        "last_poll_at", "last_success_at", "last_full_at", "next_poll_at", "last_result", "last_error",
        "gone", "added_at", "entries", "facts",
    )  # fmt: skip
    is_sqlite = target.is_sqlite
    facts = choices.feed_facts(config)
    hints = json.dumps({"min_interval": None, "skip_hours": [], "skip_days": []})

    def rows() -> Iterable[tuple[Any, ...]]:
        for feed in range(1, made.feeds + 1):
            url, fails = made.feed_url(feed), feed % FAILING == 0
            since = made.made_at - feed * 7919 % INTERVAL_S
            times = [made.began + (k * made.feeds + feed) * made.step for k in range(made.per_feed)]
            polled, due = _told(since), _told(since + INTERVAL_S)
            yield (
                feed, url, url, url, made.host(feed), 1 if is_sqlite else True, f"Feed {feed}",
                f"http://{made.host(feed)}:{made.port}/", "en", f'"{made.per_feed}"', url, hints, "[]",
                packed(times), 600, 5, 3 if fails else 0, polled, polled, polled, due,
                "failed" if fails else "not_modified", "HTTP status 500" if fails else None,
                0 if is_sqlite else False, _told(made.began - _DAY), made.per_feed, facts[url],
            )  # fmt: skip

    target.rows("feeds", columns, rows())
    target.run(f"UPDATE counters SET value = {made.feeds} WHERE name = 'feeds'")


def _told(seconds: float) -> str:
    when = datetime.fromtimestamp(seconds, UTC)
    return when.strftime("%Y-%m-%d %H:%M:%S.000000")


def _texts(target: Target) -> None:
    """Some thousand texts, of which each entry has one: to join them words for each would take most of the time."""
    search = "terms tsvector" if not target.is_sqlite else "terms text"
    target.run(
        f"CREATE TABLE made_texts (id integer PRIMARY KEY, teaser text, said text, {search})"
    )
    rows = ((n, words(n, TEASER, 1), words(n, PAGE, 2)) for n in range(_TEXTS))
    target.rows("made_texts", ("id", "teaser", "said"), rows)
    if not target.is_sqlite:
        target.run("UPDATE made_texts SET terms = to_tsvector('simple', said)")


_TEXT = f"JOIN made_texts ON made_texts.id = (n % {_TEXTS})"
_TITLE = "'Title ' || n || ' of w' || (n % 5003) || ' and w' || (n % 99991)"


def _feed(made: Made) -> str:
    return f"((n - 1) % {made.feeds} + 1)"


def _host(number: str) -> str:
    return f"'127.1.' || ({number} / 250) || '.' || ({number} % 250 + 1)"


def _url(made: Made) -> str:
    host = _host(f"({_feed(made)} % {HOSTS})")
    return f"'http://' || {host} || ':{made.port}/p/' || n"


def _seen(target: Target, made: Made) -> str:
    return target.at(f"{made.began} + n * {made.step}")


def _urn(target: Target, kind: int) -> str:
    chance = target.hexed(scrambled(f"(n + {kind})"), 8)
    return f"'urn:uuid:' || {chance} || '-0000-5000-{kind}-' || {target.hexed('n', 12)}"


_ENTRY_URN, _STORY_URN = 8000, 9000


def _digest(target: Target) -> str:
    return f"{target.hexed(scrambled('n'), 16)} || {target.hexed(scrambled('n', 40), 16)}"


def _pages(target: Target, made: Made) -> Iterator[str]:
    """Nine of ten pages were read; some wait to be tried again."""
    waits, failed = "n % 2000 = 7", "n % 10 = 0"
    later = target.at(f"{made.made_at} + {scrambled('n')} % {_DAY}")
    yield f"""INSERT INTO articles (id, url, host, state, next_attempt_at, attempts, error, final_url, html, text,
        title, language, source, confidence, reason, fetched_at)
        SELECT n, url, host, CASE WHEN {waits} THEN 0 WHEN {failed} THEN 2 ELSE 1 END,
        CASE WHEN {waits} THEN {later} ELSE seen END, 1, CASE WHEN {failed} THEN 'HTTP status 404' END,
        CASE WHEN got THEN url END, CASE WHEN got THEN '<p>' || said || '.</p>' END,
        CASE WHEN got THEN said || '.' END, CASE WHEN got THEN 'Title ' || n END,
        CASE WHEN got THEN 'en' END, CASE WHEN got THEN 'page' END, CASE WHEN got THEN 0.9 END,
        CASE WHEN got THEN '' END, CASE WHEN got THEN seen END
        FROM (SELECT n, {_url(made)} AS url, {_host(f"({_feed(made)} % {HOSTS})")} AS host,
        NOT ({waits} OR {failed}) AS got, said, {_seen(target, made)} AS seen
        FROM {target.series(1, made.entries)} {_TEXT}) AS pages"""


def _entries(target: Target, made: Made) -> Iterator[str]:
    every, seen = f"FROM {target.series(1, made.entries)}", _seen(target, made)
    yield f"""INSERT INTO stories (id, public_id, representative_id, sort_at, seen_at)
        SELECT n, {_urn(target, _STORY_URN)}, n, {seen}, {seen} {every}"""
    yield f"""INSERT INTO entries (id, feed_id, identity, public_id, content_hash, source_digest, guid, url, title,
        authors, categories, enclosures, published_at, published_fixed, first_seen_at, sort_at, listed, text_length,
        state, state_since, article_id, story_id, join_rule, exact_id, url_key, guid_key)
        SELECT n, feed, url, urn, '6:' || digest || ':' || digest, source, url, url, title, '[]', '[]', '[]',
        seen, {target.yes}, seen, seen, listed, 400, 2, seen, n, n, 'new', urn, chance, chance + 1
        FROM (SELECT n, {_feed(made)} AS feed, {_url(made)} AS url, {_urn(target, _ENTRY_URN)} AS urn,
        {_digest(target)} AS digest, coalesce(made_digests.digest, '') AS source, {_TITLE} AS title,
        {seen} AS seen, n > {(made.per_feed - made.listed) * made.feeds} AS listed,
        {scrambled("n", 50)} - {1 << 49} AS chance
        {every} LEFT JOIN made_digests ON made_digests.entry = n) AS of_feeds"""
    yield f"""INSERT INTO entry_texts (entry_id, summary_html, content_html)
        SELECT n, teaser, '' {every} {_TEXT}"""
    for table in ("entries", "stories", "articles"):
        name = "pages" if table == "articles" else table
        yield f"UPDATE counters SET value = {made.entries} WHERE name = '{name}'"
    yield f"UPDATE counters SET value = {made.entries // 10} WHERE name = 'pages_failed'"


def _sought(target: Target, made: Made) -> Iterator[str]:
    """By which copies are found, and by which people search."""
    every, seen = f"FROM {target.series(1, made.entries)}", _seen(target, made)
    url = _url(made)
    for rule, value in (
        ("guid", f"substr({url}, 8)"),
        ("url", f"substr({url}, 8)"),
        ("url:sha256", f"{_digest(target)} || {_digest(target)}"),
    ):
        yield f"""INSERT INTO story_keys (key, story_id, seen_at, entry_id)
            SELECT '{rule}:' || {value}, n, {seen}, n {every}"""
    late = made.entries - int(_WINDOW_S / made.step)
    recent = f"FROM {target.series(max(late, 0) + 1, made.entries)}"
    yield f"INSERT INTO fingerprints (entry_id, seen_at) SELECT n, {seen} {recent}"
    key = f"({scrambled('(n * 31 + place)')} - 2147483648)"
    yield f"""INSERT INTO fingerprint_keys (key, entry_id) SELECT {key} AS key, n
        {recent} CROSS JOIN {target.series(1, _KEYS, "place")} ORDER BY 1, 2"""
    late = made.entries - int(_LINES_S / made.step)
    recent = f"FROM {target.series(max(late, 0) + 1, made.entries)}"
    yield f"""INSERT INTO feed_lines (feed_id, line, title_1, seen_at)
        SELECT {_feed(made)} AS feed, {key} AS line, {key}, {seen}
        {recent} CROSS JOIN {target.series(1, _LINES, "place")} ORDER BY 1, 2"""
    if target.is_sqlite:
        terms, title = "title, body", f"lower({_TITLE}), said"
    else:
        title = f"setweight(to_tsvector('simple', {_TITLE}), 'A') || terms"
        terms = "terms"
    yield f"INSERT INTO search_texts (entry_id, {terms}) SELECT n, {title} {every} {_TEXT}"
    yield "UPDATE counters SET value = 0 WHERE name = 'search_below'"


def _hosts(target: Target, made: Made) -> Iterator[str]:
    """What is kept of hosts: robots.txt, blocks of pages, how often they were asked in the last day."""
    hosts = min(HOSTS, made.feeds)
    each = target.series(0, hosts - 1)
    checked = target.at(f"{made.made_at} - n")
    yield f"""INSERT INTO robots (origin, text, checked_at)
        SELECT 'http://' || {_host("n")} || ':{made.port}', '', {checked} FROM {each}"""
    yield f"""INSERT INTO site_pages (host, place, article_id, digests)
        SELECT {_host("n")}, place, n + 1, {target.blob(640)}
        FROM {each} CROSS JOIN {target.series(0, _PLACES - 1, "place")}"""
    since = target.at(f"{made.made_at // 600 * 600} - step * 600")
    yield f"""INSERT INTO host_requests (host, since, feeds, pages, robots, waited)
        SELECT {_host("n")}, {since}, 1, 0, 0, 0
        FROM {each} CROSS JOIN {target.series(0, 143, "step")} WHERE (n + step) % 3 = 0"""
    at = target.at(f"{made.made_at} - n")
    yield f"""INSERT INTO health_events (id, uid, kind, at, feed_id, told, broken, error, failures)
        SELECT n, 'urn:uuid:' || n, 'broke', {at}, n * {FAILING}, {target.no}, {target.yes}, 'HTTP status 500', 3
        FROM {target.series(1, made.feeds // FAILING)}"""


def _logs(target: Target, made: Made, config: Config) -> Iterator[str]:
    """Everything that was told stands in the logs of the outputs: the latest line of each item is kept."""
    for number, (name, selection) in enumerate(choices.selections(config).items(), 1):
        basis = selection.basis
        assert basis is not None, "an output whose log is kept"
        chosen = "" if name == "all" else f"WHERE {_feed(made)} % {FEW} = 1"
        every = f"FROM {target.series(1, made.entries)} {chosen}"
        seen, digest = _seen(target, made), f"{_digest(target)} || ':'"
        yield f"""INSERT INTO output_logs (id, name, identity, choice, facts, next_seq, filled, began_at, archived,
            closed_seq, closed_page) VALUES ({number}, '{name}', '{basis.identity}', '{basis.choice}', '{basis.facts}',
            {made.entries + 1}, {target.yes}, {target.at(str(made.began))}, {target.yes}, {made.entries}, 0)"""
        yield f"""INSERT INTO output_items (log_id, seq, item_id, kind, reason, entry_id, digest, at)
            SELECT {number}, n, {_urn(target, _STORY_URN)}, 'enter', 'settled', n, {digest}, {seen} {every}"""
        yield f"""INSERT INTO output_now (log_id, item_id, seq, story_id, entry_id, digest, sort_at, tie, entered_at)
            SELECT {number}, {_urn(target, _STORY_URN)}, n, n, n, {digest}, {seen}, n, {seen} {every}"""
