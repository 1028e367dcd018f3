"""Pictures of identity documents: taken in, listed, shown through a short-lived link."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import Any

from sandbox.drivewealth import fields, kyc, links
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import File

TYPES = {
    "DRIVER_LICENSE": "Driver License",
    "PASSPORT": "Passport",
    "NATIONAL_ID_CARD": "National ID Card",
    "VOTER_ID": "Voter ID",
    "WORK_PERMIT": "Work Permit",
    "VISA": "Visa",
    "RESIDENCE_PERMIT": "Residence Permit",
}
STATUSES = {
    "PENDING": "The document is waiting for approval.",
    "APPROVED": "The document was approved.",
    "REJECTED": "The document was rejected.",
}
# The first bytes decide; what the sender calls the content does not.
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"%PDF-": "application/pdf",
}
LARGEST = 10 * 1024 * 1024
DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,")


def create_document(broker: Broker, call: Call) -> dict[str, Any]:
    """Take a picture of an identity document. Verification runs again unless it has ended."""
    user = broker.user(fields.text(call.body, "userID"))
    type_ = fields.choice(call.body, "type", TYPES)
    side = fields.choice(call.body, "side", ("FRONT", "BACK")) if "side" in call.body else "FRONT"
    content = _content(fields.text(call.body, "document", longest=fields.TOO_MUCH))
    upload = {"id": str(uuid.uuid4()), "type": type_, "side": side, "status": "PENDING"}
    broker.files.add(upload["id"], content)
    user.uploads.append(upload)
    if user.kyc_status == kyc.APPROVED:
        upload["status"] = "APPROVED"
    elif user.kyc_status != kyc.DENIED:
        kyc.submit(broker, user)
    return {**upload, "status": _status(upload)}


def list_documents(broker: Broker, call: Call) -> list[dict[str, Any]]:
    """Return a user's documents; the type is an object here, a word in the answer to an upload."""
    return [
        {
            "id": upload["id"],
            "type": {"name": upload["type"], "description": TYPES[upload["type"]]},
            "side": upload["side"],
            "status": _status(upload),
        }
        for upload in broker.user(call.path["user_id"]).uploads
    ]


def get_document_url(broker: Broker, call: Call) -> dict[str, str]:
    document_id = call.path["document_id"]
    if broker.files.get(document_id) is None:
        raise Refusal("D050", status=404)
    return {"url": links.create(broker, call, links.UPLOAD, document_id)}


def _content(data_url: str) -> File:
    """Return the file in a data URL, typed by its first bytes."""
    head = DATA_URL.match(data_url)
    if head is None:
        raise Refusal("D011").naming("document", detail="not a base64 data URL")
    text = data_url[head.end() :]
    if len(text) * 3 // 4 > LARGEST + 2:
        raise _too_large()
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("D011").naming("document", detail="not base64") from None
    if len(content) > LARGEST:
        raise _too_large()
    types = [type_ for magic, type_ in MAGIC.items() if content.startswith(magic)]
    if not types:
        raise Refusal("D011").naming("document", detail="PNG, JPEG or PDF")
    return File(types[0], text)


def _too_large() -> Refusal:
    return Refusal("D001").naming("document", detail=f"at most {LARGEST} bytes")


def _status(upload: dict[str, str]) -> dict[str, str]:
    status = upload.get("status", "PENDING")
    return {"name": status, "description": STATUSES[status]}
