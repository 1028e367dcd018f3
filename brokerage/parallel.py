"""Asking the broker about many rows at once, with a bounded number of threads."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import structlog
from django.conf import settings
from django.db import connections

from brokerage.gateway import Rejected, Unavailable
from core.vendors import kept

Item = TypeVar("Item")
Found = TypeVar("Found")
log = structlog.get_logger()


class Askers(Protocol):
    """Ask about every item; of those that could not be read the error comes in its place."""

    def __call__(
        self, ask: Callable[[Item], Found], items: Sequence[Item]
    ) -> list[Found | Exception]: ...


@contextmanager
def askers() -> Iterator[Askers]:
    """Lend up to SYNC_PARALLEL threads that ask.

    They keep their connections to the broker and to the database from one batch to the next, and
    close the latter in the end. Pace, circuit and token bind them as they bind every other call.
    With `SYNC_PARALLEL=1` the caller's own thread asks.
    """
    if settings.SYNC_PARALLEL <= 1:
        yield lambda ask, items: [_try(ask, item) for item in items]
        return
    opened: list[Any] = []

    def begin() -> None:
        kept.begin()
        for connection in connections.all():
            connection.inc_thread_sharing()  # closed by the caller, once this thread has ended
            opened.append(connection)

    try:
        with ThreadPoolExecutor(settings.SYNC_PARALLEL, "asker", initializer=begin) as pool:
            yield lambda ask, items: list(pool.map(lambda item: _try(ask, item), items))
    finally:
        for connection in opened:
            connection.close()


def _try(ask: Callable[[Item], Found], item: Item) -> Found | Exception:
    try:
        return ask(item)
    except (Unavailable, Rejected) as error:
        return error
    except Exception as error:  # a bug met by one row must not keep the others waiting
        log.exception("asking_failed")
        return error
