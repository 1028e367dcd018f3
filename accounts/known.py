"""Browsers and apps a user has signed in with before, and the mail where one is new.

A browser is known by a cookie of ours; an app, and a browser that lost its cookies, by the same
name from the same address.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.pages import get_ip_address
from accounts.security_models import KnownBrowser
from core.encryption import blind_index

COOKIE = "known"
FOR = timedelta(days=365)
PATH = "/"


def remember(request: HttpRequest, user: User, *, at: datetime) -> bool:
    """Keep that this browser signed in; say whether it is a new one beside others.

    The first that ever signs in is nobody's intruder. The answer gets the cookie
    (`RememberBrowsers`).
    """
    found = find(request, user, at=at)
    address, traces = _address(request), _traces(request)
    if found is not None:
        changes = {"seen_at": at, "address": address, "traces": traces}
        KnownBrowser.objects.filter(pk=found.pk).update(**changes)
        return False
    has_others = _list(user, at).exists()
    token = request.COOKIES.get(COOKIE, "")
    if not token or KnownBrowser.objects.filter(token_hash=_hash(token)).exists():
        token = secrets.token_urlsafe(24)  # of another user of this browser, or none yet
    try:
        with transaction.atomic():
            KnownBrowser.objects.create(
                user=user, token_hash=_hash(token), traces=traces, address=address,
                created_at=at, seen_at=at,
            )  # fmt: skip
    except IntegrityError:
        return False  # two tabs at once
    request.known_browser = token  # type: ignore[attr-defined]
    return has_others


def find(request: HttpRequest, user: User | None, *, at: datetime) -> KnownBrowser | None:
    """Return the browser a request comes from, if this user has signed in with it before."""
    if user is None:
        return None
    theirs = _list(user, at)
    token = request.COOKIES.get(COOKIE, "")
    same = Q(traces=_traces(request))
    if token:
        same |= Q(token_hash=_hash(token))
    return theirs.filter(same).first()


def name_known(request: HttpRequest, email: str, *, at: datetime) -> str:
    """Return under which name tries of this request are counted for an account, if it is known.

    A browser with our cookie has one of its own, which nobody at the same address can use up. Empty
    where neither browser nor address has signed in to the account before.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return ""
    theirs = _list(user, at)
    if token := request.COOKIES.get(COOKIE, ""):
        mine = theirs.filter(token_hash=_hash(token)).values_list("pk", flat=True).first()
        if mine:
            return str(mine)
    address = _address(request)
    return address if theirs.filter(address=address).exists() else ""


def list_forgettable(at: datetime) -> list[QuerySet[KnownBrowser]]:
    """Return browsers not seen for a year (`core.retention`)."""
    return [KnownBrowser.objects.filter(seen_at__lt=at - FOR).order_by("seen_at")]


def set_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Give a browser that has just become known its cookie."""
    if token := getattr(request, "known_browser", ""):
        response.set_cookie(
            COOKIE,
            token,
            max_age=FOR,
            path=PATH,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def _list(user: User, at: datetime) -> QuerySet[KnownBrowser]:
    return KnownBrowser.objects.filter(user=user, seen_at__gte=at - FOR)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _address(request: HttpRequest) -> str:
    return blind_index(get_ip_address(request) or "", context="accounts.address")


def _traces(request: HttpRequest) -> str:
    agent = request.headers.get("User-Agent", "")[:300]
    traces = f"{get_ip_address(request) or ''}|{agent}"
    return blind_index(traces, context="accounts.traces")
