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
MOST_PAYMENTS = 100


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

    def limit(self) -> int | None:
        """Return how many rows are wanted at most; None for all of them."""
        if "limit" not in self.query:
            return None
        text = self.query["limit"]
        if not text.isdecimal() or int(text) < 1:
            raise Refusal("E030").naming("limit", "INT", "limit must be a whole number above zero")
        return int(text)

    def page(self, rows: Iterable[Row], when: Callable[[Row], datetime]) -> list[Row]:
        """Return the page of a period's rows that ``limit``, ``offset`` and ``direction`` name.

        ``prev`` and ``previous`` go back in time from ``offset`` (or the end of the period), the
        newest first; any other word, and none, goes forward from it (or the beginning), the oldest
        first; without a limit all come (the vendor's page "Pagination", 2026-10). The row at
        ``offset`` itself is not repeated, and rows of one millisecond may be parted: that reading
        is the sandbox's.
        """
        since, until = self.period()
        offset = self._moment("offset") if self.query.get("offset") else None
        back = self.query.get("direction") in ("prev", "previous")
        dated = [(_millisecond(when(row)), row) for row in rows]
        kept = [pair for pair in dated if since <= pair[0] <= until]
        if offset is not None:
            kept = [pair for pair in kept if (pair[0] < offset if back else pair[0] > offset)]
        # Reversed first, for of two rows of one moment the later one is the newer.
        kept = sorted(kept[::-1] if back else kept, key=lambda pair: pair[0], reverse=back)
        return [row for _at, row in kept[: self.limit()]]

    def page_of_payments(self, rows: Iterable[Row], name: Callable[[Row], str]) -> list[Row]:
        """Return the page that ``limit`` (25, at most 100) and ``offset``, a payment's id, name.

        The newest come first, which is the sandbox's reading; an offset nobody knows is refused.
        """
        text, offset = self.query.get("limit", "25"), self.query.get("offset")
        if not text.isdecimal() or not int(text):
            raise Refusal("E025").naming("limit", "INT", "limit should be greater than 0")
        if int(text) > MOST_PAYMENTS:
            raise Refusal("E025").naming("limit", "INT", "limit should be at most 100")
        newest = list(rows)[::-1]
        if not offset:
            return newest[: int(text)]
        names = [name(row) for row in newest]
        if offset not in names:
            raise Refusal("E025").naming("offset", detail="not a payment of this list")
        after = names.index(offset) + 1
        return newest[after : after + int(text)]

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
