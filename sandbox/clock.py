"""World time: the real time plus an offset that only ever grows, and what is due when."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sandbox.state import State, replace_file

Action = Callable[..., None]


class Clock:
    """Tells world time. Whoever reads it holds the world's lock."""

    def __init__(self, offset: timedelta = timedelta(0), file: Path | None = None) -> None:
        self._offset = offset
        self._file = file
        self._held: datetime | None = None

    @property
    def offset(self) -> timedelta:
        return self._offset

    @offset.setter
    def offset(self, offset: timedelta) -> None:
        self._offset = offset
        self.publish()

    def now(self) -> datetime:
        """Return world time in UTC; while something due is played, the moment it was due."""
        return self._held if self._held is not None else datetime.now(UTC) + self._offset

    @contextmanager
    def held(self, at: datetime) -> Iterator[None]:
        """Let ``now`` stand still at ``at``."""
        before, self._held = self._held, at
        try:
            yield
        finally:
            self._held = before

    def publish(self) -> None:
        """Write the offset in seconds where other processes can follow the same clock."""
        if self._file is not None:
            seconds = Decimal(self._offset // timedelta(microseconds=1)) / 1_000_000
            replace_file(self._file, f"{seconds:f}\n", lasting=False)  # a start writes it anew


@dataclass
class Due:
    """One thing that will happen by itself."""

    at: datetime
    sequence: int
    action: str
    arguments: dict[str, str]


class Agenda:
    """What will happen by itself, in the order of its moments, then of its entry."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._table = state.table("agenda", Due)
        self._heap: list[tuple[datetime, int]] = []
        self._actions: dict[str, Action] = {}

    def on(self, action: str, do: Action) -> None:
        """Say what an action's name does. Names, not functions, survive a restart."""
        self._actions[action] = do

    def at(self, moment: datetime, action: str, **arguments: str) -> None:
        sequence = self._state.next_number("agenda")
        self._table.add(str(sequence), Due(moment, sequence, action, arguments))
        heapq.heappush(self._heap, (moment, sequence))

    def after(self, seconds: Decimal, action: str, **arguments: str) -> None:
        self.at(self._clock.now() + timedelta(seconds=float(seconds)), action, **arguments)

    def play_until(self, moment: datetime) -> None:
        """Do everything due by ``moment``, each at its own time, also what that brings about."""
        while self._heap and self._heap[0][0] <= moment:
            at, sequence = heapq.heappop(self._heap)
            due = self._table.get(str(sequence))
            if due is None:
                continue
            self._table.remove(str(sequence))
            self._state.changed = True
            with self._clock.held(at):
                self._actions[due.action](**due.arguments)

    def rebuild(self) -> None:
        """Follow the table after it was loaded or emptied."""
        self._heap = [(due.at, due.sequence) for due in self._table]
        heapq.heapify(self._heap)
