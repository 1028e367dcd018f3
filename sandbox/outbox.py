"""Events the vendors publish, numbered in the order they happened."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.state import State
from sandbox.wire import iso_nanoseconds


@dataclass
class Event:
    """One published envelope."""

    sequence: int
    id: str
    type: str
    at: datetime
    payload: dict[str, Any]

    def envelope(self) -> dict[str, Any]:
        """Return the message body as it lies in DriveWealth's queue."""
        return {
            "id": self.id,
            "type": self.type,
            "timestamp": iso_nanoseconds(self.at, self.sequence),
            "payload": self.payload,
        }


class Outbox:
    """Keeps every event, and how far the relay has come."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._table = state.table("events", Event)
        self.news = threading.Event()

    def publish(self, type_: str, payload: dict[str, Any]) -> None:
        sequence = self._state.next_number("events")
        event = Event(sequence, f"event_{uuid.uuid4()}", type_, self._clock.now(), payload)
        self._table.add(str(sequence), event)
        self.news.set()

    @property
    def last_sequence(self) -> int:
        return self._state.number("events")

    @property
    def delivered_up_to(self) -> int:
        return self._state.number("events delivered")

    def mark_delivered(self, sequence: int) -> None:
        self._state.set_number("events delivered", max(sequence, self.delivered_up_to))

    def after(self, sequence: int, limit: int) -> list[Event]:
        """Return up to ``limit`` events numbered above ``sequence``, oldest first."""
        first = next((event.sequence for event in self._table), self.last_sequence + 1)
        start = max(sequence + 1, first)
        numbers = range(start, min(start + limit, self.last_sequence + 1))
        return [event for event in map(self._table.get, map(str, numbers)) if event is not None]

    def first_undelivered(self) -> Event | None:
        return next(iter(self.after(self.delivered_up_to, 1)), None)
