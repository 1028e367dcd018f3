"""One request as the handlers see it, after the door has checked it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.errors import Refusal
from sandbox.wire import read_moment

Row = TypeVar("Row")


@dataclass(frozen=True)
class Call:
    """What was asked: path arguments, query and body, and the address we were asked at."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    origin: str = ""

    def period(self) -> tuple[datetime, datetime]:
        """Return the moments ``from`` and ``to``, which reports insist on.

        A bare day as ``to`` means all of that day.
        """
        return self._moment("from"), self._moment("to", end_of_day=True)

    def optional_period(self) -> tuple[datetime | None, datetime | None]:
        """Return the moments ``from`` and ``to`` where the report does not insist on them."""
        since = self._moment("from") if self.query.get("from") else None
        until = self._moment("to", end_of_day=True) if self.query.get("to") else None
        return since, until

    def limit(self, default: int = 500) -> int:
        """Return how many rows are wanted at most."""
        text = self.query.get("limit", str(default))
        if not text.isdecimal() or int(text) < 1:
            raise Refusal("E030").naming("limit", "INT", "limit must be a whole number above zero")
        return int(text)

    def page(self, rows: Iterable[Row], when: Callable[[Row], datetime]) -> list[Row]:
        """Return the page of a period's rows that ``limit``, ``offset`` and ``direction`` name.

        ``prev``, which is also what happens without a direction, goes back in time from
        ``offset`` (or the end of the period), the newest first; ``next`` goes forward from it
        (or the beginning), the oldest first. The row at ``offset`` itself is not repeated. The
        vendor documents the three names and their types only; the reading is the sandbox's.
        Rows of one millisecond are never parted, so a page may exceed its limit by those.
        """
        since, until = self.period()
        offset = self._moment("offset") if self.query.get("offset") else None
        direction = self.query.get("direction", "prev")
        if direction not in ("prev", "next"):
            raise Refusal("E030").naming("direction", "ENUM", allowed="prev, next")
        back = direction == "prev"
        dated = [(_millisecond(when(row)), row) for row in rows]
        kept = [pair for pair in dated if since <= pair[0] <= until]
        if offset is not None:
            kept = [pair for pair in kept if (pair[0] < offset if back else pair[0] > offset)]
        # Reversed first, for of two rows of one moment the later one is the newer.
        kept = sorted(kept[::-1] if back else kept, key=lambda pair: pair[0], reverse=back)
        limit = self.limit()
        last = kept[:limit][-1][0] if kept else None
        return [row for at, row in kept[:limit]] + [row for at, row in kept[limit:] if at == last]

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


def _millisecond(at: datetime) -> datetime:
    """Return a moment as answers spell it, which is what comes back as an offset."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


Handle = Callable[[Broker, Call], object]


@dataclass(frozen=True)
class Route:
    """One endpoint. A public one needs no bearer token; ``status`` is that of a good answer."""

    method: str
    path: str
    handle: Handle
    public: bool = False
    status: int = 200
