"""What every request passes through."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response

Handler = Callable[[HttpRequest], HttpResponse]
PLAIN = re.compile(r"[\w-]{8,64}")


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
