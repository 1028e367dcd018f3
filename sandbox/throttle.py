"""Requests allowed per second, counted in real time."""

from __future__ import annotations

import time
from collections import deque


class Throttle:
    """A sliding window of one second for each caller."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._recent: dict[str, deque[float]] = {}

    def allows(self, caller: str) -> bool:
        """Count this request; False when the caller already had its share of the last second."""
        if self._per_second <= 0:
            return True
        now = time.monotonic()
        recent = self._recent.setdefault(caller, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= self._per_second:
            return False
        recent.append(now)
        return True
