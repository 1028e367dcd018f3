"""What one web request may spend on vendors: so much time in all, in so many threads at once.

A worker waits as long as `VENDOR_TIMEOUT` says. A person does not, and the thread that answers them
is one of few: a vendor that is slow holds a part of them (a bulkhead), and each not for long. What
is not asked for lack of time or place counts as not sent; the row it belongs to goes on by itself.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import BoundedSemaphore, Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.vendors.answers import Unavailable

LEAST = 0.25  # seconds: with less nothing is begun
SOON = 5.0  # seconds after which to try again
_deadline: ContextVar[float | None] = ContextVar("vendor_deadline", default=None)
_seats: dict[str, BoundedSemaphore] = {}
_making = Lock()


class Budget:
    """Bounds what one request waits for vendors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _deadline.set(time.monotonic() + settings.WEB_VENDOR_SECONDS)
        try:
            return self.get_response(request)
        finally:
            _deadline.reset(token)


def left() -> float | None:
    """Return how many seconds this request has left; None outside a request."""
    deadline = _deadline.get()
    return None if deadline is None else deadline - time.monotonic()


def timeouts() -> tuple[float, float]:
    """Return in how many seconds a call now has to be connected, and to have its answer."""
    connect, read = settings.VENDOR_TIMEOUT
    rest = left()
    if rest is None:
        return connect, read
    return min(connect, max(rest, LEAST)), min(read, max(rest, LEAST))


def check_time(vendor: str, *, sent: bool, status: int = 0) -> None:
    """Refuse to begin, or to go on, where the request's time is up.

    :raises Unavailable: it is
    """
    rest = left()
    if rest is not None and rest < (0 if sent else LEAST):
        raise Unavailable(f"{vendor}: no time left", retry_after=SOON, status=status, sent=sent)


@contextmanager
def seated(vendor: str) -> Iterator[None]:
    """Take one of the seats that web requests may hold at a vendor in this process, for a call.

    :raises Unavailable: all are taken, or the request's time is up
    """
    if left() is None:
        yield
        return
    check_time(vendor, sent=False)
    seats = _seats_of(vendor)
    if not seats.acquire(blocking=False):
        raise Unavailable(f"{vendor}: too many wait for it", retry_after=SOON, sent=False)
    try:
        yield
    finally:
        seats.release()


def _seats_of(vendor: str) -> BoundedSemaphore:
    with _making:
        if vendor not in _seats:
            _seats[vendor] = BoundedSemaphore(max(1, settings.WEB_THREADS // 4))
        return _seats[vendor]
