"""A limit on how often somebody may knock, kept in this process: it guards load, not correctness.

A limit of the whole site would cost every request a query; several processes let through as many
times the rate.
"""

import threading
import time
from collections import OrderedDict

REMEMBERED = 10_000  # names; the ones not heard of for longest are forgotten first
BURST = 5  # seconds' worth that may come at once


class Throttle:
    """A token bucket for each name. `rate` is in requests a second."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # (left, as of)
        self._lock = threading.Lock()

    def admits(self, name: str) -> bool:
        """Take one from the name's bucket; False where it is empty."""
        full = max(self.rate * BURST, 1.0)
        now = time.monotonic()
        with self._lock:
            left, then = self._buckets.pop(name, (full, now))
            left = min(full, left + (now - then) * self.rate)
            admitted = left >= 1
            self._buckets[name] = (left - 1 if admitted else left, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        return admitted
