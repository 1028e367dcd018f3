"""One world: its clock, its books, what is due, what was published, and the lock round them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.bank.micro_deposits import Bank
from sandbox.calendars import WORLD_ENDS
from sandbox.clock import Agenda, Clock
from sandbox.config import Config
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.due import register
from sandbox.faults import FaultBook
from sandbox.idempotency import IdempotencyKeys
from sandbox.outbox import Outbox
from sandbox.plaid.books import Plaid
from sandbox.spinwheel.connections import Spinwheel
from sandbox.state import SnapshotFile, State
from sandbox.texts import TextMessages
from sandbox.throttle import Throttle
from sandbox.wire import iso


class ClockRefuses(Exception):
    """The clock cannot be set as asked; the text says why."""


class World:
    """Everything hangs here, so two worlds can live in one process.

    ``turn`` is the only way in: one party acts at a time, at one moment, after all that was due.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.lock = threading.RLock()
        self.state = State()
        self.clock = Clock(_first_offset(config), config.clock_file)
        self.agenda = Agenda(self.state, self.clock)
        self.outbox = Outbox(self.state, self.clock)
        self.idempotency = IdempotencyKeys(self.state, self.clock)
        self.faults = FaultBook()
        self.throttle = Throttle(config.rate_limit)
        self.calls: Counter[str] = Counter()
        self.relay_problem = ""
        self.drivewealth = Broker(config, self.state, self.clock, self.agenda, self.outbox)
        self.bank = Bank(self.state, self.clock, self.agenda)
        self.texts = TextMessages(self.state, self.clock)
        self.spinwheel = Spinwheel(self.state, self.clock, self.texts)
        self.plaid = Plaid(config, self.state, self.clock, self.agenda, self.texts)
        self.drivewealth.ask_plaid = self.plaid.shared_account
        self._snapshots = SnapshotFile(config.state_path) if config.state_path else None

    @contextmanager
    def turn(self, changes: bool = False) -> Iterator[datetime]:
        """Act alone at one moment; what is due by then is played before and after."""
        with self.lock:
            now = self.clock.now()
            self.agenda.play_until(now)
            try:
                with self.clock.held(now):
                    yield now
            finally:
                self.agenda.play_until(now)
                self.state.changed = self.state.changed or changes

    def move_clock(self, choose: Callable[[datetime], datetime]) -> None:
        """Go forward to what ``choose`` makes of now, playing everything on the way in time.

        :raises ClockRefuses: when that is in the past or beyond the calendars.
        """
        with self.lock:
            now = self.clock.now()
            to = choose(now)
            if to < now:
                raise ClockRefuses(f"The clock only goes forward: it is {iso(now)} already.")
            if to > WORLD_ENDS:
                raise ClockRefuses(f"The sandbox's calendars carry to {iso(WORLD_ENDS)} only.")
            self.agenda.play_until(to)
            # Playing takes real time, which must not let a short step end as a step back.
            self.clock.offset = max(self.clock.offset, to - datetime.now(UTC))
            self.state.changed = True
            # The relay and the courier may hold something back until about now.
            self.outbox.news.set()
            self.plaid.news.set()

    def reset(self) -> None:
        """Empty the books. The clock and all numbering go on."""
        with self.lock:
            self.state.clear()
            self.outbox.mark_delivered(self.outbox.last_sequence)
            self.agenda.rebuild()
            self.faults.clear()
            self.calls.clear()

    def load(self) -> None:
        """Take up the snapshot, if there is one, and tell the clock file where we are.

        :raises ValueError: when the file is not a snapshot.
        """
        snapshot = self._snapshots.read() if self._snapshots else None
        if snapshot is not None:
            self.take_up(snapshot)
        else:
            self.clock.publish()

    def save(self) -> None:
        """Write the snapshot if anything changed since the last one."""
        if self._snapshots is None:
            return
        with self.lock:
            if not self.state.changed:
                return
            self.state.changed = False
            snapshot = self.snapshot()
        self._snapshots.write(snapshot)

    def snapshot(self) -> dict[str, Any]:
        """Return the books and the clock as they are, in what JSON can hold."""
        return {
            "offsetMicroseconds": self.clock.offset // timedelta(microseconds=1),
            "state": self.state.dump(),
        }

    def take_up(self, snapshot: dict[str, Any]) -> None:
        """Go on where a snapshot was taken."""
        self.state.load(snapshot["state"])
        self.agenda.rebuild()
        self.clock.offset = timedelta(microseconds=snapshot["offsetMicroseconds"])


def build_world(config: Config) -> World:
    """Make a world and take up its snapshot.

    :raises ValueError: when the snapshot file cannot be read.
    """
    world = World(config)
    register(world.drivewealth)
    world.load()
    return world


def _first_offset(config: Config) -> timedelta:
    return timedelta(0) if config.start_at is None else config.start_at - datetime.now(UTC)
