"""One step of any driven row: take the lease, do the step, give the lease back, nudge the next."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from django.dispatch import Signal

from core.driven import Driven, find_due
from core.errors import StaleMove
from core.outages import is_away
from core.parking import count_failure
from core.queue import enqueue
from core.vendors import Rejected, Unavailable, Unfamiliar

BATCH = 100  # rows of a kind in one round of the sweep
WAIT = timedelta(seconds=60)  # while something of ours forbids the step
Row = TypeVar("Row", bound=Driven)
Drives = Iterable[tuple[type[Driven], Callable[..., None]]]
unfamiliar = Signal()  # row: Driven, reason: str, at: datetime; the row waits meanwhile
recovered = Signal()  # row: Driven, at: datetime; a step went well after some that did not
log = structlog.get_logger()


class TooEarly(Exception):
    """What the step needs is not there yet; the text says what.

    `counted`: it may never be there, so the row is not to wait for ever.
    """

    def __init__(self, reason: str, *, counted: bool = False) -> None:
        super().__init__(reason)
        self.counted = counted


def drive(
    model: type[Row],
    pk: UUID,
    step: Callable[[Row, datetime], datetime | None],
    *,
    task: str,
    at: datetime,
) -> None:
    """Take the row one step, unless another worker holds it or nothing is left to do.

    An outage makes the row wait, however long; so does a word of the vendor's nobody told us of,
    and a person hears of it. What no outage explains is counted, and parks the
    row after `PARK_AFTER` times in a row (`core.parking`).

    :param step: does the work and returns when the next step is due: `at` itself for at once,
        later for waiting, None for the end
    :param task: dotted path by which the queue drives the same row
    """
    row = model.take(pk, at=at)
    if row is None:
        return
    started = time.monotonic()
    try:
        next_step_at = step(row, at)
    except Unavailable as error:
        # A wait counts from the answer, and the step may have hung for seconds before it.
        failed_at = at + timedelta(seconds=time.monotonic() - started)
        row.retry_later(at=failed_at, trouble=error.reason, retry_after=error.retry_after)
        if isinstance(error, Unfamiliar):
            unfamiliar.send(sender=model, row=row, reason=error.reason, at=at)
    except (OperationalError, InterfaceError) as error:
        # The database's trouble, not the row's; if it is still away the lease runs out by itself.
        row.retry_later(at=at, trouble=f"database: {type(error).__name__}")
    except Rejected as refusal:
        # The step did not expect it: a refused question says nothing about what was asked for.
        count_failure(row, at=at, trouble=f"refused: {refusal.code}")
    except TooEarly as wait:
        row.retry_later(at=at, trouble=str(wait), counted=wait.counted)
    except StaleMove:
        _look_again(row, task, at)
    except Exception:
        # A bug in one row must not keep the others waiting; it shows here and in the admin.
        log.exception("step_failed", row=str(pk), model=model._meta.label)
        count_failure(row, at=at, trouble="unexpected error, see the log")
    else:
        struggled = row.attempts > 0
        row.release(next_step_at=next_step_at)
        if struggled:
            recovered.send(sender=model, row=row, at=at)
        if next_step_at is not None and next_step_at <= at:
            enqueue(task, pk=pk)


def drive_due(drives: Drives, now: Callable[[], datetime]) -> int:
    """Take every row that is due one step; return how many were.

    One that could not even be given back keeps no other from its step: its lease runs out.

    :param drives: each kind of row, and the operation that takes one of it (pk, at) a step
    """
    done = 0
    left = list(drives)
    while (place := find_due([model for model, _advance in left], now())) is not None:
        model, advance = left[place]
        del left[: place + 1]
        for pk in model.objects.pick(now(), BATCH):
            try:
                advance(pk, at=now())
            except Exception as error:
                if is_away(error):
                    raise  # for all of them
                log.exception("row_failed", row=str(pk), model=model._meta.label)
            done += 1
    return done


def _look_again(row: Driven, task: str, at: datetime) -> None:
    """Take a row that somebody moved meanwhile up at once; if that goes on it is no accident."""
    trouble = "moved by somebody else meanwhile"
    if row.failures:
        count_failure(row, at=at, trouble=trouble)
        return
    row.release(next_step_at=at, trouble=trouble, counted=True)
    enqueue(task, pk=row.pk)
