"""Our API's `Idempotency-Key`: a repeated request gets the first one's answer and does nothing.

The record is inserted in the transaction that does the work. A second request with the same key
waits at the unique index until the first has committed, and then repeats its answer; where the
first was refused or died, nothing of it is left and the second does the work.

What calls a vendor can not be one transaction: `idempotent_in_steps` commits a claim first.
(IETF draft-ietf-httpapi-idempotency-key-header.)
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
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
ABANDONED_AFTER = timedelta(minutes=2)  # longer than any request is worked on
HEADER_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": SHORTEST, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="A UUID of yours: sent again, the request gets its first answer.",
)
REQUIRED_PARAMETER = OpenApiParameter(
    HEADER,
    HEADER_PARAMETER.type,
    OpenApiParameter.HEADER,
    required=True,
    description="A UUID of yours, one per intent: sent again, the request gets its first answer. "
    "Without it the request is refused, for a repeat would move money twice.",
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

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _read_key(request)
        if key is None:
            return handler(view, request, *args, **kwargs)
        with transaction.atomic():
            return _answer_once(key, handler, view, request, *args, **kwargs)

    return _described(answer)


def idempotent_only(handler: Handler) -> Handler:
    """Have a view's method that moves money insist on `Idempotency-Key`.

    :raises Invalid: no key, or one of a length nobody should send
    :raises KeyReused: the same key with another method, path or body
    """

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = require_key(request)
        with transaction.atomic():
            return _answer_once(key, handler, view, request, *args, **kwargs)

    return _described(answer, REQUIRED_PARAMETER)


def require_key(request: Request, *, saves: str = "a repeat with it moves no money twice") -> str:
    """Return the request's key.

    :param saves: what it is required for
    :raises Invalid: none was sent, or one of a length nobody should send
    """
    key = _read_key(request)
    if key is None:
        message = f"Send {HEADER}, a UUID of yours: {saves}."
        raise Invalid(message, code="idempotency_key_required", fields={HEADER: message})
    return key


def derive_key(request: Request, what: str) -> UUID:
    """Return the key of the row a request makes: the same for the same person, intent and key.

    Two processes that work on one request at the same time make one row.

    :param what: the kind of row
    :raises Invalid: no key, or one of a length nobody should send
    """
    return uuid5(NAMESPACE_URL, f"{what} of {_owner(request.user)} under {require_key(request)}")


def _answer_once(
    key: str, handler: Handler, view: Any, request: Request, *args: Any, **kwargs: Any
) -> Response:
    record = _get_record(key, request)
    if record is None:
        raise RequestInProgress("This request has just been let go. Send it again.")
    if record.status is not None:
        return _repeat(record)
    response = handler(view, request, *args, **kwargs)
    _keep(IdempotentRequest.objects.filter(pk=record.pk), response)
    return response


class RequestInProgress(DomainError):
    """Somebody else works on the request with this key right now."""

    code = "request_in_progress"
    status = 409
    retry_after = 2


def idempotent_in_steps(handler: Handler) -> Handler:
    """Have a method that calls a vendor, outside transactions, obey `Idempotency-Key`.

    The request is claimed and that is committed; then the work is done, and the answer kept. What
    is refused, or breaks, leaves the key free. Where the process died, the first repeat after two
    minutes does the work anew: what it did before must bear that.

    The view says by `open_transaction` how its transactions are opened, and by `may_keep` whether
    the answer may be written down.

    :raises Invalid: a key of a length nobody should send
    :raises KeyReused: the same key with another method, path or body
    :raises RequestInProgress: the first request is not answered yet
    """

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _read_key(request)
        if key is None:
            return handler(view, request, *args, **kwargs)
        claim = uuid4()
        with view.open_transaction():
            record = _claim(key, request, claim)
        if record.status is not None:
            return _repeat(record)
        try:
            response = handler(view, request, *args, **kwargs)
        except Exception:
            with view.open_transaction():
                IdempotentRequest.objects.filter(pk=record.pk, claim=claim, status=None).delete()
            raise
        with view.open_transaction():
            mine = IdempotentRequest.objects.filter(pk=record.pk, claim=claim)
            if view.may_keep(response):
                _keep(mine, response)
            else:
                mine.delete()
        return response

    return _described(answer)


def _claim(key: str, request: Request, claim: UUID) -> IdempotentRequest:
    """Return the record of the request: answered already, or ours to work on by `claim`."""
    at = clock.now()
    record = _get_record(key, request, claim=claim, claimed_at=at)
    if record is None:
        raise RequestInProgress("This request has just been let go. Send it again.")
    if record.status is None and record.claim != claim:
        abandoned = IdempotentRequest.objects.filter(
            pk=record.pk, status=None, claimed_at__lte=at - ABANDONED_AFTER
        )
        if not abandoned.update(claim=claim, claimed_at=at):
            raise RequestInProgress("We are still working on this request.")
    return record


def _read_key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not (SHORTEST <= len(key) <= LONGEST and key.isprintable()):
        message = f"{HEADER} has {SHORTEST} to {LONGEST} characters; a UUID is best."
        raise Invalid(message, code="idempotency_key", fields={HEADER: message})
    return key


def _get_record(key: str, request: Request, **claimed: Any) -> IdempotentRequest | None:
    """Return the record of this request, made if there was none.

    None where one that was in the way has been deleted in this very moment.
    """
    owner, fingerprint = _owner(request.user), _fingerprint(request)
    mine = IdempotentRequest(
        owner=owner, key=key, fingerprint=fingerprint, created_at=clock.now(), **claimed
    )
    IdempotentRequest.objects.bulk_create([mine], ignore_conflicts=True)
    record = IdempotentRequest.objects.filter(owner=owner, key=key).first()
    if record and record.fingerprint != fingerprint:
        raise KeyReused(f"This {HEADER} was used for another request.")
    return record


def _keep(records: QuerySet[IdempotentRequest], response: Response) -> None:
    body = JSONRenderer().render(response.data).decode()
    about = getattr(response, "about", None)
    records.update(status=response.status_code, body=body, about=about)


def _repeat(record: IdempotentRequest) -> Response:
    body = json.loads(record.body) if record.body else None
    return Response(body, record.status, headers={REPLAYED: "true"})


def _described(handler: Handler, parameter: OpenApiParameter = HEADER_PARAMETER) -> Handler:
    described: Any = extend_schema(parameters=[parameter])
    wrapped: Handler = described(handler)
    return wrapped


def _owner(user: Any) -> str:
    """Return whose key it is: the person's, or whom the caller names as `idempotency_owner`."""
    return getattr(user, "idempotency_owner", None) or audit.name_of(user)


def _fingerprint(request: Request) -> str:
    """Return a hash of what was asked; order and spacing of the JSON do not matter, names of files
    neither: what is in them does."""
    body = json.dumps(request.data, sort_keys=True, default=_fingerprint_value)
    text = "\n".join([request.method or "", request.path, body])
    return hashlib.sha256(text.encode()).hexdigest()


def _fingerprint_value(value: Any) -> str:
    """Return what stands for a value JSON does not have: of a file, a hash of its bytes."""
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    value.seek(0)
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"file of {value.size} bytes, {digest.hexdigest()}"
