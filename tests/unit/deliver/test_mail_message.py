import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.deliver.mail_message import MailHead, addressed, alarm_mail, edition_mail
from aggregator.deliver.notify_text import NotifyText
from aggregator.model import Edition, Source
from aggregator.privacy.public import Disclosure
from aggregator.publish.edition_text import edition_item, story_pieces
from tests.support.roads import AT, item

HEAD = MailHead("me", "News <news@example.com>", ("ann@example.com",), "mailto:stop@example.com")
UID = "urn:uuid:11111111-2222-3333-4444-555555555555"
URL = "https://agg.example/read/morning/1"
STRANGE = st.text() | st.text(alphabet="a\r\n:=?_<>\"'\u2028\x00\ud800 Bcc", max_size=80)


def edition(title: str = "Morning, Tuesday", *stories: tuple[str, str]) -> Edition:
    placed = [("World", item(t or "x", title=t, content_html=html)) for t, html in stories]
    return Edition(UID, "2026-12-01", title, story_pieces(UID, placed), AT, AT, 1)


def mail(one: Edition, head: MailHead = HEAD) -> EmailMessage:
    shown = edition_item(one, Source("M", Disclosure().feed_url("https://a.example/", None)), URL)
    return edition_mail(head, one, shown, "Morning")


def parsed(message: EmailMessage) -> EmailMessage:
    found = email.message_from_bytes(message.as_bytes(), policy=SMTP)
    assert isinstance(found, EmailMessage)
    return found


def test_an_edition_is_text_and_html() -> None:
    got = parsed(mail(edition("Morning, Tuesday", ("Story", "<p>Words of it.</p>"))))
    assert got.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in got.iter_parts()] == ["text/plain", "text/html"]
    text, page = (one.get_content() for one in got.iter_parts())
    assert "* Story\r\n  https://site.example/Story\r\n  Words of it." in text.replace(
        "\n", "\r\n"
    ).replace("\r\r", "\r")
    assert "WORLD" in text
    assert URL in text
    assert "Words of it." in page
    assert got["List-Unsubscribe"] == "<mailto:stop@example.com>"
    assert got["List-Id"] == "<me.example.com>"
    assert got["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("html", ["Words of it.", "<p>Words</p><ul><li>of it.</li></ul>"])
def test_the_plain_part_tells_the_text_however_it_is_written(html: str) -> None:
    got = parsed(mail(edition("Morning", ("Story", html))))
    text = next(got.iter_parts()).get_content()
    assert "  Words of it." in text
    assert "The Site" not in text


def test_the_same_edition_has_the_same_id_however_often_it_is_sent() -> None:
    one, two = edition("One", ("A", "")), edition("One, with a story less")
    assert mail(one)["Message-ID"] == mail(two)["Message-ID"]
    assert mail(one)["Date"] == mail(two)["Date"]
    other = MailHead("you", HEAD.sender, HEAD.to)
    assert mail(one)["Message-ID"] != mail(one, other)["Message-ID"]


@pytest.mark.parametrize(
    "title",
    [
        "=?utf-8?q?=0d=0aBcc:_x@evil.example?= x",
        "a =?utf-8?b?DQpCY2M6IHg=?= =?utf-8?b?DQpCY2M6IHg=?=",
    ],
)
def test_a_title_in_the_code_of_mail_is_a_title_and_no_header(title: str) -> None:
    alarm = alarm_mail(HEAD, NotifyText(f"Feed broke: {title}", title), UID, AT)
    for got in (parsed(alarm), parsed(mail(edition(title)))):
        assert "Bcc" not in got
        assert got["Subject"].replace("\u2060", "").endswith(title)


@given(STRANGE, STRANGE)
def test_nobody_adds_a_header(title: str, name: str) -> None:
    head = MailHead("me", HEAD.sender, HEAD.to, "https://example.com/stop?a=1")
    known = set(mail(edition(), head).keys())
    got = parsed(mail(edition(title, (name, f"<p>{'x' if not name else 'y'}</p>")), head))
    assert set(got.keys()) <= known
    assert len(got.keys()) == len(set(got.keys()))
    assert got["To"] == "ann@example.com"
    assert "\n" not in got["Subject"]
    assert "\r" not in got["Subject"]
    alarm = parsed(alarm_mail(head, NotifyText(title, name), UID, AT))
    assert set(alarm.keys()) <= known | {"X-Priority", "Content-Transfer-Encoding", "Content-Type"}
    assert alarm["To"] == "ann@example.com"


def test_long_subjects_and_other_scripts_are_written_so_that_all_can_read_them() -> None:
    got = parsed(mail(edition("新闻 " * 200)))
    assert len(got["Subject"]) <= 200
    assert got["Subject"].startswith("新闻")
    assert mail(edition("新闻")).as_bytes().isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a@b@c",
        "a@b\r\nBcc: x@y.z",
        "a @b.c",
        "@b.c",
        "a@",
        "Name <a@b.c> x",
        "a@b.c, d@e.f",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of the standard library, too
        addressed(text)


def test_dates_are_those_of_the_edition() -> None:
    assert mail(edition())["Date"].datetime == datetime(2026, 11, 2, 12, tzinfo=UTC)
