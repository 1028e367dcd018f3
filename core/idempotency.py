"""Our API's `Idempotency-Key`: a repeated request gets the first one's answer and does nothing.

The record is inserted in the transaction that does the work. A second request with the same key
waits at the unique index until the first has committed, and then repeats its answer; where the
first was refused or died, nothing of it is left and the second does the work.
(IETF draft-ietf-httpapi-idempotency-key-header.)
"""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit, clock
from core.errors import DomainError, Invalid
from core.models import IdempotentRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
SHORTEST, LONGEST = 16, 100
HEADER_PARAMETER = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A UUID of yours: sent again, the request gets its first answer.",
)
Handler = Callable[..., Response]


class KeyReused(DomainError):
    """The key was sent before with another request."""

    code = "idempotency_key_reused"
    status = 422


def idempotent(handler: Handler) -> Handler:
    """Have a view's method obey `Idempotency-Key`; without the header it works as ever.

    :raises Invalid: a key of a length nobody should send
    :raises KeyReused: the same key with another method, path or body
    """
    described: Any = extend_schema(parameters=[HEADER_PARAMETER])

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not (SHORTEST <= len(key) <= LONGEST and key.isprintable()):
            message = f"{HEADER} has {SHORTEST} to {LONGEST} characters; a UUID is best."
            raise Invalid(message, code="idempotency_key", fields={HEADER: message})
        with transaction.atomic():
            return _answer_once(key, handler, view, request, *args, **kwargs)

    wrapped: Handler = described(answer)
    return wrapped


def _answer_once(
    key: str, handler: Handler, view: Any, request: Request, *args: Any, **kwargs: Any
) -> Response:
    owner, fingerprint = _owner(request.user), _fingerprint(request)
    mine = IdempotentRequest(owner=owner, key=key, fingerprint=fingerprint, created_at=clock.now())
    IdempotentRequest.objects.bulk_create([mine], ignore_conflicts=True)
    record = IdempotentRequest.objects.get(owner=owner, key=key)
    if record.fingerprint != fingerprint:
        raise KeyReused(f"This {HEADER} was used for another request.")
    if record.status is not None:
        return Response(json.loads(record.body), record.status, headers={REPLAYED: "true"})
    response = handler(view, request, *args, **kwargs)
    IdempotentRequest.objects.filter(pk=record.pk).update(
        status=response.status_code, body=JSONRenderer().render(response.data).decode()
    )
    return response


def _owner(user: Any) -> str:
    """Return whose key it is: the person's, or whom the caller names as `idempotency_owner`."""
    return getattr(user, "idempotency_owner", None) or audit.name_of(user)


def _fingerprint(request: Request) -> str:
    """Return a hash of what was asked; order and spacing of the JSON do not matter."""
    body = json.dumps(request.data, sort_keys=True, default=str)
    text = "\n".join([request.method or "", request.path, body])
    return hashlib.sha256(text.encode()).hexdigest()
