"""One step of any driven row: take the lease, do the step, give the lease back, nudge the next."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from django.conf import settings

from brokerage.gateway import Rejected, Unavailable
from core.driven import Driven
from core.errors import StaleMove
from core.queue import enqueue

WAIT = timedelta(seconds=60)  # while something of ours forbids the step
KEY_MEMORY = timedelta(
    days=3, hours=12
)  # DriveWealth forgets keys after 4 days; half a day for skew
Row = TypeVar("Row", bound=Driven)
log = structlog.get_logger()


class TooEarly(Exception):
    """What the step needs is not there yet; the text says what."""


def drive(
    model: type[Row],
    pk: UUID,
    step: Callable[[Row, datetime], datetime | None],
    *,
    task: str,
    at: datetime,
) -> None:
    """Take the row one step, unless another worker holds it or nothing is left to do.

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
        return
    except Rejected as refusal:
        # The step did not expect it: a refused question says nothing about what was asked for.
        row.retry_later(at=at, trouble=f"refused: {refusal.code}")
        return
    except TooEarly as wait:
        row.retry_later(at=at, trouble=str(wait))
        return
    except StaleMove:
        next_step_at = at  # somebody moved it meanwhile: look again
    except Exception:
        # A bug in one row must not keep the others waiting; it shows here and in the admin.
        log.exception("step_failed", row=str(pk), model=model._meta.label)
        row.retry_later(at=at, trouble="unexpected error, see the log")
        return
    row.release(next_step_at=next_step_at)
    if next_step_at is not None and next_step_at <= at:
        enqueue(task, pk=pk)


def poll_at(at: datetime) -> datetime:
    """Return when to ask the broker again about something under way."""
    return at + timedelta(seconds=settings.POLL_SECONDS)
