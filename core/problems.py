"""Errors as people and programs read them: flash messages and problem+json (RFC 9457)."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError
from core.waiting import try_again

MEDIA_TYPE = "application/problem+json"


@contextmanager
def refusals_shown(request: HttpRequest) -> Iterator[None]:
    """Turn a refusal into a message on the next page."""
    try:
        yield
    except DomainError as refusal:
        messages.error(request, refusal.message)


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an API request that failed with one problem+json document; None for a bug."""
    headers: dict[str, str] = {}
    if isinstance(error, DomainError):
        body = problem(error.status, error.code, error.message, error.fields)
        if len(error.parts) > 1 and error.fields:
            body["codes"] = {_encodable(name): code for name, code in error.codes.items()}
        if error.retry_after is not None:
            headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    elif isinstance(error, ValidationError):
        body = problem(400, "invalid", "Some fields need another look.", flatten(error.detail))
    elif isinstance(error, APIException):
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(max(1, math.ceil(wait)))
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        codes = error.get_codes()
        detail = f"There were too many requests. {try_again(wait)}" if wait else str(error.detail)
        body = problem(error.status_code, codes if isinstance(codes, str) else "invalid", detail)
    elif isinstance(error, Http404):
        body = problem(404, "not_found", "There is nothing here.")
    elif isinstance(error, PermissionDenied):
        body = problem(403, "not_allowed", "You may not do this.")
    elif isinstance(error, RequestDataTooBig):
        body = problem(413, "too_large", "The body is too large.")
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def problem(
    status: int, code: str, detail: str, fields: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the document: type, title, status, code (stable), detail (a sentence), fields."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    clean = {_encodable(name): text for name, text in (fields or {}).items()}
    return body | ({"fields": clean} if clean else {})


def _encodable(name: str) -> str:
    """Return a name, which may be the caller's own, without what UTF-8 can not say."""
    return name.encode(errors="replace").decode()


def flatten(detail: Any, prefix: str = "") -> dict[str, str]:
    """Flatten DRF's nested error detail to `{"address.zip": "sentence"}`."""
    if isinstance(detail, dict):
        flat: dict[str, str] = {}
        for name, inner in detail.items():
            flat |= flatten(inner, f"{prefix}.{name}" if prefix else str(name))
        return flat
    if isinstance(detail, list):
        return {prefix or "body": " ".join(str(item) for item in detail)}
    return {prefix or "body": str(detail)}
