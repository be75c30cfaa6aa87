"""Faults in a configuration that stand beside a secret, or are one: each is put below a sound file.

``{}`` becomes a canary, ``{at}`` a host and its port.
"""

from __future__ import annotations

from collections.abc import Iterator


def _feed(text: str) -> str:
    return f"\n[[feeds]]\n{text}\n"


# What is no address of a feed, though it holds secrets: all in one file, each a fault of its own.
_ADDRESSES = (
    'url = "http://u:{}/{}@h.example/feed"',
    'url = "http://u:{}?{}@h.example/feed"',
    'url = "http://u:{}#{}@h.example/feed"',
    'url = "http://u:[{}]{}@h.example/feed?token={}"',
    'url = "http://{}:{} {}@h.example/feed?token={} {}"',
    'url = "{}:{}@h.example/feed?token={}"',
    'url = "ftp://{}:{}@h.example/feed/private/{}/x"',
    'url = "http://{}:{}@h.example:port/feed?token={}"',
    'url = ["http://{}:{}@h.example/feed"]',
)

FAULTY = {
    "addresses": "".join(_feed(text) for text in _ADDRESSES),
    "unknown keys": _feed(
        'url = "http://h.example/a"\npasword = "{}"\n"http://u:{}@h.example" = 1'
    ),
    "wrong types": _feed(
        'url = "http://{}:{}@h.example/feed"\nevery = "http://u:{}@h.example"\nrank = "http://u:{}@h.example/?token={}"\n'
        'title = ["{}"]\npublic_url = "http://{}:{}@h.example/?token={}"\nid = "two words"'
    ),
    "options": _feed(
        'url = "http://h.example/b"\n[feeds.options]\nusername = "{}:{}"\npassword = ["{}"]\n'
        'bearer = "{} {}"\nproxy = "socks5://{}:{}@h.example"\nheaders = {{ "X Key" = "{}", '
        'X-Other = "{}\\n{}" }}\ncookies = {{ a = "{};{}" }}\nuser_agent = 7'
    ),
    "options in one text": _feed('url = "http://h.example/c"\noptions = "{}:{}"'),
    "credentials twice": _feed(
        'url = "http://h.example/d"\n[feeds.options]\nusername = "{}"\nbearer = "{}"'
    ),
    "broken TOML": '\n[[feeds]]\nurl = "http://{}:{}@h.example/feed?token={}\n',
    "broken TOML, bare": "\n[[feeds]]\nurl = http://{}:{}@h.example/feed?token={}\n",
    "broken TOML, key": '\n[[feeds]]\n{} = {} "{}"\n',
    "a key twice": '\n[[feeds]]\nurl = "http://u:{}@h.example/"\nurl = "http://u:{}@h.example/"\n',
    "a table twice": '\n[database]\nurl = "postgresql://u:{}@h.example/d"\n',
    "a feed twice": _feed('url = "http://{}:{}@h.example/feed"')
    + _feed('url = "http://{}:{}@h.example/feed"'),
    "a feed twice, alike": _feed('url = "http://h.example/feed?token={}"')
    + _feed('url = "http://h.example/feed?token={}"'),
    "an id twice": _feed('url = "http://h.example/e?token={}"\nid = "x"')
    + _feed('url = "http://h.example/f?token={}"\nid = "x"'),
    "no such variable": _feed('url = "http://u:{}@h.example/${{env:NOWHERE}}?token={}"'),
    "no such file": _feed('url = "http://u:{}@h.example/${{file:/nowhere}}?token={}"'),
    "weak tokens": '\n[[outputs]]\nname = "weak"\ntoken = ["{}!", 7, "short{}/{}"]\nfiles = "public/x"\n',
    "a token that is none": '\n[[outputs]]\nname = "odd"\ntoken = {{ other = "{}" }}\n',
}

# Settings from the environment: variable, value, command.
VARIABLES = {
    "right": (
        "AGGREGATOR_FEEDS",
        '[{{url = "http://{}:{}@127.0.10.1/feed?token={}"}}]',
        "feeds list --json",
    ),
    "wrong kind": ("AGGREGATOR_FEEDS", "http://u:{}@127.0.10.1/feed?token={}", "config check"),
    "broken": (
        "AGGREGATOR_FEEDS",
        '[{{url = "http://u:{}@h/feed?token={}" "{}"}}]',
        "config check",
    ),
    "outputs": (
        "AGGREGATOR_OUTPUTS",
        '[{{name = "all", token = ["{}", 7, "s{}"]}}]',
        "config check",
    ),
    "password": ("AGGREGATOR_DATABASE__PASSWORD", "{}", "config check"),
    "port": ("AGGREGATOR_SERVER__PORT", "http://u:{}@h/", "config check"),
    "base": ("AGGREGATOR_BASE_URL", "http://u:{}@h.example/?token={}", "config check"),
    "feeds by file": ("AGGREGATOR_FEEDS_FILE", '[{{url = "ftp://u:{}@h.example/{}"}}]', "run"),
}
DATABASE = "AGGREGATOR_DATABASE__URL"


def databases(place: str, closed_port: int) -> Iterator[tuple[str, str, str]]:
    """Name, address, command: ``place`` is one that answers, nobody listens at ``closed_port``.

    ``{{}}`` in an address becomes a canary, ``{user}`` and ``{password}`` those that are known.
    """
    down = f"127.0.0.1:{closed_port}/name"
    yield "database refused", "postgresql://{user}:{{}}@" + place, "status"
    yield "database down", "postgresql://{user}:{{}}%2F@" + down, "run"
    yield "database down", "postgresql://{{}}:{{}}@" + down, "config check"
    yield "database down", "postgresql://{{}}:{{}}/{{}}?{{}}@" + down, "once"
    yield "database, unescaped", "postgresql://{user}:{password}@" + down, "status"
    yield "database, no driver", "mysql://{{}}:{{}}/{{}}@h.example/d?password={{}}", "config check"
    yield (
        "database, odd option",
        f"postgresql://{place}?sslpassword={{{{}}}}&odd={{{{}}}}",
        "status",
    )
    yield "database query", f"postgresql://{down}?user={{{{}}}}&password={{{{}}}}", "status"
    yield "database query", f"postgresql://{down}?user={{{{}}}}&password={{{{}}}}", "config check"
    yield "database by file", "postgresql://{{}}:{{}}@" + down + "?password={{}}", "status"
    yield "database by file", "{{}} {{}}", "config check"
    yield "database by env", "oracle://{{}}:{{}}@h/d", "config check"
