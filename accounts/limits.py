"""When to try again, where one of allauth's limits was reached: it does not say so itself."""

import json
import math
import time
from typing import Any

from allauth.account import app_settings
from allauth.core.internal.ratelimit import get_cache_key, parse_rates
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.emails import tidy_email
from core.problems import MEDIA_TYPE, problem
from core.waiting import in_words, try_again

APP = "allauth.account"
LEAST = 1.0
A_WHILE = 60.0  # where no limit is found that is reached: it has just ended
LONGEST_BODY = 10_000


def wait_of(request: HttpRequest, *keys: str) -> float:
    """Return in how many seconds none of the limits this request counts in is reached.

    :param keys: what limits by key are counted by, beside the e-mail address that was sent
    """
    now, longest = time.time(), 0.0
    named = [key for key in (*keys, _sent_email(request)) if key]
    for action, text in app_settings.RATE_LIMITS.items():
        for rate in parse_rates(text):
            for name in _names(request, action, rate, named):
                history = cache.get(name) or []
                if len(history) >= rate.amount:
                    longest = max(longest, history[-1] + rate.duration - now)
    return max(longest, LEAST) if longest else A_WHILE


def _names(request: HttpRequest, action: str, rate: Any, keys: list[str]) -> list[str]:
    """Return under which names of the cache a rate is counted for this request."""
    if rate.per == "user" and not request.user.is_authenticated:
        return []
    which: list[str | None] = list(keys) if rate.per == "key" else [None]
    return [get_cache_key(request, app=APP, action=action, rate=rate, key=key) for key in which]


def _sent_email(request: HttpRequest) -> str:
    """Return the address that was sent, as it is counted."""
    try:
        return tidy_email(_read_email(request)).lower()
    except ValidationError:
        return ""


def _read_email(request: HttpRequest) -> str:
    if request.content_type == "application/json":
        try:
            sent = json.loads(request.body[:LONGEST_BODY])
        except ValueError:
            return ""
        email = sent.get("email") if isinstance(sent, dict) else ""
        return email if isinstance(email, str) else ""
    return str(request.POST.get("email", ""))


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer with the page that says when to try again."""
    wait = wait_of(request)
    response = render(request, "429.html", {"when": in_words(wait)}, status=429)
    request.retry_after = wait  # type: ignore[attr-defined]
    return response


def too_many_calls(wait: float) -> HttpResponse:
    """Answer an app as the rest of our API does, where allauth says nothing but the status."""
    body = problem(429, "throttled", f"There were too many requests. {try_again(wait)}")
    seconds = max(1, math.ceil(wait))
    return JsonResponse(body | {"retryAfterSeconds": seconds}, status=429, content_type=MEDIA_TYPE)
