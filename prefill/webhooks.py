"""Plaid's webhooks: `POST /api/webhooks/plaid/<mode>`. Verified, stored, answered; nothing else.

Plaid signs a JWT (header `Plaid-Verification`, ES256) over the moment and the SHA-256 of the raw
body (https://plaid.com/docs/api/webhooks/webhook-verification/). Freshness is judged by real time:
the clock of a practice site may have been moved.
"""

import hashlib
import hmac
import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import jwt
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.pages import get_ip_address
from core import clock
from core.problems import MEDIA_TYPE, problem
from core.throttle import Throttle
from core.vendors import Rejected, Unavailable
from prefill import limits
from prefill.gateway import get_bank_linker
from prefill.models import PlaidEvent

HEADER = "Plaid-Verification"
ALGORITHM = "ES256"
LARGEST = 64 * 1024  # bytes of body
LONGEST_SIGNATURE = 4096
OLDEST = timedelta(minutes=5)
LEEWAY = timedelta(seconds=10)  # by which Plaid's clock may be ahead of ours
KEY_FOR = 24 * 3600  # seconds a key is kept
NO_KEY_FOR = 3600
NO_KEY = "none"
MALFORMED = "malformed"
throttle = Throttle(settings.PLAID_WEBHOOK_RATE)


class CanNotTell(Exception):
    """The key could not be asked for now; the sender is to come again."""


@method_decorator(csrf_exempt, name="dispatch")
class TakePlaidEvent(View):
    """Store one signed webhook and answer 200 with nothing in it; a repeat gets the same answer."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, mode: str) -> HttpResponse:
        if get_bank_linker(mode) is None:
            return _refuse(HTTPStatus.NOT_FOUND, "Nothing comes in here.")
        if _length(request) > LARGEST:
            return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "An event has at most 64 KB.")
        body, signature = request.body, request.headers.get(HEADER, "")
        address = get_ip_address(request) or "unknown"
        if not throttle.admits(address):
            return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many at once.", wait=1)
        try:
            genuine = is_genuine(mode, signature, body, sender=address)
        except CanNotTell:
            return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Come again in a moment.", wait=30)
        if not genuine:
            return _refuse(HTTPStatus.UNAUTHORIZED, "The signature is wrong or too old.")
        _store(mode, signature, body)
        return HttpResponse(headers={"Content-Length": "0"})


def is_genuine(mode: str, signature: str, body: bytes, *, sender: str) -> bool:
    """Say whether Plaid signed these very bytes within the last minutes.

    :raises CanNotTell: the key is not here and can not be asked for now
    """
    if not signature or len(signature) > LONGEST_SIGNATURE:
        return False
    try:
        header = jwt.get_unverified_header(signature)
    except jwt.InvalidTokenError:
        return False
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str) or not kid:
        return False
    key = _find_key(mode, kid, sender)
    if key is None or key["expired_at"] is not None:
        return False
    try:
        claims = jwt.decode(
            signature,
            jwt.PyJWK(key, algorithm=ALGORITHM),
            algorithms=[ALGORITHM],
            options={"require": ["iat"], "verify_iat": False},  # by our own rule, below
        )
    except (jwt.InvalidTokenError, jwt.PyJWKError):
        return False
    return _is_fresh(claims.get("iat")) and _is_about(claims.get("request_body_sha256"), body)


def _is_fresh(issued: Any) -> bool:
    if isinstance(issued, bool) or not isinstance(issued, int):
        return False
    age = timezone.now().timestamp() - issued
    return -LEEWAY.total_seconds() <= age <= OLDEST.total_seconds()


def _is_about(digest: Any, body: bytes) -> bool:
    right = hashlib.sha256(body).hexdigest()
    return isinstance(digest, str) and hmac.compare_digest(digest.encode(), right.encode())


def _find_key(mode: str, kid: str, sender: str) -> dict[str, Any] | None:
    """Return the public key of this id; None where Plaid has none.

    Who makes ids up has us ask Plaid a few times a minute, and leaves others their own few.

    :raises CanNotTell: it is not here and can not be asked for now
    """
    name = f"plaid-key:{mode}:{hashlib.sha256(kid.encode(errors='replace')).hexdigest()}"
    kept: dict[str, Any] | str | None = cache.get(name)
    if kept is not None:
        return kept if isinstance(kept, dict) else None
    linker = get_bank_linker(mode)
    if linker is None or not limits.may_ask_for_key(mode, sender):
        raise CanNotTell
    try:
        key = linker.get_webhook_key(kid)
    except Unavailable as error:
        raise CanNotTell from error
    except Rejected as refusal:
        if refusal.code != "unknown_key":
            raise CanNotTell from refusal
        cache.set(name, NO_KEY, NO_KEY_FOR)
        return None
    cache.set(name, key, KEY_FOR)
    return key


def _store(mode: str, signature: str, body: bytes) -> None:
    """Insert unless it is here; workers find it by its `next_step_at` (`prefill.sweeps`)."""
    at = clock.now()
    event = PlaidEvent(
        mode=mode,
        digest=hashlib.sha256(signature.encode()).hexdigest(),
        type=_read_type(body),
        payload=body.decode(errors="replace"),
        received_at=at,
        next_step_at=at,
    )
    PlaidEvent.objects.bulk_create([event], ignore_conflicts=True)


def _read_type(body: bytes) -> str:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return MALFORMED
    if not isinstance(payload, dict):
        return MALFORMED
    kind = f"{payload.get('webhook_type')}.{payload.get('webhook_code')}"
    return kind.replace("\0", "")[:100]


def _length(request: HttpRequest) -> int:
    """Return the announced length; Django reads no byte beyond it."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return int(announced) if announced.isdecimal() else 0


def _refuse(status: HTTPStatus, detail: str, *, wait: int = 0) -> HttpResponse:
    """Answer with problem+json."""
    body = problem(status, status.name.lower(), detail)
    headers = {"Retry-After": str(wait)} if wait else {}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)
