"""The table of queries and paths that hold a token, service by service and habit by habit.

The tests hold as many addresses without one (a channel's id, a tag, a page number): a row that is
too wide hides a feed from its subscribers, one that is too narrow shows a secret to all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# Names that say what the value is, whatever it looks like; "-" and "_" are left out and case is.
_STRONG = frozenset(
    {"token", "accesstoken", "auth", "authtoken", "authkey", "authorization", "privatetoken",
     "feedtoken", "rsstoken", "usertoken", "usertokens", "refreshtoken", "idtoken", "apitoken",
     "tokenauth", "sessiontoken", "apikey", "apisecret", "appkey", "secret", "secretkey",
     "clientsecret", "sharedsecret", "password", "passwd", "passwort", "pwd", "passphrase",
     "signature", "sig", "jwt", "bearer", "credential", "credentials", "ospassword", "osusername",
     "userkey", "feedkey", "rsskey", "privatekey", "accesskey", "loginkey", "passkey", "torrentpass",
     "slurm", "xamzsignature", "xamzcredential", "xamzsecuritytoken", "xgoogsignature",
     "xgoogcredential", "awsaccesskeyid", "googleaccessid", "xosssignature", "ossaccesskeyid",
     "phpsessid", "jsessionid", "hmac", "wsse", "otp", "pin", "magic", "unlockcode", "apipassword",
     "memberkey", "subscriberkey"}
)  # fmt: skip
# Names that are often harmless: a token only where the value looks drawn at random.
_WEAK = frozenset(
    {"key", "k", "u", "uid", "user", "userid", "hash", "h", "code", "id", "t", "s", "a", "p", "x",
     "pass", "login", "member", "memberid", "subscriber", "subscription", "private", "feed", "access",
     "cred", "hdnea", "policy", "sign", "checksum", "digest", "nonce", "share", "rss", "uuid",
     "guid", "customer", "account", "accountid", "profile", "identity", "email", "ref", "st", "e",
     "session", "sessionid", "sid", "sessid", "ticket", "invite"}  # of a parliament, of a tracker
)  # fmt: skip
# A strong name with such a value asks for something: `auth=digest` of LiveJournal, `auth=no`.
_SWITCHES = frozenset(
    {"on", "off", "true", "false", "yes", "no", "none", "0", "1", "digest", "basic"}
)
_PASSWORDS = frozenset({"password", "passwd", "passwort", "pwd", "passphrase", "ospassword", "pin"})
# Where a weak name names something public, at these hosts (and below them).
_PUBLIC_PARAMETERS = (
    ("youtube.com", {"id", "user", "t", "s"}),
    ("news.google.com", {"id"}),
)
# Names that say "here comes the token", at these hosts only.
_PARAMETERS_AT = (
    ("reddit.com", {"feed"}),
    ("bandcamp.com", {"pk"}),
    ("blob.core.windows.net", {"sig", "skoid", "sktid"}),
)
# The segment after such a beginning of the path is the token: host ("" is any), beginning.
_SEGMENT_AFTER = tuple(
    (host, re.compile(beginning, re.IGNORECASE))
    for host, beginning in (
        ("supportingcast.fm", r"(?:content|feed|feeds|rss)/"),
        ("supercast.tech", r"feeds/"),
        ("supercast.com", r"feeds/"),
        ("subscribers.transistor.fm", r""),
        ("access.acast.com", r"rss/[^/]+/"),
        ("plus.acast.com", r"(?:s|rss|feeds)/[^/]+/"),
        ("feed.podbean.com", r"[^/]+/premium/"),
        ("glow.fm", r"(?:feed|feeds|rss)/"),
        ("kill-the-newsletter.com", r"feeds/"),
        ("feedbin.com", r"(?:starred|recently_read)/"),
        ("feedbin.me", r"(?:starred|recently_read)/"),
        ("newsblur.com", r"reader/folder_rss/[^/]+/"),
        ("instapaper.com", r"(?:(?:starred|archive|folder/[^/]+)/)?rss/[^/]+/"),
        ("hooks.slack.com", r"services/[^/]+/"),
        ("hooks.slack.com", r"services/[^/]+/[^/]+/"),
        ("discord.com", r"api/webhooks/[^/]+/"),
        ("discordapp.com", r"api/webhooks/[^/]+/"),
        ("caldav.icloud.com", r"published/[^/]+/"),
        ("icloud.com", r"published/[^/]+/"),
        ("outlook.office365.com", r"owa/calendar/[^/]+/"),
        ("outlook.live.com", r"owa/calendar/[^/]+/[^/]+/"),
        ("", r"(?:[^/]+/)*remote\.php/dav/public-calendars/"),
        # A Nextcloud share: fifteen letters and digits of both cases, which no word is.
        (
            "",
            r"(?:index\.php/)?s/(?=[A-Za-z0-9]{15}(?:/|\Z))(?=(?-i:[^/]+[A-Z][^/]*[A-Z]))(?=(?-i:[^/]*[a-z][^/]*[a-z]))",
        ),
        ("", r"feeds/(?:inbox|front|modlog)/(?=eyJ)"),  # Lemmy
        (
            "",
            r"feed/[^/]+/(?=[A-Za-z0-9]{14,40}/(?:unread|starred|archive|all)(?:/|\Z))",
        ),  # Wallabag
    )
)
# A segment that is a token by itself, at any host: ``private-HEX`` of Google's calendars,
# ``secret:HEX`` of Pinboard, a bot's ``bot123:ABC`` of Telegram.
_MARKED = re.compile(
    r"private-[0-9a-zA-Z]{16,}|secret:[0-9a-zA-Z]{12,}|token[:=].{8,}|bot\d+:[A-Za-z0-9_-]{20,}",
    re.IGNORECASE,
)
_MARKERS = frozenset({"private", "secret", "token", "auth", "passkey", "key", "apikey", "api-key"})
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_OBJECT = re.compile(r"[0-9a-f]{24}|[0-9a-f]{40}")  # ids of MongoDB, and of git's commits
_TURNS = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_SUFFIX = re.compile(r"\.(?:rss|xml|atom|json|ics|ical)\Z", re.IGNORECASE)
_FEWEST_TURNS = 3  # from letters to digits and back: "release20240131" has one
_SHORTEST_TOKEN = 8  # characters after a word such as "private"
_LONGEST_HEX_WORD = 15
_HEX = frozenset("0123456789abcdefABCDEF")


def is_token_parameter(host: str, segments: Sequence[str], name: str, value: str) -> bool:
    """True where ``name=value`` (decoded, of a query at ``host``) holds a token."""
    del segments
    plain = name.casefold().replace("-", "").replace("_", "").replace(".", "")
    if plain in _STRONG or _JWT.fullmatch(value):
        return plain in _PASSWORDS or value.casefold() not in _SWITCHES
    if any(_is_at(host, place) and plain in names for place, names in _PARAMETERS_AT):
        return len(value) >= _SHORTEST_TOKEN
    if plain not in _WEAK:
        return plain.endswith(("token", "apikey", "password", "secret")) and bool(value)
    if any(_is_at(host, place) and plain in names for place, names in _PUBLIC_PARAMETERS):
        return False
    if plain in _NUMBERS:  # a post's id may be a UUID, and is shown to everybody
        return looks_random(value) and not _OBJECT.fullmatch(value)
    return looks_random(value) or bool(_UUID.fullmatch(value))


_NUMBERS = frozenset({"id", "guid", "uuid", "ref", "p", "t", "e", "feed", "s"})


def token_segments(host: str, segments: Sequence[str]) -> Iterator[int]:
    """Places of the decoded path ``segments`` of an address at ``host`` that are tokens."""
    # A start asks of every feed: most addresses have no segment long enough to be one.
    long_ones = [i for i, text in enumerate(segments) if len(text) >= _SHORTEST_TOKEN]
    if not long_ones:
        return
    ends = _announced_ends(host, segments)
    for index in long_ones:
        bare = _SUFFIX.sub("", segments[index])
        if (
            _JWT.fullmatch(bare)
            or _MARKED.fullmatch(bare)
            or (
                len(bare) >= _SHORTEST_TOKEN
                and (
                    _length_before(segments, index) in ends
                    or (_is_announced(segments, index) and _is_drawn(bare))
                )
            )
        ):
            yield index


def _is_announced(segments: Sequence[str], index: int) -> bool:
    """True where a word before the segment ``index`` says that it may be a token."""
    before = [one.casefold() for one in segments[:index]]
    return "private" in before or bool(before and before[-1] in _MARKERS)


def _announced_ends(host: str, segments: Sequence[str]) -> frozenset[int]:
    """Lengths of the beginnings of the path after which a token stands at ``host``."""
    rest = "/".join(segments)
    found = [*_BEGINNINGS[""]] if _BEGINNING_ANYWHERE.match(rest) else []
    while host:
        found += _BEGINNINGS.get(host, ())
        host = host.partition(".")[2]
    return frozenset(match.end() for one in found if (match := one.match(rest)))


def _length_before(segments: Sequence[str], index: int) -> int:
    return sum(map(len, segments[:index])) + index


_BEGINNINGS = {
    place: tuple(beginning for at, beginning in _SEGMENT_AFTER if at == place)
    for place, _ in _SEGMENT_AFTER
}
_BEGINNING_ANYWHERE = re.compile(
    "|".join(one.pattern for one in _BEGINNINGS[""]), re.IGNORECASE
)  # one look for all of them


def looks_random(value: str) -> bool:
    """True for a run of letters and digits that nobody would choose: long and mixed, or hex."""
    return any(
        len(_TURNS.findall(run)) >= _FEWEST_TURNS or (_is_hex(run) and len(run) > _LONGEST_HEX_WORD)
        for run in _RUN.findall(value)
    )


def _is_drawn(text: str) -> bool:
    return looks_random(text) or bool(_UUID.fullmatch(text)) or _is_hex(text)


def _is_hex(run: str) -> bool:
    return _HEX.issuperset(run) and any(one.isdigit() for one in run) and not run.isdigit()


def _is_at(host: str, place: str) -> bool:
    return not place or host == place or host.endswith(f".{place}")
