"""What answers carry for whoever signs in: a known browser's cookie, and when to try again."""

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import known, limits

Handler = Callable[[HttpRequest], HttpResponse]
TOO_MANY = 429


class SignIns:
    """Set the cookie of a browser that has just become known; say when to try again."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        known.set_cookie(request, response)
        wait = getattr(request, "retry_after", None)
        if wait is None and response.status_code == TOO_MANY and "Retry-After" not in response:
            wait = limits.wait_of(request)
            if response.headers.get("Content-Type", "").startswith("application/json"):
                response = limits.too_many_calls(wait)
        if wait is not None and "Retry-After" not in response:
            response["Retry-After"] = str(max(1, math.ceil(wait)))
        return response
