"""Events the vendors publish, numbered in the order they happened."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
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


@dataclass
class Held:
    """An event the relay holds back: until a moment, or sooner, once another was sent."""

    sequence: int
    until: datetime
    sent_before: int | None


class Outbox:
    """Keeps every event, how far the relay has come, and what it holds back on order."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._table = state.table("events", Event)
        self._held = state.table("events held", Held)
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

    def count_sent(self) -> None:
        """Note that one more event reached the receiver."""
        self._state.next_number("events sent")

    def hold(self, event: Event, seconds: float, *, or_until_next: bool) -> None:
        """Hold an event back by world time, or at most so long and else until the next is sent."""
        until = self._clock.now() + timedelta(seconds=seconds)
        before = self._state.number("events sent") if or_until_next else None
        self._held.add(str(event.sequence), Held(event.sequence, until, before))

    def release(self, sequence: int) -> None:
        if self._held.get(str(sequence)) is not None:
            self._held.remove(str(sequence))

    def first_released(self) -> Event | None:
        """Return an event that was held back long enough, the last one held first."""
        now, sent = self._clock.now(), self._state.number("events sent")
        for held in reversed(list(self._held)):
            overtaken = held.sent_before is not None and sent > held.sent_before
            if overtaken or held.until <= now:
                return self._table.get(str(held.sequence))
        return None

    @property
    def held_back(self) -> list[int]:
        return [held.sequence for held in self._held]

    def after(self, sequence: int, limit: int) -> list[Event]:
        """Return up to ``limit`` events numbered above ``sequence``, oldest first."""
        first = next((event.sequence for event in self._table), self.last_sequence + 1)
        start = max(sequence + 1, first)
        numbers = range(start, min(start + limit, self.last_sequence + 1))
        return [event for event in map(self._table.get, map(str, numbers)) if event is not None]

    def first_undelivered(self) -> Event | None:
        return next(iter(self.after(self.delivered_up_to, 1)), None)
