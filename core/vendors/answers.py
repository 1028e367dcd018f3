"""What comes back from a vendor, and what is raised where nothing usable does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_PAUSE = 24 * 3600.0  # seconds; a vendor that asks for more is asked again after a day


class Unavailable(Exception):
    """No usable answer: lost, late, 429, 5xx, malformed, out of turn, or the circuit is open.

    The vendor may or may not have acted: try again with the same key, never with a new one.

    `retry_after`: in how many seconds to try again, where somebody said so. `status`: the answer's
    HTTP status, 0 where there was none. `sent`: False where the call certainly never reached the
    vendor.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None = None,
        status: int = 0,
        sent: bool = True,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.status = status
        self.sent = sent


class Unfamiliar(Unavailable):
    """The vendor answered with a word we were never told of: wait, ask again, and tell a person."""


class Undecided(Unavailable):
    """The vendor has heard the key before and does not say what became of it: look there."""


class Rejected(Exception):
    """The vendor understood and said no; asking again the same way is pointless.

    `code` is the vendor's; `reason` is a plain sentence of ours; `problems` are our names of what
    it objects to in a person's details. `duplicate`: it says that it has this already. `doubtful`:
    it says that something went wrong, not that nothing was done. Look there before either of them
    is believed.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str = "",
        problems: tuple[str, ...] = (),
        duplicate: bool = False,
        doubtful: bool = False,
    ) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.reason = reason
        self.code = code
        self.problems = problems
        self.duplicate = duplicate
        self.doubtful = doubtful


class Cut(Unavailable):
    """The connection was refused, or broke before the answer was whole."""


@dataclass(frozen=True)
class Answer:
    """A vendor's answer below 500. `body` is parsed JSON (numbers as Decimal) or plain text."""

    status: int
    body: Any
    request_id: str


def dump_json(value: Any) -> str:
    """Write JSON in which a Decimal is a number with exactly its own digits."""
    from simplejson import dumps

    return dumps(value, use_decimal=True)


def load_json(content: bytes | str) -> Any:
    """Read JSON; a number with a fraction becomes a Decimal with exactly its own digits.

    :raises ValueError: not JSON
    """
    return json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the pause an answer asks for, in seconds; None where it names none (RFC 9110 §10.2.3).

    A date is measured by the vendor's own clock (`Date`), so that ours may be wrong.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), LONGEST_PAUSE)
    try:
        until = _moment(value)
        since = _moment(headers["Date"]) if "Date" in headers else None
    except (ValueError, OverflowError):
        return None
    seconds = (until - (since or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
