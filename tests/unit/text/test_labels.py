"""Every label of the Encoding Standard, wherever a feed or a page can be labelled with it."""

from collections.abc import Callable

from webencodings.labels import LABELS

from aggregator.extract.page.decode import decode as page_text
from aggregator.parse.encoding import decode
from tests.support.encodings import sample


def feed_text(body: bytes, content_type: str) -> str:
    return decode(body, content_type).text


def wrong_labels(
    read: Callable[[bytes, str], str], *, head: str = "", content_type: str = ""
) -> list[str]:
    """The labels by which a document is read otherwise than the standard says.

    ``{}`` in ``head`` and ``content_type`` stands for the label.
    """
    wrong = []
    for label, name in LABELS.items():
        stated = head.format(label)
        # What names an encoding in ASCII is not UTF-16: HTML Standard, §13.2.3.2.
        known = "utf-8" if name.startswith("utf-16") and head.startswith("<meta") else name
        inner, text = sample(known)
        wanted = text if known == "replacement" else f"{stated}<p>{text}</p>"
        utf_16 = known if known.startswith("utf-16") else "ascii"
        body = f"{stated}<p>".encode(utf_16) + inner + "</p>".encode(utf_16)
        if read(body, content_type.format(label)) != wanted:
            wrong.append(label)
    return wrong


def test_the_xml_declaration_of_a_feed() -> None:
    assert wrong_labels(feed_text, head='<?xml version="1.0" encoding="{}"?>') == []


def test_the_content_type_of_a_feed() -> None:
    assert wrong_labels(feed_text, content_type="application/rss+xml; charset={}") == []


def test_the_content_type_of_a_page() -> None:
    assert wrong_labels(page_text, content_type='text/html; charset="{}"') == []


def test_the_meta_elements_of_a_page() -> None:
    assert wrong_labels(page_text, head="<meta charset={}>") == []
    head = '<meta http-equiv="Content-Type" content="text/html; charset={}">'
    assert wrong_labels(page_text, head=head) == []


def test_labels_are_read_in_any_case() -> None:
    head = '<?xml version="1.0" encoding="ISO_8859-2:1987"?>'
    assert feed_text(head.encode() + b"\xb1", "") == head + "ą"
    assert page_text(b"<p>\xb1", "text/html; charset=ISO_8859-2:1987") == "<p>ą"


def test_text_in_utf_8_is_read_as_that_under_any_label() -> None:
    for label in LABELS:
        text = f'<?xml version="1.0" encoding="{label}"?><p>Ünïcödé</p>'
        assert feed_text(text.encode(), "") == text
        assert page_text(text.encode(), f"text/html; charset={label}") == text


def test_plain_ascii_is_read_under_the_labels_of_what_is_replaced() -> None:
    for label in ("hz-gb-2312", "iso-2022-kr", "replacement"):
        text = f'<?xml version="1.0" encoding="{label}"?><p>plain</p>'
        assert feed_text(text.encode(), "") == text
        assert page_text(text.encode(), "") == text


def test_a_note_says_that_an_encoding_is_not_read() -> None:
    body = b'<?xml version="1.0" encoding="iso-2022-kr"?>' + sample("replacement")[0]
    assert "iso-2022-kr" not in decode(body).text
    assert decode(body).note == "declared in an encoding that is not read, as in browsers"
