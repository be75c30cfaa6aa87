"""Date strings as feeds and pages write them → aware UTC datetimes; nothing is invented.

Formats: RFC 822/2822 with its usual damage, ISO 8601 / RFC 3339 / W3C-DTF, asctime, Unix seconds
and milliseconds, year-first dates with any separator, day-first dates with dots, East Asian
year/month/day, year-month-day with the month's name (Hungarian), month names of many languages.
6/9/2021 means different days to different people: it is read where its feed's other dates tell how
it is written (:mod:`aggregator.parse.date_habits`), and "listopada" (Polish, Croatian) never. A
string without a day, month and year is no date. Dates before 1990 (there was no Web: they are the
subject's date, a default, or the epoch) are refused unless the feed shows that it has such, dates
after 2100 always. A missing zone is UTC; a zone's name (Europe/Berlin) is that zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1990, 2100
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as they begin in English
_MAX_LENGTH = 100
# Written by programs for "no date": epochs of their clocks, and the first days of eras.
_DEFAULTS = frozenset({(1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1904, 1, 1), (1969, 12, 31),
                       (1970, 1, 1), (1970, 1, 2), (1980, 1, 1), (1980, 1, 6)})  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateHabits:
    """Habits of one feed in writing dates."""

    day_first: bool | None = None  # how 6/9/2021 is meant; None: nobody knows
    first_year: int = FIRST_YEAR


NO_HABITS = DateHabits()

# Minutes east of Greenwich. Ambiguous names take the meaning most common in feeds
# (CST: Chicago, IST: India, BST: London, AST: Halifax).
_ZONES = {
    **dict.fromkeys(("", "z", "ut", "utc", "gmt", "wet", "uct"), 0),
    **dict.fromkeys(("bst", "cet", "met", "mez", "west", "wat"), 60),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "sast", "cat"), 120),
    **dict.fromkeys(("eest", "msk", "eat", "trt", "idt"), 180),
    **dict.fromkeys(("msd", "gst", "samt"), 240),
    **dict.fromkeys(("hkt", "sgt", "pht", "awst", "myt"), 480),
    **dict.fromkeys(("jst", "kst"), 540),
    "irst": 210, "pkt": 300, "yekt": 300, "ist": 330, "npt": 345, "wib": 420, "ict": 420,
    "acst": 570, "aest": 600, "acdt": 630, "aedt": 660, "nzst": 720, "nzdt": 780,
    "nst": -210, "ndt": -150, "ast": -240, "adt": -180, "est": -300, "edt": -240, "et": -300,
    "cst": -360, "cdt": -300, "ct": -360, "mst": -420, "mdt": -360, "mt": -420, "pst": -480,
    "pdt": -420, "pt": -480, "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180,
    "clt": -240, "cot": -300,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            (
                "jan january januar janvier enero gennaio janeiro januari gen ene янв января jän jänner"
                " stycznia ledna ocak oca tammikuuta січня ιαν"
            ),
            (
                "feb february februar février fevrier fév fev febrero febbraio fevereiro februari фев февраля févr"
                " lutego února şubat şub helmikuuta лютого φεβ"
            ),
            (
                "mar march märz mrz mär mars marzo março maart mrt мар марта"
                " marca března maaliskuuta március березня μαρ μάρ"
            ),
            (
                "apr april avril avr abril aprile abr апр апреля"
                " kwietnia dubna nisan nis huhtikuuta április квітня απρ"
            ),
            "may mai mayo maggio maio mei mag май мая maja maj május května toukokuuta травня μαι μάι μαΐ μαϊ",
            (
                "jun june juni juin junio giugno junho giu июн июня"
                " czerwca června június haziran haz kesäkuuta червня ιουν ιούν ιουνίου"
            ),
            (
                "jul july juli juillet juil julio luglio julho lug июл июля"
                " lipca července július temmuz tem heinäkuuta липня ιουλ ιούλ ιουλίου"
            ),
            (
                "aug august août aout agosto augustus augusti ago авг августа"
                " sierpnia srpna ağustos ağu elokuuta agustus серпня αυγ αύγ"
            ),
            (
                "sep sept september septembre septiembre settembre setembro set сен сентября"
                " września září szeptember eylül eyl syyskuuta вересня σεπ"
            ),
            (
                "oct october oktober okt octobre octubre ottobre outubro ott out окт октября"
                " października října ekim eki lokakuuta жовтня οκτ"
            ),
            (
                "nov november novembre noviembre novembro ноя ноября"
                " listopadu kasım kas marraskuuta noiembrie листопада νοε νοέ"
            ),
            (
                "dec december dezember dez décembre decembre déc diciembre dicembre dezembro dic дек декабря"
                " grudnia prosince aralık ara joulukuuta desember des грудня δεκ"
            ),
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = (
    r"(?:(?P<noon>오전|오후|午前|午後|上午|下午)\s?)?(?P<hour>\d{1,2})\s?[:h.時时시]\s?(?P<minute>\d{2})"
    r"(?:(?::|[分분]\s?)(?P<second>\d{2})(?:[.,:]\d{1,9})?[秒초]?|[分분])?"
    r"\s?(?P<half>[ap]\.?m\.?)?(?P<zone>.{0,40})"
)
_AT = r"at|um|à|às|as|alle|a las|om|kl\.?|klo|godz\.?|ore|в|о"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 2021-09-06T12:00:00Z, 2026/11/2 9:05, 2021年9月6日(月) 12:00, 2021. 9. 6. 오후 1:05
        (
            r"(?P<year>\d{4})\s?[-/.年년]\s?(?P<month>\d{1,2})\s?[-/.月월]\s?(?P<day>\d{1,2})\s?[日일.]?"
            rf"(?:\s?\([^\d()]{{1,4}}\))?(?:(?:\s?t\s?|[\s,]+|(?<=[日일)])){_TIME})?"
        ),
        # 2021-szeptember-6T9:05+01:00
        rf"(?P<year>\d{{4}})-(?P<name>[^\W\d]{{3,12}})-(?P<day>\d{{1,2}})(?:[t\s]{_TIME})?",
        # 6.9.2021 12:00, 6.9.21
        rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}|\d{{2}})(?:[\s,]+{_TIME})?",
        # 6/9/2021 12:00, or 9/6/2021, 12:00 PM
        rf"(?P<one>\d{{1,2}})(?P<sign>[/-])(?P<other>\d{{1,2}})(?P=sign)(?P<year>\d{{4}})(?:[\s,t]+{_TIME})?",
        # 20210906T120000Z
        (
            r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
            r"(?:[t\s]?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?(?P<zone>.{0,40}))?"
        ),
        # Mon, 06 Sep 2021 12:00:00 GMT, 月, 06 9月 2021 12:00:00 +0900
        (
            r"(?:[^\W\d]{1,12}\.?[,\s]+)?(?P<day>\d{1,2})(?:st|nd|rd|th|\.|º)?[\s-](?:de\s)?"
            r"(?P<name>[^\W\d]{3,12}|\d{1,2}[月월])\.?[\s,-]+(?:de\s)?(?P<year>\d{4}|\d{2})"
            rf"(?:(?:[\s,t-]|{_AT})+{_TIME})?"
        ),
        # September 6th, 2021 at 12:00 pm
        (
            r"(?:[^\W\d]{2,12}\.?[,\s]+)?(?P<name>[^\W\d]{3,12})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?"
            rf"[,\s]+(?P<year>\d{{4}})(?:(?:[\s,-]|{_AT})+{_TIME})?"
        ),
        # Mon Sep  6 12:00:00 UTC 2021
        (
            r"(?:[^\W\d]{2,12}\.?[,\s]+)?(?P<name>[^\W\d]{3,12})\s(?P<day>\d{1,2})\s"
            r"(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})\s(?P<zone>\S{1,20}\s)?(?P<year>\d{4})"
        ),
    )
)
_UNIX = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{12,13})")
_OFFSET = re.compile(r"(?:gmt|utc)?\s?([+-])[\s-]?(\d{1,2})(?::?(\d{2}))?(?:\s?\(.{0,30}\))?")
_SPACES = re.compile(r"\s+")
_AREA = re.compile(r"[A-Za-z_]{2,20}(?:/[A-Za-z_+-]{2,30}){1,2}")
_ZONE_IN_WORDS = re.compile(r"((?:[a-z]+ ){1,3})time\b")
_WORDED = {"china standard ": 480, "coordinated universal ": 0, "korea standard ": 540}
_ZONE_NAME = re.compile(r"(?:etc/)?([a-z]{0,5})\b.{0,40}")


@dataclass(frozen=True, slots=True)
class Stated:
    """An instant, and how much of it was stated: without a time it is midnight, without a zone UTC."""

    moment: datetime
    has_time: bool
    has_zone: bool


def parse_date(text: str | None, habits: DateHabits = NO_HABITS) -> datetime | None:
    """The instant that ``text`` states, or ``None``; pure, bounded, never raises."""
    stated = read_date(text, habits)
    return None if stated is None else stated.moment


def read_date(text: str | None, habits: DateHabits = NO_HABITS) -> Stated | None:
    """The instant that ``text`` states and how much of it, or ``None``; as :func:`parse_date`."""
    if not text:
        return None
    text = _SPACES.sub(" ", text[: 2 * _MAX_LENGTH]).strip()
    if not text or len(text) > _MAX_LENGTH:
        return None
    unix = _UNIX.fullmatch(text)
    if unix is not None:
        seconds = int(unix[1]) if unix[1] else int(unix[2]) / 1000
        moment = _plausible(datetime.fromtimestamp(seconds, UTC), habits)
        return None if moment is None else Stated(moment, has_time=True, has_zone=True)
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _stated(match.groupdict(), habits)
    return None


def _stated(parts: dict[str, str | None], habits: DateHabits) -> Stated | None:
    moment = _from_match(parts, habits)
    if moment is None:
        return None
    has_time = parts.get("hour") is not None
    return Stated(moment, has_time, has_zone=has_time and _is_zone(parts.get("zone") or ""))


def _from_match(parts: dict[str, str | None], habits: DateHabits) -> datetime | None:
    if parts.get("one") is not None:
        if habits.day_first is None:
            return None
        names = ("day", "month") if habits.day_first else ("month", "day")
        parts = {**parts, **dict(zip(names, (parts["one"], parts["other"]), strict=True))}
    month = _month(parts)
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:  # RFC 2822 §4.3
        year += 2000 if year < 50 else 1900
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or parts.get("noon") or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.startswith(("p", "오후", "午後", "下午")) else 0)
    if month is None:
        return None
    try:
        day = datetime(year, month, int(parts["day"] or 0), tzinfo=UTC)
        local = day + _clock(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
        minutes = _zone(parts.get("zone") or "", local)
        if minutes is None:
            return None
        return _plausible(local - timedelta(minutes=minutes), habits)
    except (ValueError, OverflowError):
        return None


def _clock(hour: int, minute: int, second: int) -> timedelta:
    """Time of day; 24:00 is the next day's start, a leap second the one before it."""
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no time of day")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _month(parts: dict[str, str | None]) -> int | None:
    name = parts.get("name")
    if name is None:
        return int(parts["month"] or 0)
    if name[0].isdigit():
        return int(name[:-1])
    lowered = name.lower()
    return _MONTHS.get(lowered) or _MONTHS.get(lowered[:3])


def _zone(text: str, local: datetime) -> int | None:
    """Minutes east of Greenwich; unknown names are UTC; ``None`` for an impossible offset."""
    lowered = text.strip().lower()
    offset_written = _OFFSET.match(lowered)
    if offset_written is not None:
        minutes = int(offset_written[2]) * 60 + int(offset_written[3] or 0)
        if minutes > 14 * 60 or int(offset_written[3] or 0) > 59:
            return None
        return -minutes if offset_written[1] == "-" else minutes
    if (area := _AREA.search(text)) is not None and (zone := _named_zone(area[0])) is not None:
        offset = local.replace(tzinfo=zone).utcoffset()
        return round(offset.total_seconds() / 60) if offset is not None else 0
    if (words := _ZONE_IN_WORDS.match(lowered)) is not None:  # "Eastern Standard Time" is EST
        initials = "".join(word[0] for word in words[1].split()) + "t"
        return _WORDED.get(words[1], _ZONES.get(initials, 0))
    name = _ZONE_NAME.match(lowered)
    return _ZONES.get(name[1], 0) if name is not None else 0


@lru_cache(maxsize=256)
def _named_zone(name: str) -> ZoneInfo | None:
    """The zone of that name; None where there is none, or where the system knows no zones."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None


def _is_zone(text: str) -> bool:
    """True for a zone that we know."""
    lowered = text.strip().lower()
    if _OFFSET.match(lowered) is not None:
        return True
    if (area := _AREA.search(text)) is not None and _named_zone(area[0]) is not None:
        return True
    name = _ZONE_NAME.match(lowered)
    return name is not None and name[1] != "" and name[1] in _ZONES


def _plausible(when: datetime, habits: DateHabits) -> datetime | None:
    if when.year < FIRST_YEAR and (when.year, when.month, when.day) in _DEFAULTS:
        return None
    return when if habits.first_year <= when.year <= LAST_YEAR else None
