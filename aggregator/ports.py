"""The edges, as small protocols: what the flow needs from outside, and who runs it.

Pure stages never see these. The pipeline sees nothing else of HTTP, SQL, processes and files, so
each edge can be replaced as a whole (a distributed engine, a fault in a test).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol, TypeVar

from aggregator.config.config import Config
from aggregator.dedupe.candidates import EntrySource
from aggregator.dedupe.readings import KeysOf, Reading
from aggregator.model import (
    Absence,
    ArchiveBounds,
    Article,
    ArticleTask,
    AskedPoll,
    ClaimedFeed,
    Cursor,
    Document,
    DueEdition,
    Edition,
    EditionCut,
    EditionNews,
    EngineStats,
    Explained,
    FeedPlace,
    FeedStatus,
    FoundItems,
    Guards,
    HealthEvent,
    HostCount,
    HostLeaseAnswer,
    HostStatus,
    Item,
    ItemPlace,
    JudgedEntry,
    KnownEntry,
    LatestPage,
    Lease,
    Maker,
    NamedItem,
    NewItems,
    OperatorEdit,
    OutputFeed,
    OutputSummary,
    PageBody,
    PageLines,
    PageNumber,
    PollOutcome,
    PostedRequest,
    Rejudged,
    Rendered,
    Request,
    Response,
    RobotsCopy,
    Selection,
    SettleOrder,
    SettleStats,
    StandingItems,
    Status,
    StoredEntry,
    StoredPage,
    Subscription,
    TaskLimits,
    TextJudgement,
    TriedItem,
)
from aggregator.select.search_query import SearchQuery

T = TypeVar("T")


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Fetcher(Protocol):
    """The one door for outgoing requests: guarded, polite, bounded."""

    async def fetch(self, request: Request) -> Response:
        """Make one GET; follow redirects within the cap, each hop guarded anew.

        Waits for the host's slot first. Returns status 200, 226 or 304; raises a
        :class:`~aggregator.errors.FetchError` subclass for everything else, always within the
        deadline plus the wait for the host's slot. A 304 is only ever returned for a request
        with validators that belong to the URL that answered.
        """
        ...


class Poster(Protocol):
    """The same door, for the requests that ask a hub for something."""

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        """POST ``form`` (application/x-www-form-urlencoded); the answer has a status, no body.

        Guarded, polite and bounded like a fetch; 307 and 308 are followed, with the form. Raises a
        :class:`~aggregator.errors.FetchError` subclass for everything but a 2xx.
        """
        ...


class Workers(Protocol):
    """Processes for work on strangers' bytes: bounded in time and memory, replaceable."""

    async def run(
        self,
        function: Callable[..., T],
        *args: object,
        limits: TaskLimits,
        ahead: bool = False,
        **named: object,
    ) -> T:
        """Call the picklable ``function(*args, **named)`` in a worker and return its result.

        Few wait for their turn in front of one that goes ``ahead``, however many are to be done.

        Raises what the function raises; :class:`~aggregator.errors.WorkerTimeout` when it took more
        time than ``limits`` say (it is killed), ``WorkerMemory`` when it asked for more memory,
        ``WorkerCrashed``.
        """
        ...


class FeedStore(Protocol):
    """Feeds and their entries."""

    async def make_due(self, now: datetime) -> None:
        """Make every active feed due, also those that are gone."""
        ...

    async def ask_for_polls(
        self, keys: Collection[str], now: datetime, ahead: timedelta
    ) -> Mapping[str, AskedPoll]:
        """Make the feeds of ``keys`` due, ``ahead`` of all that is due at ``now``; how each stands.

        One that is gone is asked once more; of one that is being polled nothing changes.
        """
        ...

    async def claim_due(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        busy_hosts: Collection[str] = (),
        per_host: int | None = None,
        in_hand: Collection[int] = (),
    ) -> list[ClaimedFeed]:
        """Lease up to ``limit`` feeds whose next poll has come, longest overdue first.

        At most ``per_host`` of each host, none of ``busy_hosts``: they would only wait for their
        host, and hold the places of others meanwhile. No other caller, in this or another process,
        gets them before the lease ends; nor does the caller itself get those that it has
        ``in_hand`` (ids), whose leases may have ended while their renewal waited for its slot.
        """
        ...

    async def claim_probe(self, now: datetime, lease_for: timedelta) -> list[ClaimedFeed]:
        """Lease one feed, due or not, to find out whether an outage of our network is over.

        The one polled longest ago of those that did not fail before it, so that each has its turn;
        none of a host that rests.
        """
        ...

    async def claim_feed(
        self, feed_id: int, now: datetime, lease_for: timedelta
    ) -> ClaimedFeed | None:
        """Lease one active feed, due or not; None while someone else holds it."""
        ...

    async def forgive(self, next_polls: Mapping[int, datetime]) -> None:
        """Take back the one failure counted against each of these feeds: it was our network.

        They are polled at the given times. A feed whose last poll did not fail is left alone.
        """
        ...

    async def spread_due(
        self, now: datetime, interval: timedelta, own: Mapping[str, timedelta]
    ) -> None:
        """Spread what is due, and what an outage kept from being polled, over a few minutes.

        ``interval`` is the shortest between two polls of a feed; ``own`` is that of feeds (by their
        keys) that have one. Feeds under a lease stay.
        """
        ...

    async def release(self, feed_id: int, lease: Lease) -> None:
        """Give a claimed feed back unpolled; it is due again at once. A lost lease is ignored."""
        ...

    async def renew(self, held: Sequence[ClaimedFeed], until: datetime) -> None:
        """Extend the leases on feeds that are still being worked on; lost ones stay lost."""
        ...

    async def known_entries(self, feed_id: int, identities: Sequence[str]) -> list[KnownEntry]:
        """The feed's stored entries that have or had one of ``identities`` or are marked as listed."""
        ...

    async def aliases(self, feed_id: int, identities: Sequence[str]) -> dict[str, int]:
        """Those of ``identities`` that the feed's entries had before → their ids."""
        ...

    async def stored_entries(self, entry_ids: Sequence[int]) -> list[StoredEntry]:
        """The words of these entries, by which they are known again under another identity."""
        ...

    async def text_sources(self, feed_id: int) -> list[str]:
        """Sources of the texts of the feed's latest articles (:class:`~aggregator.model.Article`)."""
        ...

    async def forgotten(self, feed_id: int, identities: Sequence[str]) -> set[str]:
        """Those of ``identities`` that retention dropped earlier: never new again."""
        ...

    async def feeds_with_filtered(self) -> list[tuple[int, str, str]]:
        """Active feeds that have dropped entries: id, key and each digest that dropped some."""
        ...

    async def filtered_entries(
        self, feed_id: int, digest: str, after: int, limit: int
    ) -> list[JudgedEntry]:
        """Entries of the feed that others than ``digest`` dropped, by id, beyond the id ``after``."""
        ...

    async def rejudge(self, judged: Sequence[Rejudged]) -> int:
        """Write new judgements on dropped entries, one transaction; return how many are let in.

        What a poll judged meanwhile stands.
        """
        ...

    async def commit_poll(self, outcome: PollOutcome, lease: Lease) -> list[int]:
        """Write all that a poll found in one transaction, end the lease, return new entries' ids.

        Raises :class:`~aggregator.errors.LeaseLost` and writes nothing when the lease was taken
        over.
        """
        ...


class ArticleStore(Protocol):
    """Article pages, one per canonical URL, shared by all entries that link to it."""

    async def claim_articles(
        self, now: datetime, lease_for: timedelta, limit: int, busy_hosts: Collection[str]
    ) -> list[ArticleTask]:
        """Lease up to ``limit`` pages that are to be fetched, newest first, a few of each host.

        None is of a host in ``busy_hosts``: it would only wait for its host.
        """
        ...

    async def claim_article(
        self, article_id: int, now: datetime, lease_for: timedelta
    ) -> ArticleTask | None:
        """Lease one page, to be fetched by now or not; None while someone else holds it.

        None, too, when there is no such page.
        """
        ...

    async def release_article(self, task: ArticleTask) -> None:
        """Give a claimed page back untried."""
        ...

    async def renew_articles(self, held: Sequence[ArticleTask], until: datetime) -> None:
        """Extend the leases on pages that are still being worked on; lost ones stay lost."""
        ...

    async def commit_article(
        self, task: ArticleTask, article: Article, final_url: str, blocks: bytes = b""
    ) -> None:
        """Store the text; every entry that waited for it becomes ready for deduplication.

        ``blocks`` are digests of what the page holds: what tasks of its host's pages get from now on.
        """
        ...

    async def postpone_article(self, task: ArticleTask, until: datetime) -> None:
        """Give a claimed page back, not to be claimed before ``until``; it counts as no attempt."""
        ...

    async def fail_article(
        self, task: ArticleTask, error: str, retry_at: datetime | None, blocks: bytes = b""
    ) -> None:
        """Note the failure; ``retry_at`` None gives up. Waiting entries go on with the feed's text."""
        ...


class StoryStore(Protocol):
    """Stories: entries that tell the same."""

    async def release_overdue(self, now: datetime, max_wait: timedelta) -> int:
        """Let entries go on that have waited longer than ``max_wait`` for their page."""
        ...

    async def ready_sources(self, limit: int, order: SettleOrder) -> list[EntrySource]:
        """Sources of up to ``limit`` ready entries, the first ones in ``order``, to be read before they settle."""
        ...

    async def settle(
        self,
        limit: int,
        now: datetime,
        window: timedelta,
        keys_of: KeysOf,
        near: bool = True,
        *,
        order: SettleOrder = SettleOrder.FIRST_COME,
        searchable: bool = True,
        outputs: Collection[Selection] = (),
        readings: Mapping[EntrySource, Reading] = MappingProxyType({}),
        judge: Callable[[JudgedEntry, bool], TextJudgement] | None = None,
    ) -> SettleStats:
        """Attach up to ``limit`` ready entries to stories by their keys and texts; count them.

        The first ones in ``order``; of those the founder of a story is the oldest. Their words are found by :meth:`OutputStore.search_items` from then on if ``searchable``, else once it is.
        ``near`` False compares no texts. ``readings`` were made before, by the same ``keys_of``; what still
        says the same is not read again. An entry that changed leaves its story when nothing ties
        it to the others any more; one that the operator put there stays.
        Those that ``judge`` drops, asked with whether an entry was let in before, join none; what it names them is stored.

        Search and attachment are serialised between processes; all of it is one transaction.
        The decisions are :func:`aggregator.dedupe.assign.assign`'s and
        :func:`aggregator.dedupe.represent.best`'s. What changes in ``outputs`` is written in their
        logs: :func:`aggregator.select.decide.decide`.
        """
        ...

    async def ready_since(self) -> datetime | None:
        """The time at which the entry that waits longest for its story became ready; None: none waits."""
        ...


class OutputStore(Protocol):
    """Outputs: the merged feeds and their bytes."""

    async def version(self) -> int:
        """A counter that grows with every change that an output might show."""
        ...

    async def catch_up(self, selections: Collection[Selection]) -> None:
        """Bring the logs of these outputs up to date: what is due is decided, windows are filled."""
        ...

    async def load_items(self, selection: Selection) -> list[Item]:
        """The stories of an output, newest first, each ready to be rendered."""
        ...

    async def search_items(
        self, selection: Selection, query: SearchQuery, below: int | None = None
    ) -> FoundItems:
        """Up to ``selection.limit`` items of an output that ``query`` finds, the latest first.

        Only what the output may show is found. ``below``: :attr:`FoundItems.below` of an answer,
        to go on where it ended.
        """
        ...

    async def standing_items(
        self, selection: Selection, below: ItemPlace | None = None
    ) -> StandingItems | None:
        """Up to ``selection.limit`` items that stand in an output, the latest first; those below ``below``.

        Also what the window has no room for any more. None: the output's log is not filled yet.
        """
        ...

    async def named_item(self, selection: Selection, item_id: str) -> NamedItem | None:
        """The item of an output with this id, or what became of it. None: the log is not filled yet."""
        ...

    async def remember_rendering(
        self,
        name: str,
        kind: str,
        digest: str,
        now: datetime,
        maker: Maker,
        cursor: Cursor | None = None,
    ) -> tuple[datetime, Cursor | None]:
        """The time since which output ``name`` has these bytes in format ``kind``: now for a new ``digest``.

        With the place in its log that they were first made at: ``cursor`` for a new one. ``maker``
        made them, whether or not they are new.
        """
        ...


class ArchiveStore(Protocol):
    """Archive pages of outputs. ``names`` are all that an output has or had."""

    async def cursor(self, selection: Selection) -> Cursor | None:
        """The place of the latest line of an output's log; None: it has none that can be read."""
        ...

    async def items_since(
        self, selection: Selection, since: Cursor | datetime, most: int
    ) -> NewItems | None:
        """The first ``most`` items that entered or changed after ``since``; None: it is of no log that stands."""
        ...

    async def next_page(
        self, selection: Selection, names: Sequence[str], most: int | None = None
    ) -> PageLines | None:
        """The lines that are to be closed as a page next; None: there are too few."""
        ...

    async def close_page(
        self, lines: PageLines, bodies: Sequence[PageBody], guards: Guards
    ) -> bool:
        """Store a page for good, in one transaction; False where its lines were closed meanwhile."""
        ...

    async def publish_again(self) -> None:
        """Have outputs rendered once more, since not all that there was to close is closed."""
        ...

    async def open_page(self, selection: Selection, names: Sequence[str]) -> PageLines | None:
        """The latest lines that are in no closed page; None where the output has no log that can be read."""
        ...

    async def latest_page(
        self, selection: Selection, names: Sequence[str], window: Collection[str]
    ) -> LatestPage | None:
        """The page that follows on the ``window`` (ids of items); None: there is none yet.

        The open one where the window tells nothing of some of its lines.
        """
        ...

    async def find_page(
        self, names: Sequence[str], page: PageNumber, kind: str, allowed: str
    ) -> StoredPage | Absence:
        """A closed page, or the reason why there is none to be had; ``allowed``: :attr:`Guards.digest`."""
        ...

    async def page_body(self, page: PageNumber, kind: str) -> PageBody | None:
        """The bytes of a closed page."""
        ...

    async def stored_pages(
        self, names: Sequence[str], allowed: str, after: PageNumber | None = None
    ) -> list[StoredPage]:
        """All closed pages that may be given out, in each format, beyond ``after``."""
        ...

    async def look_through(self, names: Sequence[str], guards: Guards) -> int:
        """Take out of all pages made by other guards what may not be told any more; how many were they?"""
        ...

    async def revision(self) -> int:
        """A number that grows when something is taken out of closed pages."""
        ...

    async def drop_pages(self, bounds: Mapping[str, ArchiveBounds]) -> None:
        """Drop pages past the bounds of their outputs, by all names that these have or had."""
        ...


class EditionStore(Protocol):
    """Editions of outputs with a digest. ``names`` are all that an output has or had, the present one first."""

    async def begin_editions(self, selection: Selection, names: Sequence[str]) -> bool:
        """Let editions tell what enters from now on, where they do not yet; False: it cannot be said yet."""
        ...

    async def edition_cut(self, names: Sequence[str]) -> EditionCut | None:
        """The place up to which editions have told the output's log; None: they have not begun."""
        ...

    async def edition_news(self, selection: Selection, names: Sequence[str]) -> EditionNews | None:
        """News for the output's next edition; None while its log cannot be read."""
        ...

    async def store_edition(
        self,
        names: Sequence[str],
        news: EditionNews,
        due: DueEdition,
        edition: Edition | None,
        guards: Guards,
    ) -> bool:
        """Store the edition (None: there is nothing to tell) with the next cut, in one transaction.

        False where another process did meanwhile.
        """
        ...

    async def latest_editions(
        self,
        names: Sequence[str],
        guards: Guards,
        most: int,
        *,
        below: int | None = None,
        above: int = 0,
        since: datetime | None = None,
    ) -> tuple[list[Edition], bool]:
        """The latest editions, at most so many of them; are there older ones?"""
        ...

    async def edition_called(
        self, names: Sequence[str], guards: Guards, uid: str
    ) -> Edition | None:
        """The edition with this id."""
        ...

    async def look_through_editions(self, names: Sequence[str], guards: Guards) -> int:
        """Take out of editions what may not be told any more; how many were looked through?"""
        ...

    async def drop_editions(self, kept: Mapping[str, int]) -> None:
        """Drop editions beyond the number that each output keeps, by all names that outputs have or had."""
        ...


class ArchiveFiles(Protocol):
    """Archive pages as files, beside the windows of their outputs. Calls block on the disk."""

    def keeps(self, output: OutputFeed) -> bool:
        """True where files are written of the output."""
        ...

    def has_page(self, output: OutputFeed, file: str, version: str, modified: datetime) -> bool:
        """True where ``file`` is as :meth:`write_page` left it with the same ``version`` and ``modified``."""
        ...

    def write_page(
        self, output: OutputFeed, file: str, version: str, modified: datetime, body: bytes
    ) -> None:
        """Write a page, whole or not at all; raises :class:`~aggregator.errors.PublishError`."""
        ...

    def prune_pages(self, output: OutputFeed, wanted: Collection[str]) -> None:
        """Remove the files of all other pages of the output."""
        ...


class Retention(Protocol):
    """Forgetting."""

    async def drop_old(
        self,
        now: datetime,
        max_age: timedelta,
        max_entries: int,
        selections: Collection[Selection],
    ) -> int:
        """Drop what is past its age or its feed's count; return how many.

        In short transactions: whoever writes meanwhile waits for none of them long.
        Never what one of ``selections`` shows, nor what its feed still lists. Zero: no bound.
        """
        ...


class OperatorEdits(Protocol):
    """Story edits by the operator. They stick: settling moves none of the entries concerned."""

    async def split(self, entry_id: int, apart_from: int | None = None) -> OperatorEdit:
        """Take an entry out of its story; with ``apart_from`` only if that one is in it too.

        Raises :class:`~aggregator.errors.StoreError` when there is no such entry, or nothing to
        split.
        """
        ...

    async def merge(self, first_id: int, second_id: int) -> OperatorEdit:
        """Make the stories of two entries one.

        Raises :class:`~aggregator.errors.StoreError` when one of them is not there or has no story
        yet, or when they are in one story already.
        """
        ...


class Overview(Protocol):
    """Feeds, totals and hosts, each read from one consistent snapshot."""

    async def status(
        self,
        titles: Mapping[str, str],
        categories: Mapping[str, Sequence[str]],
        limit: int | None = None,
        after: FeedPlace | None = None,
        hidden: Collection[str] = (),
        *,
        failing: bool = False,
    ) -> Status:
        """Up to ``limit`` active feeds from the one behind ``after`` on, and the totals.

        ``titles`` and ``categories`` are the operator's, by feed key. Those with a key in ``hidden``,
        all of which are active, are neither listed nor counted. ``failing``: no others are listed.
        """
        ...

    async def feeds(self, keys: Collection[str], titles: Mapping[str, str]) -> list[FeedStatus]:
        """Those of the feeds ``keys`` that are active, by key; ``titles`` are the operator's."""
        ...

    async def hosts(self, now: datetime) -> list[HostStatus]:
        """Every host asked in the 24 hours before ``now``, and every cooldown; most asked first."""
        ...


class Reports(Overview, Protocol):
    """Answers for operators, each read from one consistent snapshot."""

    async def find_entries(self, what: str) -> list[int]:
        """Ids of the entries that ``what`` names, ascending, at most 50.

        It is a row id, a public id, a guid, or the address of an entry or of its page.
        """
        ...

    async def explain(
        self,
        what: str,
        selections: Mapping[str, Selection],
        ruled: Callable[[JudgedEntry], str] | None = None,
    ) -> list[Explained]:
        """Everything known of the entries that ``what`` names, by id; empty when there is none.

        ``selections`` are the outputs, by name; ``ruled`` tells the part of filters and rules in what
        became of an entry.
        """
        ...

    async def health(self, titles: Mapping[str, str], limit: int) -> list[HealthEvent]:
        """Up to ``limit`` health events that are told, the latest first.

        ``titles`` are the operator's, by feed key.
        """
        ...

    async def outputs(self, selections: Mapping[str, Selection]) -> list[OutputSummary]:
        """Summaries of these outputs, by their names, in their order."""
        ...

    async def try_output(self, selection: Selection, since: datetime) -> list[TriedItem]:
        """The stories that ``selection`` would take and drop, with a place from ``since`` on."""
        ...


class Store(
    FeedStore,
    ArticleStore,
    StoryStore,
    OutputStore,
    ArchiveStore,
    EditionStore,
    Retention,
    Protocol,
):
    """Everything the pipeline keeps."""


class HostStatsStore(Protocol):
    """Request counts and cooldowns of hosts."""

    async def cooldowns(self, now: datetime) -> Mapping[str, datetime]:
        """Hosts and domains in a cooldown, and its end."""
        ...

    async def note(
        self, counts: Sequence[HostCount], cooldowns: Mapping[str, datetime], now: datetime
    ) -> None:
        """Add ``counts`` to what was counted before; a cooldown is only ever made longer."""
        ...

    async def forget(self, now: datetime) -> None:
        """Drop what is older than anybody asks for."""
        ...


class HostLeases(Protocol):
    """Host leases between processes: they end when their holder dies."""

    async def acquire(self, host: str, group: str) -> HostLeaseAnswer:
        """Ask for the lease on ``host``, refused while ``group`` (its domain) is in a cooldown."""
        ...

    async def release(self, host: str, gap: float, cooldowns: Mapping[str, float]) -> None:
        """End our lease on ``host``; the next may begin in ``gap`` seconds.

        ``cooldowns`` (host or domain → seconds) begin at the same moment, so nobody slips in
        between. A lease that is not ours (any more) is left alone.
        """
        ...

    async def renew(self, hosts: Collection[str]) -> None:
        """Extend our leases on ``hosts``; lost ones stay lost."""
        ...


class RobotsCache(Protocol):
    """Copies of robots.txt files, for other processes and the next start."""

    async def load(self, origin: str) -> RobotsCopy | None:
        """The stored copy for ``origin`` (``scheme://host[:port]``)."""
        ...

    async def save(self, origin: str, copy: RobotsCopy) -> None:
        """Store ``copy`` in place of what was there."""
        ...


class SubscriptionStore(Protocol):
    """Subscriptions at hubs."""

    async def reconcile(self, base: str | None, now: datetime) -> tuple[int, int]:
        """Want one for each active feed that names a hub, reached at ``base``; end the others.

        ``base`` None wants none. Returns how many are newly wanted, and how many are to end.
        """
        ...

    async def claim_requests(
        self, now: datetime, limit: int, retry_at: Callable[[int], datetime]
    ) -> list[Subscription]:
        """Up to ``limit`` subscriptions for which a hub is to be asked now.

        Each counts as asked and unanswered from here on, and falls due again at ``retry_at`` of its
        failures, unless the hub verifies it before.
        """
        ...

    async def request_failed(self, subscription: Subscription, error: str) -> None:
        """Note why the request that was claimed as ``subscription`` failed."""
        ...

    async def by_token(self, token: str) -> Subscription | None:
        """The subscription whose callback holds ``token``."""
        ...

    async def confirm(
        self, subscription: Subscription, now: datetime, lease_until: datetime, renew_at: datetime
    ) -> None:
        """It is active; the first time its feed becomes due, for what happened meanwhile."""
        ...

    async def deny(
        self, subscription: Subscription, reason: str, retry_at: datetime, poll_by: datetime
    ) -> None:
        """The hub refuses it; its feed is polled by ``poll_by`` at the latest."""
        ...

    async def drop(self, subscription: Subscription) -> None:
        """It is over."""
        ...

    async def poll_by(self, feed_id: int, when: datetime) -> datetime:
        """Bring the feed's next poll forward to ``when`` at the latest; what was planned before."""
        ...

    async def catch_up(self, now: datetime, within: timedelta) -> int:
        """Spread polls of all feeds with an active subscription over ``within``; count them.

        For a process that was away: hubs may have called in vain.
        """
        ...


class RequestBox(Protocol):
    """Requests of commands to the daemons on a database that several machines share."""

    async def newest(self) -> int:
        """The latest request's id; 0: there is none."""
        ...

    async def post(self, body: str, lasts: timedelta, *, for_all: bool) -> int:
        """Ask with ``body`` for as long as it ``lasts``, one daemon or ``for_all``; the request's id."""
        ...

    async def take(self, after: int, seen: Collection[int]) -> list[PostedRequest]:
        """Requests for one daemon that nobody took yet, and those for all with an id ``after`` that, not ``seen``."""
        ...

    async def answer(self, request_id: int, body: str) -> None:
        """Answer a request that was taken; one that has ended meanwhile is let be."""
        ...

    async def answers(self, request_id: int) -> Sequence[str]:
        """Answers given so far."""
        ...

    async def withdraw(self, request_id: int) -> None:
        """Nobody waits for the request any more."""
        ...


class Publisher(Protocol):
    """The place that rendered outputs go to."""

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Make ``rendered`` what subscribers get, each atomically."""
        ...


class Engine(Protocol):
    """Whoever runs the flow: looks for due work when told to, bounds it, and ends it in order."""

    @property
    def stats(self) -> EngineStats:
        """Counts since it started."""
        ...

    @property
    def last_tick(self) -> datetime | None:
        """The time of the last :meth:`tick`; None before the first."""
        ...

    @property
    def polling(self) -> bool:
        """True while polls are under way."""
        ...

    @property
    def network_down(self) -> bool:
        """True while no host answers, which is no host's fault."""
        ...

    def tick(self) -> None:
        """Look for due feeds, pages to fetch, entries to settle and outputs to publish."""
        ...

    async def publish(self, outputs: Collection[str]) -> None:
        """Render these outputs now, from what is stored."""
        ...

    def publish_anew(self) -> None:
        """Render at the next opportunity, also when the store did not change."""
        ...

    async def reconfigure(self, config: Config) -> None:
        """Work by ``config`` from the next piece of work on; no rendering by the one before goes on then."""
        ...

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        ...

    async def stop(self) -> None:
        """Drain: finish what runs, release what does not end in time, publish what is stored."""
        ...

    async def run_once(self, *, all_feeds: bool) -> None:
        """Poll what is due (or every feed), run every step to the end, publish."""
        ...

    async def forget(self) -> int:
        """Drop what is past the operator's retention; return how many entries went."""
        ...

    async def ingest(self, feed_id: int, document: Document, planned: datetime) -> bool:
        """Take in a document of a feed that was not polled; False when the feed is not to be had.

        Waits for a poll of the feed that is under way. The feed's next poll is put back to where it
        was ``planned``. A document that cannot be understood is logged and dropped.
        """
        ...
