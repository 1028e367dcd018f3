"""Rows that are driven step by step to an end by workers that may die at any line.

State, lease and attempts live in the row itself. A queue task is only a nudge; the sweep finds
what is due without the queue. Two workers never hold the same row: the lease is taken by one
conditional UPDATE.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection, models
from django.db.models import F, Q

from core.commits import relaxing

LEASE = timedelta(seconds=120)  # longer than the slowest step: two vendor calls at their timeouts
# Seconds. DriveWealth advises 1, 3, 10 and 30 after a lost answer; then we leave it in peace.
BACKOFF = (1, 3, 10, 30, 60, 300, 900, 1800)
SOONEST = 1.0  # seconds; whoever asks for less is not asked in a loop


class DrivenQuerySet(models.QuerySet[Any]):
    def due(self, at: datetime) -> Self:
        """Keep the rows that want a step now, that nobody holds and that are not parked."""
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
        due = self.filter(free, next_step_at__lte=at, parked_at__isnull=True)
        return due.order_by("next_step_at")

    def pick(self, at: datetime, most: int) -> list[Any]:
        """Return the keys of up to `most` due rows; what is tried again waits behind what is new.

        A quarter of the places is kept for them: neither can a flood of failing rows hold up new
        ones, nor the other way round.
        """
        due = self.due(at).values_list("pk", flat=True)
        again = list(due.filter(attempts__gt=0)[:most])
        new = list(due.filter(attempts=0)[: most - min(len(again), most // 4)])
        return new + again[: most - len(new)]


def find_due(kinds: Sequence[type["Driven"]], at: datetime) -> int | None:
    """Return the place of the first kind of which a row is due, or None; one question for all.

    Says of each kind what `DrivenQuerySet.due` says: most rounds of a sweep find nothing.
    """
    due = (
        "next_step_at <= %s AND parked_at IS NULL AND (leased_until IS NULL OR leased_until <= %s)"
    )
    asked = " UNION ALL ".join(
        f"SELECT {place} AS place WHERE EXISTS (SELECT FROM "  # noqa: S608 (our own models)
        f"{connection.ops.quote_name(kind._meta.db_table)} WHERE {due})"
        for place, kind in enumerate(kinds)
    )
    if not asked:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(place) FROM ({asked}) AS due", [at, at] * len(kinds))  # noqa: S608
        (place,) = cursor.fetchone()
    return None if place is None else int(place)


class Driven(models.Model):
    """A row with a next step. `next_step_at` empty: nothing more to do."""

    next_step_at = models.DateTimeField(null=True, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Failed tries since the last success"
    )
    failures = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Those of them that no outage explains"
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
        # One statement takes the row and reads it; the ORM's update can not return what it wrote.
        table = connection.ops.quote_name(cls._meta.db_table)
        sql = (
            f"UPDATE {table} SET leased_until = %s WHERE id = %s "  # noqa: S608 (our own model)
            "AND (leased_until IS NULL OR leased_until <= %s) "
            f"AND next_step_at IS NOT NULL AND parked_at IS NULL AND {relaxing()} RETURNING *"
        )
        row: Self | None = next(iter(cls._base_manager.raw(sql, [at + LEASE, pk, at])), None)
        return row

    @classmethod
    def wake(cls, pk: Any, *, at: datetime) -> bool:
        """Make the row due now; False where a worker holds it.

        That worker may have looked before what the caller has heard of, and would say when it
        gives the row back that nothing is due for long: wake it again then. A parked row stays
        parked, and there is nothing to come back for.
        """
        rows = cls._base_manager.filter(pk=pk)
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
        if rows.filter(free, parked_at__isnull=True).update(next_step_at=at):
            return True
        return rows.filter(parked_at__isnull=False).exists()

    def release(
        self, *, next_step_at: datetime | None, trouble: str = "", counted: bool = False
    ) -> None:
        """Give the lease back and say when the next step is due; success forgets earlier failures.

        A worker whose lease ran out meanwhile changes nothing: the row is another's now.

        :param trouble: why this try failed; empty for success
        :param counted: the failure brings the row nearer to being parked (`core.parking`)
        """
        held = self._held().extra(where=[relaxing()])  # noqa: S610 (our own words)
        held.update(
            leased_until=None,
            next_step_at=next_step_at,
            attempts=F("attempts") + 1 if trouble else 0,
            failures=F("failures") + int(counted) if trouble else 0,
            trouble=trouble[:200],
        )

    def park(self, *, at: datetime, trouble: str) -> bool:
        """Give the lease back for good: no step is taken before `unpark`.

        False where the lease ran out meanwhile: the row is another worker's now.
        """
        parked = self._held().update(
            leased_until=None,
            next_step_at=None,
            parked_at=at,
            attempts=F("attempts") + 1,
            failures=F("failures") + 1,
            trouble=trouble[:200],
        )
        self.parked_at, self.trouble = at, trouble[:200]
        return bool(parked)

    @property
    def is_parked(self) -> bool:
        """Say whether the row waits for a person."""
        return self.parked_at is not None

    def unpark(self, *, at: datetime) -> bool:
        """Make a parked row due now, its failures forgotten; False where it is not parked."""
        rows = type(self)._base_manager.filter(pk=self.pk, parked_at__isnull=False)
        return bool(rows.update(parked_at=None, next_step_at=at, attempts=0, failures=0))

    def _held(self) -> "models.QuerySet[Any]":
        """Return this row while it is ours: taking it wrote the end of our lease."""
        return type(self)._base_manager.filter(pk=self.pk, leased_until=self.leased_until)

    def retry_later(
        self,
        *,
        at: datetime,
        trouble: str,
        retry_after: float | None = None,
        counted: bool = False,
    ) -> None:
        """Give the lease back after a failure, to be tried again later.

        Whoever said when to come back is obeyed to the second; otherwise the row waits longer each
        time, with jitter, so that what failed together does not come back together.

        :param at: when it failed
        :param retry_after: seconds the other side asked us to wait
        :param counted: no outage explains the failure (`core.parking`)
        """
        seconds = BACKOFF[min(self.attempts, len(BACKOFF) - 1)]
        wait = seconds * random.uniform(0.75, 1.25)  # noqa: S311
        if retry_after is not None:
            wait = max(retry_after, SOONEST)
        self.release(next_step_at=at + timedelta(seconds=wait), trouble=trouble, counted=counted)
