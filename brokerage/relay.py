"""Our signed door for events: `POST /api/webhooks/drivewealth`.

DriveWealth itself posts nothing, it fills a queue; this is for a relay of our own that empties the
queue elsewhere, and for the practice broker. The sender signs the Unix time and the raw body:
`X-Relay-Timestamp: 1789000000`
`X-Relay-Signature: v1=` and the hex digits of HMAC-SHA256(secret, timestamp + "." + body).
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError

from accounts.pages import get_ip_address
from brokerage.gateway import Malformed
from brokerage.inbox import accept
from brokerage.models import BrokerEvent
from core import clock
from core.problems import MEDIA_TYPE, problem
from core.throttle import Throttle

ADDRESS = "/api/webhooks/drivewealth"
LARGEST = 64 * 1024  # bytes of body
SKEW = 300  # seconds a signature is good for, on either side of now
SIGNED = "signed"  # one name for all who know a secret; strangers are told apart by address
throttle = Throttle(settings.DRIVEWEALTH_WEBHOOK_RATE)


class Relay:
    """Answers the relay before sessions, sign-in and pages have their turn.

    It needs none of them, and they cost more than the answer. Without a secret there is no such
    address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == ADDRESS and settings.DRIVEWEALTH_WEBHOOK_SECRET:
            return take_event(request)
        return self.get_response(request)


def take_event(request: HttpRequest) -> HttpResponse:
    """Store one signed event and answer 200 with nothing in it; a repeat gets the same answer."""
    if request.method != "POST":
        return _refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Only POST is understood.", Allow="POST")
    if _length(request) > LARGEST:
        return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "An event has at most 64 KB.")
    try:
        body = request.body
    except UnreadablePostError:
        return _refuse(HTTPStatus.BAD_REQUEST, "The event was cut off.")
    genuine = _is_genuine(request, body)
    if not throttle.admits(SIGNED if genuine else get_ip_address(request) or "unknown"):
        wait = {"Retry-After": "1"}
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many at once. Try again.", **wait)
    if not genuine:
        scheme = {"WWW-Authenticate": "X-Relay-Signature"}
        return _refuse(HTTPStatus.UNAUTHORIZED, "The signature is wrong or too old.", **scheme)
    try:
        accept(_decode(body), source=BrokerEvent.Source.RELAY, at=clock.now())
    except Malformed as fault:
        return _refuse(HTTPStatus.BAD_REQUEST, str(fault))
    return HttpResponse(headers={"Content-Length": "0"})


def _length(request: HttpRequest) -> int:
    """Return the announced length; Django reads no byte beyond it."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return int(announced) if announced.isdecimal() else 0


def _is_genuine(request: HttpRequest, body: bytes) -> bool:
    """Say whether a secret of ours signed this body within the last minutes.

    Freshness is judged by real time: the clock of a practice site may have been moved.
    """
    stamp = request.headers.get("X-Relay-Timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    given = request.headers.get("X-Relay-Signature", "").encode()
    right = [
        hmac.compare_digest(given, sign(secret, stamp, body).encode())
        for secret in settings.DRIVEWEALTH_WEBHOOK_SECRET
    ]
    return any(right) and abs(time.time() - int(stamp)) <= SKEW


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature of a body sent at `stamp` (Unix seconds, as text)."""
    digest = hmac.digest(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hex()}"


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8.") from error


def _refuse(status: HTTPStatus, detail: str, **headers: str) -> HttpResponse:
    """Answer with problem+json."""
    body = problem(status, status.name.lower(), detail)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)
