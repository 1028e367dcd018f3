"""The practice mail: what the application wrote to people, read from the folder it puts mail into.

Each file holds one or more messages, as Django's file back end writes them, with a line of 79
hyphens after each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from markupsafe import Markup, escape

from sandbox.calendars import NEW_YORK

END = b"-" * 79 + b"\n"
LINK = re.compile(r"https?://[^\s<>\"']+")
AFTER_A_LINK = ".,;:!?)]”’"  # belongs to the sentence


@dataclass(frozen=True)
class Mail:
    """One message; `key` finds it again, `text` is what a person reads."""

    key: str
    at: datetime
    to: tuple[str, ...]
    sender: str
    subject: str
    text: str

    def with_links(self) -> Markup:
        """Return the text for a page: everything escaped, web addresses to be followed."""
        parts, end = [], 0
        for found in LINK.finditer(self.text):
            address = found[0].rstrip(AFTER_A_LINK)
            parts.append(escape(self.text[end : found.start()]))
            parts.append(Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address))
            end = found.start() + len(address)
        return Markup("").join([*parts, escape(self.text[end:])])


def read_mails(folder: Path | None, to: str = "") -> list[Mail]:
    """Return the mails, newest first; those to one address where it is given."""
    mails = [
        mail for mail in _read_folder(folder) if not to or to.lower() in map(str.lower, mail.to)
    ]
    return sorted(mails, key=lambda mail: (mail.at, mail.key), reverse=True)


def find_mail(folder: Path | None, key: str) -> Mail | None:
    return next((mail for mail in _read_folder(folder) if mail.key == key), None)


def _read_folder(folder: Path | None) -> Iterator[Mail]:
    for file in sorted(folder.glob("*.log")) if folder else ():
        try:
            content, changed = file.read_bytes(), file.stat().st_mtime
        except OSError:
            continue  # it was taken away meanwhile
        whole = content.split(END)[:-1]  # the last one is empty, or still being written
        for number, part in enumerate(whole):
            message = message_from_bytes(part, policy=policy.default)
            yield _read(
                f"{file.stem}.{number}", message, datetime.fromtimestamp(changed).astimezone()
            )


def _read(key: str, message: EmailMessage, changed: datetime) -> Mail:
    try:
        body = message.get_body(("plain", "html"))
        text = str(body.get_content()) if body else ""
        sent = message["Date"].datetime or changed if message["Date"] else changed
    except (LookupError, ValueError, AttributeError, TypeError):
        text, sent = "This message can not be read.", changed
    receivers = getaddresses([str(value) for value in message.get_all("To", [])])
    return Mail(
        key=key,
        # "-0000" is UTC of a machine that does not tell its zone (RFC 5322 §3.3).
        at=(sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(NEW_YORK),
        to=tuple(address for _, address in receivers if address),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        text=text.replace("\r\n", "\n").strip(),
    )
