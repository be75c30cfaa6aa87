"""Bounds on what is read of a document, each with what it stops.

No feed of some 600 real ones that these were tried on comes near any of them. A document past one
of them is not refused: what is too much is cut off and the rest is read.
"""

from __future__ import annotations

MAX_DOCUMENT = 20 << 20  # bytes; the rest is treated as a truncated document
MAX_DEPTH = 100  # open elements; deeper tags are dropped, their text stays
MAX_ATTRIBUTES = 64  # of one element, namespace declarations included
MAX_ATTRIBUTE = 1 << 16  # characters of a value
MAX_NAMESPACES = 100  # distinct prefixes in a document (their look-up is linear in feedparser)
MAX_SIBLINGS = 2_000  # elements of one name in one parent, items excepted
MAX_ELEMENTS = 40_000  # of a document; each costs feedparser some 20 µs
MAX_DATES = 3  # of an item, looked at to tell which items are the newest
MAX_SHORT_TEXT = 2_000  # authors, keywords: searched with costly expressions
MAX_TEXT = 1 << 16  # of every other element that is not content
MAX_CONTENT = 1 << 20  # of an entry's text
MAX_REPAIRED_ITEMS = 2_000  # items kept of a malformed document, before the newest are chosen
MAX_TITLE = 1_000
MAX_NAME = 200  # an author, a category
MAX_LIST = 100  # categories, enclosures of an entry
MAX_AUTHORS = 2_000  # of an entry: experiments in physics have as many
MAX_URL = 4_096
MAX_TOTAL_HTML = 9 << 20  # what sanitizing one document's HTML may cost, see html_cost
MAX_HTML = MAX_TOTAL_HTML // 2  # of one text: an entry's summary and content fit together
MAX_SCANNED = 200_000  # elements looked at, items beyond the newest included; twice the attributes
MAX_NAMES = 2_000  # distinct names of elements
MAX_ALL_ATTRIBUTES = 100_000  # of a document
MAX_NAMESPACE = 500  # characters of a namespace's name, which is repeated with each name in it
MAX_REBUILT = 8 << 20  # characters of a document that has to be rebuilt
MAX_STEPS = 250_000  # tags, attributes, stray signs and references mended in it
MAX_REFERENCES = 100_000  # of one text that has to be mended: of more, each shows as it is written

ITEMS = frozenset({"item", "entry"})
LONG = frozenset(
    {"description", "encoded", "content", "summary", "body", "div", "fullitem", "abstract",
     "subtitle", "tagline", "info", "rights", "copyright", "full-text", "fulltext", "full_text",
     "articlebody"}
)  # fmt: skip
SHORT = frozenset(
    {"email", "managingeditor", "webmaster", "publisher", "keywords",
     "tags", "subject", "category", "owner", "pubdate", "published", "updated",
     "date", "modified", "issued", "created", "lastbuilddate", "rating", "credit", "restriction"}
)  # fmt: skip
DATES = frozenset({"pubdate", "published", "updated", "date", "modified", "issued", "created"})


_DEAR = ("img", "source", "video", "cite")  # rewritten one by one: some 50 µs each
_DEAR_COST = 200


def html_cost(html: str) -> int:
    """Cost of sanitizing ``html``, in characters of plain text, of which a million take 0.25 s.

    Tags, attributes and references cost more, images most. What only looks like one counts, too:
    markup may be escaped once more than it should be.
    """
    signs = html.count("<") + html.count("=") + html.count("&")
    lower = html.lower()
    return len(html) + 10 * signs + _DEAR_COST * sum(lower.count(name) for name in _DEAR)
