"""Editions and alarms → mail messages (RFC 5322): text and HTML, with headers that nobody can add to. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from lxml import html
from lxml.etree import ParserError

from aggregator.config.mail_addresses import split_address
from aggregator.deliver.mail_html import mail_page
from aggregator.deliver.notify_text import WORD_JOINER, NotifyText, one_line
from aggregator.model import Edition, EditionStory, Item
from aggregator.publish.xmltree import document_safe
from aggregator.sanitize.text import shown_safe

_SUBJECT = 200  # characters
_TEXT = 600  # characters of a story in the part that is plain
_STORIES = 500  # of it
_POLICY = SMTP.clone(cte_type="7bit")  # every server takes it
_DOT_ATOM = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class MailHead:
    """Everything of a message's head that the operator says."""

    name: str  # of its section
    sender: str  # as in `From:`
    to: tuple[str, ...]
    unsubscribe: str = ""  # `mailto:` or `https://` address


def edition_mail(head: MailHead, edition: Edition, shown: Item, output: str) -> EmailMessage:
    """The mail of an edition; ``shown`` is the item that feeds have of it, ``output`` its title."""
    message = _begun(head, edition.title, edition.id, edition.made_at)
    message["List-Id"] = f"<{_atom(head.name)}.{_host(head.sender)}>"
    if head.unsubscribe:
        message["List-Unsubscribe"] = f"<{head.unsubscribe}>"
    url = shown.url or ""
    message.set_content(_edition_text(edition, url, head.unsubscribe), charset="utf-8")
    page = mail_page(edition.title, shown.content_html, _foot(output, url, head.unsubscribe))
    message.add_alternative(page, subtype="html", charset="utf-8")
    return message


def alarm_mail(head: MailHead, said: NotifyText, event_id: str, at: datetime) -> EmailMessage:
    """The mail of alarms: plain text."""
    message = _begun(head, said.title, event_id, at)
    message["X-Priority"] = "2"
    message.set_content(shown_safe(said.body) + "\n", charset="utf-8")
    return message


def _begun(head: MailHead, subject: str, event_id: str, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = addressed(head.sender)
    message["To"] = [addressed(one) for one in head.to]
    message["Subject"] = _literal(one_line(subject, _SUBJECT)) or "(no subject)"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id_of(head, event_id)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    return message


def _literal(text: str) -> str:
    """``text`` with nothing in it that is decoded: an encoded word (RFC 2047) could bring line ends, and headers.

    An invisible character takes it apart; the e-mail package decodes whatever a header is set to.
    """
    return text.replace("=?", f"={WORD_JOINER}?")


def message_id_of(head: MailHead, event_id: str) -> str:
    """Message-ID of what has the id ``event_id``: the same whenever it is sent to the same section."""
    told = sha256(f"{head.name}\n{event_id}".encode()).hexdigest()[:32]
    return f"<{told}@{_host(head.sender)}>"


def addressed(text: str) -> Address:
    """``Name <user@host>`` as an address. Raises ``ValueError`` for what is none."""
    return Address(*split_address(text))


def _host(sender: str) -> str:
    return addressed(sender).domain


def _atom(name: str) -> str:
    return _DOT_ATOM.sub("-", name).strip(".-") or "mail"


def _foot(output: str, url: str, unsubscribe: str) -> str:
    parts = [escape(one_line(output, _SUBJECT))]
    if url:
        parts.append(f'<a href="{escape(url)}" style="color:#0b57a4">Read it on the web</a>')
    if unsubscribe:
        parts.append(f'<a href="{escape(unsubscribe)}" style="color:#0b57a4">Unsubscribe</a>')
    return " · ".join(parts)


def _edition_text(edition: Edition, url: str, unsubscribe: str) -> str:
    lines = [edition.title, "=" * min(len(edition.title), 72)]
    category = None
    for story in edition.stories[:_STORIES]:
        if story.category and story.category != category:
            lines += ["", one_line(story.category, 100).upper()]
        category = story.category
        lines += _story_text(story)
    if len(edition.stories) > _STORIES:
        lines += ["", f"and {len(edition.stories) - _STORIES} more"]
    lines += ["", "-- ", *([f"On the web: {url}"] if url else [])]
    lines += [f"Unsubscribe: {unsubscribe}"] if unsubscribe else []
    return shown_safe("\n".join(lines)) + "\n"


def _story_text(story: EditionStory) -> Sequence[str]:
    tree = _tree(story.section or story.line)
    links = tree.xpath(".//h3//a/@href") or tree.xpath(".//a/@href")
    url = next((str(one) for one in links if str(one).startswith(("http://", "https://"))), "")
    title = one_line(story.title or tree.text_content(), 300)
    text = ""
    if story.section:
        for head in tree.xpath("./h3 | ./p[position()=1][em][not(text()[normalize-space()])]"):
            head.drop_tree()  # told above, and the byline
        text = one_line(" ".join(tree.itertext()), _TEXT)
    return ["", f"* {title}", *([f"  {url}"] if url else []), *([f"  {text}"] if text else [])]


def _tree(fragment: str) -> html.HtmlElement:
    try:
        return html.fragment_fromstring(document_safe(fragment) or " ", create_parent="div")
    except (ParserError, ValueError):
        return html.Element("div")
