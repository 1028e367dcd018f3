"""What every request passes through."""

import codecs
import json
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.log import log_response
from django.views.defaults import bad_request

from core.letters import SENTENCE, find_unusable, is_usable
from core.problems import MEDIA_TYPE, problem

Handler = Callable[[HttpRequest], HttpResponse]
PLAIN = re.compile(r"[\w-]{8,64}", re.ASCII)
SIGN_IN_API = "/_allauth/"


class RequestId:
    """Give each request an id that its log lines, audit rows and answer carry."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if PLAIN.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if response.status_code >= 400:
                # Django writes this line once, but outside all middleware, where the id is gone.
                reason = response.reason_phrase
                log_response("%s: %s", reason, request.path, response=response, request=request)
        response["X-Request-Id"] = request_id
        return response


class PrivatePages:
    """Keep pages out of caches and search engines, and the browser's sensors out of pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store, private")
        response.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class UsableText:
    """Refuse texts that nothing behind could keep, wherever they stand in a request.

    Addresses and forms here; JSON of our own APIs by their parser (`core.api`), which names the
    field; that of allauth's here, which hands everything to the database.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
        if b"\0" in query or not is_usable(request.path_info):
            return refuse(request, SENTENCE)
        if not _is_utf8(request):
            return refuse(request, "Text is read as UTF-8, and as nothing else.")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if request.path_info.startswith(SIGN_IN_API):
            return None if _is_usable_json(request) else refuse(request, SENTENCE)
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        fields = (text for name, values in request.POST.lists() for text in (name, *values))
        return None if all(map(is_usable, fields)) else refuse(request, SENTENCE)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer whoever broke off; there is nothing to mend."""
        if isinstance(error, UnreadablePostError):
            return refuse(request, "The body was cut off.")
        return None


def refuse(request: HttpRequest, detail: str) -> HttpResponse:
    """Answer 400: a problem to a program, a page to a person."""
    if request.path_info.startswith(("/api/", SIGN_IN_API)):
        body = problem(HTTPStatus.BAD_REQUEST, "unusable_text", detail)
        return JsonResponse(body, status=HTTPStatus.BAD_REQUEST, content_type=MEDIA_TYPE)
    return bad_request(request, ValueError(detail))


def _is_utf8(request: HttpRequest) -> bool:
    """Say whether the request claims no other encoding: Django would obey, even for addresses."""
    claimed = (request.content_params or {}).get("charset", "utf-8")
    try:
        return codecs.lookup(claimed).name in {"utf-8", "ascii"}
    except (LookupError, ValueError):
        return False


def _is_usable_json(request: HttpRequest) -> bool:
    try:
        return request.method == "GET" or not find_unusable(json.loads(request.body or b"null"))
    except (ValueError, RecursionError):
        return True  # no JSON: it is refused as that
