"""What the canary test calls and asks for: every command and page. A new one belongs here."""

from __future__ import annotations

from collections.abc import Mapping

# Every command, and how it is called; {NAME} is a canary's address (see `_words`). An empty tuple
# says that the command reads no configuration and no database.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "init": ("init", "init --base-url {malformed} --opml faulty.opml"),
    "run": ("run",),
    "once": ("once --all", "once --json"),
    "demo": (),
    "worker": ("worker",),  # refused: the canaries' engine is that of one process
    "config check": ("config check",),
    "migrate": ("migrate", "migrate --to nonsense"),
    "db copy": (
        "db copy postgresql://u:{malformed}@127.0.0.1:9/x new.db", "db copy aggregator.db new.db",
        "db copy none.db mysql://{unknown}",
    ),
    "backup": ("backup {unsubscribed}", "backup kept.backup", "backup aggregator.toml"),
    "restore": ("restore {unsubscribed}", "restore --yes aggregator.toml"),
    "status": (
        "status", "status --json", "status --failing --exit-code", "status --hosts", "status --hosts --json",
    ),
    "plan": ("plan", "plan --json", "plan --max-polls-per-hour 2", "plan --min-interval {malformed}"),
    "health": ("health",),
    "reload": ("reload", "reload --json"),
    "doctor": ("doctor", "doctor --json", "doctor --offline"),
    "explain": (
        "explain {article}", "explain --json {article}", "explain {unknown}",
        "explain --json {unknown}",
    ),
    "split": ("split {article}", "split {unknown}", "split {article} {unknown}"),
    "merge": ("merge {article} {unknown}", "merge {unknown} {article}"),
    "preview": (
        "preview {user info}", "preview --json {query token}", "preview --json {basic}",
        "preview {redirect loop}", "preview --json {not a feed}", "preview {malformed}",
        "preview --json {unsubscribed}",
    ),
    "discover": (
        "discover {path token}", "discover --json {part by file}", "discover {redirect nowhere}",
        "discover --json {not a feed}", "discover {malformed}", "discover {unsubscribed}",
    ),
    "feeds list": ("feeds list", "feeds list --json"),
    "feeds add": (
        "feeds add {error 403}", "feeds add --no-check {unknown}", "feeds add {malformed}",
        "feeds add --no-check --every nonsense {malformed}", "feeds add {unsubscribed}",
    ),
    "feeds remove": (
        "feeds remove {query token}", "feeds remove {malformed}", "feeds remove {absent}",
        "feeds remove {opml}",
    ),
    "feeds edit": (
        "feeds edit {query token} --every 3h --title T", "feeds edit {opml} --every 3h",
        "feeds edit {absent} --every 3h", "feeds edit {malformed} --every 3h", "feeds edit {opml} --title T",
    ),
    "feeds pause": ("feeds pause {query token} {opml}", "feeds pause {absent}", "feeds pause {malformed}"),
    "feeds resume": ("feeds resume {query token}", "feeds resume {malformed}"),
    "feeds poll": (
        "feeds poll {query token} {error 403} {part by file}", "feeds poll --json {error 403} {query token}",
        "feeds poll --failing", "feeds poll --failing --json --no-wait", "feeds poll {malformed}", "feeds poll {absent}",
        "feeds poll --category {malformed}",
    ),
    "feeds import": ("feeds import faulty.opml",),
    "feeds lists": ("feeds lists", "feeds lists --json"),
    "feeds accept": ("feeds accept {absent}", "feeds accept {malformed}"),
    "feeds export": ("feeds export", "feeds export -o exported.opml"),
    "outputs list": ("outputs list", "outputs list --json"),
    "outputs stats": ("outputs stats", "outputs stats --json", "outputs stats all", "outputs stats {absent}"),
    "outputs test": ("outputs test all --since 99d", "outputs test all --json --filter feed_id!=title"),
    "outputs purge": (
        "outputs purge all --feed {query token}", "outputs purge all --feed {malformed}",
        "outputs purge all --item {unknown}", "outputs purge {absent} --item x",
    ),
    "deliver list": ("deliver list", "deliver list --json"),
    "deliver retry": ("deliver retry ops", "deliver retry phones", "deliver retry {malformed}"),
    "dedupe test": (),
    "systemd": ("systemd",),
    "completion": (),
    "man": (),
}  # fmt: skip

# What the web server answers, by the route; {NAME} as above.
PAGES: Mapping[str, tuple[str, ...]] = {
    "/": ("/", "/?page=2"),
    "/style.css": ("/style.css",),
    "/icon.svg": ("/icon.svg",),
    "/health": ("/health",),
    "/ready": ("/ready",),
    "/metrics": ("/metrics",),
    "/robots.txt": ("/robots.txt",),
    "/status.{kind}": ("/status.atom", "/status.rss", "/status.json"),
    "/feeds/{file}": (
        "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/mine.atom",
        "/feeds/all.atom?q=article", "/feeds/mine.json?q=article",
        "/feeds/none.rss", "/feeds/all.html", "/feeds/all.opml", "/feeds/mine.opml",
        "/feeds/morning.atom", "/feeds/morning.rss", "/feeds/morning.json", "/feeds/morning.json?limit=9",
        "/feeds/morning.atom?q=article", "/feeds/brief.atom",
    ),
    "/feeds/{token}/{file}": (
        "/feeds/{output token}/mine.atom", "/feeds/{output token}/mine.rss",
        "/feeds/{output token}/mine.json", "/feeds/{output token}/former.json", "/feeds/{output token, second}/mine.atom",
        "/feeds/{output token by file}/other.json", "/feeds/{output token by file}/mine.atom",
        "/feeds/{output token}/mine.atom?q=article", "/feeds/guessed/mine.json?q=article",
        "/feeds/{output token}/mine.opml", "/feeds/guessed/mine.opml",
        "/feeds/{output token}/none.atom", "/feeds/guessed/mine.atom",
        "/feeds/{output token}/mine.atom/more",
        "/feeds/{output token by file}/brief.atom", "/feeds/{output token by file}/brief.json",
        "/feeds/{output token}/brief.atom",
    ),
    "/search": ("/search", "/search?q=article", "/search?q=article&in=mine"),
    "/search/{token}": (
        "/search/{output token}", "/search/{output token}?q=article", "/search/guessed?q=article",
        "/search/{output token by file}?q=article",
    ),
    "/read.css": ("/read.css",),
    "/read.js": ("/read.js",),
    "/feed.css": ("/feed.css",),
    "/read/{name}": ("/read/all", "/read/mine", "/read/none", "/read/all?after=nonsense", "/read/morning", "/read/brief"),
    "/read/{above}/{below}": (
        "/read/{output token}/mine", "/read/{output token, second}/mine", "/read/{output token}/former",
        "/read/{output token by file}/other", "/read/{output token by file}/mine", "/read/guessed/mine",
        "/read/{output token by file}/brief", "/read/{output token}/brief",
        "/read/{output token}/all", "/read/all/00000000-0000-4000-8000-000000000000",
    ),
    "/read/{token}/{name}/{item}": (
        "/read/{output token}/mine/00000000-0000-4000-8000-000000000000", "/read/guessed/mine/nonsense",
    ),
    "/hub": ("/hub",),
    "/websub/{token}": ("/websub/guessed?hub.mode=subscribe&hub.topic={topic}",),
}  # fmt: skip

# Where bytes leave; each is one test. Everything that the run keeps begins with one of these.
DOORS = (
    "page", "log", "command", "beside the daemon", "port in use", "public files", "private files",
    "asked of", "faulty", "variables", "database", "temporary files", "command line of a process",
)  # fmt: skip
