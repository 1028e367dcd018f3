"""One request as the handlers see it, after the door has checked it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.errors import Refusal
from sandbox.wire import read_moment


@dataclass(frozen=True)
class Call:
    """What was asked: path arguments, query and body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]

    def period(self) -> tuple[datetime, datetime]:
        """Return the moments ``from`` and ``to``, which reports insist on.

        A bare day as ``to`` means all of that day.
        """
        return self._moment("from"), self._moment("to", end_of_day=True)

    def limit(self, default: int = 500) -> int:
        """Return how many rows are wanted at most."""
        text = self.query.get("limit", str(default))
        if not text.isdecimal() or int(text) < 1:
            raise Refusal("E030").naming("limit", "INT", "limit must be a whole number above zero")
        return int(text)

    def _moment(self, name: str, *, end_of_day: bool = False) -> datetime:
        text = self.query.get(name, "")
        if not text:
            raise Refusal("E030").naming(name, "DATE", f"{name} is required")
        try:
            # A "+" of a zone arrives as a blank when the caller did not quote it.
            at = read_moment(text.replace(" ", "+"))
        except ValueError:
            raise Refusal("E030").naming(name, "DATE", f"{name} is not ISO 8601") from None
        bare_day = len(text) == len("2026-01-01")
        return (
            at.replace(hour=23, minute=59, second=59, microsecond=999999)
            if (bare_day and end_of_day)
            else at
        )


Handle = Callable[[Broker, Call], object]


@dataclass(frozen=True)
class Route:
    """One endpoint. A public one needs no bearer token."""

    method: str
    path: str
    handle: Handle
    public: bool = False
