"""The web server's threads, parted: whatever all pages wait for, some threads stay free.

Pages get all threads but a few. Whoever finds none free is told so within a moment, in a thread of
those few, which also serve what needs neither database nor vendor: the health check, styles,
scripts and pictures.
"""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any

import structlog
from django.conf import settings

from core.outages import Outage, render_outage

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]
ALIVE = "/healthz"
OUTSIDE = ("/static/", "/healthy")
KEPT_FREE = 2  # threads
WAIT = 1.0  # seconds for a seat
STUCK = 5.0  # seconds in which nobody waits, after one has waited in vain
BUSY = Outage("busy", retry_after=2)
log = structlog.get_logger()


class Bulkhead:
    """Let so many requests in at once, and answer the others that they come back in a moment."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._seats = BoundedSemaphore(max(1, settings.WEB_THREADS - KEPT_FREE))
        self._stuck_until = 0.0

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path == ALIVE:
            return _answer(start, HTTPStatus.OK, "text/plain", b"alive\n")
        if path.startswith(OUTSIDE):
            return self.application(environ, start)
        if not self._find_seat():
            log.warning("no_seat", path=path)
            kind, body = render_outage(path, BUSY)
            return _answer(
                start, HTTPStatus.SERVICE_UNAVAILABLE, kind, body, ("Retry-After", BUSY.wait)
            )
        try:
            return self.application(
                environ, start
            )  # made whole by then; sending it waits for nobody
        finally:
            self._seats.release()

    def _find_seat(self) -> bool:
        """Take a seat; where they do not come free, do not have everybody wait for one in turn."""
        if self._seats.acquire(blocking=False):
            return True
        if time.monotonic() < self._stuck_until:
            return False
        if self._seats.acquire(timeout=WAIT):
            return True
        self._stuck_until = time.monotonic() + STUCK
        return False


def _answer(
    start: Start, status: HTTPStatus, kind: str, body: bytes, *headers: tuple[str, str]
) -> Iterable[bytes]:
    start(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            *headers,
        ],
    )
    return [body]
