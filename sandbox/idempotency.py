"""Answers remembered under the caller's key, so that a repeat is not a second act."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.state import State

KEPT_FOR = timedelta(days=4)


class KeyReused(Exception):
    """The key was first sent with another body."""


@dataclass
class Remembered:
    """The answer given to the first request under a key."""

    fingerprint: str
    status: int
    body: str
    at: datetime


class IdempotencyKeys:
    """Keyed by scope and key. A repeat in flight waits, for requests act under the world's lock."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._clock = clock
        self._table = state.table("idempotency", Remembered)

    def recall(self, scope: str, key: str, canonical_body: str) -> Remembered | None:
        """Return what was answered before.

        :raises KeyReused: when the first request under this key had another body.
        """
        self._forget_old()
        remembered = self._table.get(_name(scope, key))
        if remembered is not None and remembered.fingerprint != _fingerprint(canonical_body):
            raise KeyReused
        return remembered

    def remember(self, scope: str, key: str, canonical_body: str, status: int, body: str) -> None:
        row = Remembered(_fingerprint(canonical_body), status, body, self._clock.now())
        self._table.add(_name(scope, key), row)

    def _forget_old(self) -> None:
        horizon = self._clock.now() - KEPT_FOR
        old = []
        for name, remembered in self._table.items():
            if remembered.at > horizon:
                break
            old.append(name)
        for name in old:
            self._table.remove(name)


def _name(scope: str, key: str) -> str:
    return f"{scope} {key}"


def _fingerprint(canonical_body: str) -> str:
    return hashlib.sha256(canonical_body.encode()).hexdigest()
