"""Sanitizing of strangers' markup and text: the one policy, in one place."""

from aggregator.sanitize.html import clean_html, to_text
from aggregator.sanitize.ids import with_own_ids
from aggregator.sanitize.private_hosts import allow_pictures_in
from aggregator.sanitize.text import plain, shown_safe, xml_safe

__all__ = [
    "allow_pictures_in",
    "clean_html",
    "plain",
    "shown_safe",
    "to_text",
    "with_own_ids",
    "xml_safe",
]
