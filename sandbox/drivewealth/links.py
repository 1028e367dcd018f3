"""Short-lived addresses of files, which need neither session nor app key: whoever has one may read.

The vendor signs an address of its file store and says only that it is short-lived; here that is
five minutes of world time.
"""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta

from sandbox.drivewealth import pdf
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.records import Link

UPLOAD, PAPER = "upload", "paper"
LIFETIME = timedelta(minutes=5)
PATH = "/drivewealth/files"


def create(broker: Broker, call: Call, kind: str, key: str) -> str:
    """Return a new address, on the host the caller asked at."""
    for token in [token for token, link in broker.links.items() if link.expires <= broker.now()]:
        broker.links.remove(token)
    token = secrets.token_urlsafe(24)
    broker.links.add(token, Link(kind, key, broker.now() + LIFETIME))
    return f"{call.origin}{PATH}/{token}"


def read(broker: Broker, token: str) -> tuple[bytes, str] | None:
    """Return a file and its content type; None once its address has expired, or never was one."""
    link = broker.links.get(token)
    return None if link is None or link.expires <= broker.now() else _read(broker, link)


def _read(broker: Broker, link: Link) -> tuple[bytes, str]:
    if link.kind == PAPER:
        paper = broker.papers.get(link.key)
        return pdf.one_page(paper.lines if paper else []), "application/pdf"
    file = broker.files.get(link.key)
    if file is None:
        raise AssertionError("a link to no file")
    return base64.b64decode(file.content), file.content_type
