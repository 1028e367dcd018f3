"""What stands around every call to a vendor, whichever library makes it."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection

from core.again import note_outside
from core.vendors.allowance import Pace
from core.vendors.answers import Unavailable
from core.vendors.breaker import Breaker
from core.vendors.budget import check_time, seated

log = structlog.get_logger()
LARGEST_BODY = 10 * 1024 * 1024


@contextmanager
def guarded(breaker: Breaker, pace: Pace | None = None) -> Iterator[None]:
    """Let one call through, and tell the circuit how it went. Only `Unavailable` is a failure.

    :raises Unavailable: the call's own, the vendor rests, or this web request may wait no longer
    :raises RuntimeError: called inside a transaction
    """
    check_no_transaction()
    note_outside()
    with seated(breaker.vendor):
        yield from _circuit(breaker, pace)


def _circuit(breaker: Breaker, pace: Pace | None) -> Iterator[None]:
    if pace:
        pace.wait()
    entry = breaker.enter()
    try:
        yield
    except Unavailable as error:
        if error.status == 429:  # it works, and asks for fewer calls
            breaker.succeed(entry)
            raise
        rest = breaker.fail(entry)
        if rest is None:
            raise
        resting = breaker.resting(rest)
        raise Unavailable(
            f"{error.reason}; {resting.reason}",
            retry_after=max(error.retry_after or 0, resting.retry_after or 0),
            status=error.status,
            sent=error.sent,
        ) from error
    breaker.succeed(entry)


@dataclass
class Line:
    """What the log line of one call says of its answer."""

    status: int = 0
    request_id: str = ""


@contextmanager
def logged(vendor: str, method: str, path: str) -> Iterator[Line]:
    """Write one line about one request, whatever becomes of it: no bodies, no identifiers.

    :param path: without identifiers
    """
    started, line = time.monotonic(), Line()
    try:
        yield line
    finally:
        log.info(
            "vendor_call",
            vendor=vendor,
            method=method,
            path=path,
            status=line.status,
            ms=round((time.monotonic() - started) * 1000),
            vendor_request=line.request_id,
        )


def check_status(vendor: str, status: int, retry_after: float | None) -> None:
    """Refuse an answer that can be of no use by its status alone.

    :raises Unavailable: the vendor failed, wants fewer calls, or sends us elsewhere
    """
    if status >= 500 or status in {408, 425, 429}:
        raise Unavailable(f"{vendor} answered {status}", retry_after=retry_after, status=status)
    if 300 <= status < 400:
        raise Unavailable(f"{vendor} tried to redirect us ({status})", status=status)


def join_pieces(vendor: str, status: int, pieces: Iterable[bytes]) -> bytes:
    """Return a body that comes piece by piece; the rest of a huge one is left unread.

    :raises Unavailable: more than `LARGEST_BODY`, or the web request's time is up
    """
    content = bytearray()
    for piece in pieces:
        check_time(vendor, sent=True, status=status)
        content += piece
        if len(content) > LARGEST_BODY:
            raise Unavailable(f"{vendor} sent too much", status=status)
    return bytes(content)


def check_no_transaction() -> None:
    """Hold the rule that a vendor is asked after the intent is committed, never before.

    Otherwise a lost transaction would forget what the vendor did, and locks would wait for it.
    The transaction a test runs in does not count.

    :raises RuntimeError: inside a transaction
    """
    blocks: list[Any] = connection.atomic_blocks
    if any(not block._from_testcase for block in blocks):
        raise RuntimeError("A vendor is never called inside a transaction.")
