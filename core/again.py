"""Two requests in each other's way: PostgreSQL ends one, and that one is worked on once more.

Only what has left no trace is repeated: nothing was committed before, and nobody outside was
called. Otherwise the answer is 503 (`core.outages`), and the key or form sent again finds out.
"""

import random
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import structlog
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.db.transaction import Atomic
from django.http import HttpRequest, HttpResponse

from core.outages import COLLISIONS, sqlstate_of

Handler = Callable[[HttpRequest], HttpResponse]
TRIES = 3  # beside the first
READS = re.compile(r"\s*(SELECT|SAVEPOINT|RELEASE|ROLLBACK|SET|SHOW|DECLARE|FETCH|CLOSE)\b", re.I)
# What counts visits and claims; written twice it does no harm.
OF_THE_FRAME = re.compile(r'"(core_cache|django_session|core_idempotentrequest)"')
log = structlog.get_logger()


class Trace:
    """What one request has left behind so far."""

    def __init__(self) -> None:
        self.outside = False
        self._writers: list[Atomic | None] = []

    def watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Note who writes: an execute wrapper of Django's."""
        if not READS.match(sql) and not OF_THE_FRAME.search(sql):
            writer = _outermost()
            if not self._writers or self._writers[-1] is not writer:
                self._writers.append(writer)
        return execute(sql, params, many, context)

    @property
    def is_clean(self) -> bool:
        """Say whether all that was written belonged to the one transaction that has failed."""
        return not self.outside and len(self._writers) <= 1 and None not in self._writers

    def forget(self) -> None:
        self._writers.clear()


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def note_outside() -> None:
    """Note that somebody outside is about to be called: the request is not repeated any more."""
    if trace := _trace.get():
        trace.outside = True


class TryAgain:
    """Repeat a view that lost a deadlock or a serialization conflict, a few times."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trace = Trace()
        token = _trace.set(trace)
        try:
            with connection.execute_wrapper(trace.watch):
                return self.get_response(request)
        finally:
            _trace.reset(token)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Work on the request again.

        :raises OperationalError: it was in the way each time
        """
        trace, match = _trace.get(), request.resolver_match
        for tried in range(1, TRIES + 1):
            if trace is None or match is None or not _may_repeat(trace, error):
                return None
            log.warning("request_repeated", reason=sqlstate_of(error), tried=tried)
            time.sleep(random.uniform(0.02, 0.1) * 2**tried)  # noqa: S311
            trace.forget()
            _rewind(request)
            try:
                response: HttpResponse = match.func(request, *match.args, **match.kwargs)
            except OperationalError as again:
                error = again
            else:
                return response
        raise error


def _may_repeat(trace: Trace, error: BaseException) -> bool:
    return sqlstate_of(error) in COLLISIONS and trace.is_clean


def _outermost() -> Atomic | None:
    """Return the transaction the connection is in; that of a test around it does not count."""
    blocks: list[Any] = connection.atomic_blocks
    return next((block for block in blocks if not block._from_testcase), None)


def _rewind(request: HttpRequest) -> None:
    """Put a request back to where it was before its view: files at their beginning, no messages."""
    for file in getattr(request, "_files", {}).values():
        file.seek(0)
    messages: Any = get_messages(request)
    if hasattr(messages, "_queued_messages"):
        messages._queued_messages.clear()
