"""Documents that are feeds, whatever they begin with; lists of authors, whatever their length."""

from __future__ import annotations

import pytest

from aggregator.parse.feed import parse_feed

URL = "https://weir.example/feed"
ITEM = "<item><title>Größe</title><guid>1</guid></item>"
RSS = f"<rss><channel><title>T</title>{ITEM}</channel></rss>"
XHTML = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
ENTITIES = "".join(f'<!ENTITY n{n} "v{n}">\n' for n in range(5_000))


@pytest.mark.parametrize(
    "document",
    [
        XHTML + RSS,
        "<!DOCTYPE html>\n" + RSS,
        "<!DOCTYPE html><!-- <head> -->" + RSS,
        '<?xml version="1.0"?><!--' + "x" * 200_000 + "-->" + RSS,
        "<!-- <html> -->" + RSS,
        f"<?xml version='1.0'?><!DOCTYPE rss [{ENTITIES}]>" + RSS,
        "<!DOCTYPE rss [" + "<!ELEMENT rss (channel)>" * 4_000 + "]>" + RSS,
        "<?xml version='1.0'?>" + "<?xml-stylesheet href='a'?>" * 5_000 + RSS,
    ],
)
def test_feeds_are_feeds_after_any_beginning(document: str) -> None:
    assert [e.title for e in parse_feed(document.encode(), url=URL).entries] == ["Größe"]


@pytest.mark.parametrize(
    "mark", [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\xef\xbb\xbf\xef\xbb\xbf"]
)
def test_a_false_mark_of_the_encoding_is_passed_over(mark: bytes) -> None:
    feed = parse_feed(mark + b'<?xml version="1.0" encoding="utf-8"?>' + RSS.encode(), url=URL)
    assert feed.entries[0].title == "Größe"


def test_true_marks_are_believed() -> None:
    for encoding in ("utf-16", "utf-32"):
        assert parse_feed(RSS.encode(encoding), url=URL).entries[0].title == "Größe"


def test_no_author_is_cut_off() -> None:
    names = [f"Author Number {n}" for n in range(300)]
    people = "".join(f"<dc:creator>{name}</dc:creator>" for name in names)
    for written in (
        people,
        f"<dc:creator>{', '.join(names)}</dc:creator>",
        f"<author>{'; '.join(names)}</author>",
    ):
        xml = RSS.replace("<rss>", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/">').replace(
            "<guid>", f"{written}<guid>"
        )
        assert list(parse_feed(xml.encode(), url=URL).entries[0].authors) == names


def test_a_portrait_is_no_picture_of_the_story() -> None:
    media = '<media:content url="https://secure.gravatar.com/avatar/0a?s=96" medium="image"/>'
    xml = RSS.replace("<rss>", '<rss xmlns:media="http://search.yahoo.com/mrss/">').replace(
        "<guid>", f"{media}<guid>"
    )
    (entry,) = parse_feed(xml.encode(), url=URL).entries
    assert entry.image is None
    assert "gravatar" not in entry.html
