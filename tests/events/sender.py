"""A relay as another machine would be one: it signs by its own arithmetic and posts."""

import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

from django.test import Client

from brokerage.models import BrokerEvent

SECRET = "a-secret-between-relay-and-site-for-the-tests"
ADDRESS = "/api/webhooks/drivewealth"


def envelope(type_: str, payload: dict[str, Any], /, **changes: Any) -> dict[str, Any]:
    """Return an event as it lies in DriveWealth's queue."""
    event = {
        "id": f"event_{uuid4()}",
        "type": type_,
        "timestamp": "2026-11-16T17:00:00.239726118Z",
        "payload": payload,
    }
    return event | changes


def signature(body: bytes, stamp: str, secret: str = SECRET) -> str:
    text = stamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


class Sender:
    """Posts events; every part of a request can be got wrong."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def post(
        self,
        event: dict[str, Any] | list[Any] | bytes,
        *,
        secret: str = SECRET,
        age: int = 0,
        signed: bytes | None = None,
        **headers: str,
    ) -> Any:
        """Post one event.

        :param age: seconds ago at which it claims to be signed
        :param signed: the body the signature is for, if not the one sent
        :param headers: replace `X_Relay_Timestamp` or `X_Relay_Signature`
        """
        body = event if isinstance(event, bytes) else json.dumps(event, default=float).encode()
        stamp = str(int(time.time()) - age)
        given = {
            "X_Relay_Timestamp": stamp,
            "X_Relay_Signature": signature(body if signed is None else signed, stamp, secret),
        } | headers
        return self.client.post(
            ADDRESS,
            body,
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in given.items()},
        )

    def tell(self, type_: str, payload: dict[str, Any], /, **changes: Any) -> BrokerEvent:
        """Post an event that is taken, and return the row it made."""
        event = envelope(type_, payload, **changes)
        answer = self.post(event)
        assert answer.status_code == 200, answer.content
        return BrokerEvent.objects.get(event_id=event["id"])
