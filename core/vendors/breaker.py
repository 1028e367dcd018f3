"""A circuit breaker whose state all processes share, in one row per vendor.

Closed, a call reads that row and writes nothing; only failures, and the first success after one,
are written. Five failed calls in a row open it for half a minute. Then one process is let through
to try: it wins by pushing `open_until` ahead in a conditional UPDATE, so a prober that dies is
replaced when that moment passes. If the try fails the vendor rests twice as long, up to five
minutes; if it succeeds, the circuit is closed.

pybreaker is not used: it holds a lock for the length of a call (one call at a time in a process),
and while half-open every process would send its own probe.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.models import F

from core import clock
from core.models import VendorCircuit
from core.vendors import kept
from core.vendors.answers import Unavailable

FAILURES = 5
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=5)
PROBE = timedelta(seconds=60)  # longer than the slowest call
SPREAD = 3.0  # seconds over which those who waited come back

READ = "SELECT failures, open_until FROM core_vendorcircuit WHERE vendor = %s"
COUNT_FAILURE = """
    INSERT INTO core_vendorcircuit AS circuit (vendor, failures) VALUES (%(vendor)s, 1)
    ON CONFLICT (vendor) DO UPDATE
    SET failures = circuit.failures + 1,
        open_until = CASE WHEN circuit.open_until IS NULL AND circuit.failures + 1 >= %(most)s
                          THEN %(until)s ELSE circuit.open_until END
    RETURNING failures, open_until = %(until)s
"""
log = structlog.get_logger()


@dataclass(frozen=True)
class Entry:
    """Leave to make one call: the failures counted before it, and the end of a probe's turn."""

    failures: int = 0
    probe_until: datetime | None = None


class Breaker:
    """Stands before one vendor; `enter` before a call, `succeed` or `fail` after it."""

    def __init__(self, vendor: str) -> None:
        self.vendor = vendor
        self._name = f"circuit:{vendor}"
        self._rows = VendorCircuit.objects.filter(pk=vendor)

    def enter(self) -> Entry:
        """Let a call through.

        :raises Unavailable: the vendor rests; `retry_after` says for how long
        """
        failures, open_until = kept.keep(self._name, self._look)
        if open_until is None:
            return Entry(failures)
        kept.forget(self._name)
        now = clock.now()
        if now < open_until:
            raise self.resting(open_until - now)
        probe_until = now + PROBE
        if not self._rows.filter(open_until=open_until).update(open_until=probe_until):
            raise self.resting(timedelta())  # another process is trying just now
        self._report("half-open", failures)
        return Entry(failures, probe_until)

    def _look(self) -> tuple[int, datetime | None]:
        with connection.cursor() as cursor:  # half the cost of a model, and paid by every call
            cursor.execute(READ, [self.vendor])
            return cursor.fetchone() or (0, None)

    def succeed(self, entry: Entry) -> None:
        """Note that the vendor answered."""
        if entry.failures:
            kept.forget(self._name)
        if entry.probe_until:
            probing = self._rows.filter(open_until=entry.probe_until)
            if probing.update(open_until=None, failures=0):
                self._report("closed", 0)
        elif entry.failures:
            self._rows.filter(open_until=None).update(failures=0)

    def fail(self, entry: Entry) -> timedelta | None:
        """Note that the vendor failed; return how long it rests where this opened the circuit."""
        kept.forget(self._name)
        if entry.probe_until:
            return self._rest_longer(entry)
        until = clock.now() + REST
        with connection.cursor() as cursor:
            cursor.execute(COUNT_FAILURE, {"vendor": self.vendor, "most": FAILURES, "until": until})
            failures, opened = cursor.fetchone()
        if not opened:
            return None
        self._report("open", failures)
        return REST

    def _rest_longer(self, entry: Entry) -> timedelta | None:
        doublings = min(max(entry.failures + 1 - FAILURES, 0), 10)
        rest: timedelta = min(REST * 2**doublings, LONGEST_REST)
        probing = self._rows.filter(open_until=entry.probe_until)
        if not probing.update(open_until=clock.now() + rest, failures=F("failures") + 1):
            return None
        self._report("open", entry.failures + 1)
        return rest

    def resting(self, rest: timedelta) -> Unavailable:
        """Return what to raise for a call that is not made."""
        return Unavailable(
            f"{self.vendor} is resting after repeated failures",
            retry_after=rest.total_seconds() + random.uniform(0, SPREAD),  # noqa: S311
            sent=False,
        )

    def _report(self, state: str, failures: int) -> None:
        """Write the gauge: 0 closed, 1 open, 0.5 while one call tries."""
        gauge = {"closed": 0.0, "half-open": 0.5, "open": 1.0}[state]
        log.warning(
            "vendor_circuit", vendor=self.vendor, state=state, gauge=gauge, failures=failures
        )


def is_any_resting() -> bool:
    """Say whether some vendor is left in peace now, after repeated failures."""
    return VendorCircuit.objects.filter(open_until__isnull=False).exists()
