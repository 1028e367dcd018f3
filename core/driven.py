"""Rows that are driven step by step to an end by workers that may die at any line.

State, lease and attempts live in the row itself. A queue task is only a nudge; the sweep finds
what is due without the queue. Two workers never hold the same row: the lease is taken by one
conditional UPDATE.
"""

import random
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

LEASE = timedelta(seconds=120)  # longer than the slowest step: two vendor calls at their timeouts
# Seconds. DriveWealth advises 1, 3, 10 and 30 after a lost answer; then we leave it in peace.
BACKOFF = (1, 3, 10, 30, 60, 300, 900, 1800)
SOONEST = 1.0  # seconds; whoever asks for less is not asked in a loop


class DrivenQuerySet(models.QuerySet[Any]):
    def due(self, at: datetime) -> Self:
        """Keep the rows that want a step now and that nobody holds."""
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
        return self.filter(free, next_step_at__lte=at).order_by("next_step_at")


class Driven(models.Model):
    """A row with a next step. `next_step_at` empty: nothing more to do."""

    next_step_at = models.DateTimeField(null=True, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Failed tries since the last success"
    )
    trouble = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Why the last try failed"
    )
    parked_at = models.DateTimeField(
        null=True, blank=True, help_text="Given up until a person wakes it"
    )

    objects = DrivenQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def take(cls, pk: Any, *, at: datetime) -> Self | None:
        """Lease the row for one step and return it fresh; None where another worker holds it."""
        rows = cls._base_manager.filter(pk=pk, next_step_at__isnull=False).filter(
            Q(leased_until__isnull=True) | Q(leased_until__lte=at)
        )
        if not rows.update(leased_until=at + LEASE):
            return None
        return cls._base_manager.get(pk=pk)

    @classmethod
    def wake(cls, pk: Any, *, at: datetime) -> bool:
        """Make the row due now; False where a worker holds it.

        That worker may have looked before what the caller has heard of, and would say when it
        gives the row back that nothing is due for long: wake it again then.
        """
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
        return bool(cls._base_manager.filter(free, pk=pk).update(next_step_at=at))

    def release(self, *, next_step_at: datetime | None, trouble: str = "") -> None:
        """Give the lease back and say when the next step is due; success forgets earlier failures.

        A worker whose lease ran out meanwhile changes nothing: the row is another's now.
        """
        held = type(self)._base_manager.filter(pk=self.pk, leased_until=self.leased_until)
        held.update(
            leased_until=None,
            next_step_at=next_step_at,
            attempts=F("attempts") + 1 if trouble else 0,
            trouble=trouble[:200],
        )

    def retry_later(self, *, at: datetime, trouble: str, retry_after: float | None = None) -> None:
        """Give the lease back after a failure, to be tried again later.

        Whoever said when to come back is obeyed to the second; otherwise the row waits longer each
        time, with jitter, so that what failed together does not come back together.

        :param at: when it failed
        :param retry_after: seconds the other side asked us to wait
        """
        seconds = BACKOFF[min(self.attempts, len(BACKOFF) - 1)]
        wait = seconds * random.uniform(0.75, 1.25)  # noqa: S311
        if retry_after is not None:
            wait = max(retry_after, SOONEST)
        self.release(next_step_at=at + timedelta(seconds=wait), trouble=trouble)
