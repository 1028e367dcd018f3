"""JSON in and out without losing a digit, and the spellings of moments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

LARGEST_EXPONENT = 40


def read_json(text: bytes | str) -> Any:
    """Parse JSON; every fraction becomes a Decimal, NaN and Infinity are refused.

    :raises ValueError: when the text is not JSON.
    """
    return json.loads(text, parse_float=_read_fraction, parse_constant=_refuse_constant)


def write_json(value: object) -> str:
    """Spell ``value`` as JSON; a Decimal goes out as a number with exactly its own digits."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a JSON number")
        return format(value, "f")
    if isinstance(value, datetime):
        return json.dumps(iso(value))
    if value is None or isinstance(value, bool | int | str):
        return json.dumps(value)
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(str(key))}: {write_json(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(write_json(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no JSON spelling here")


def iso(at: datetime) -> str:
    """Spell a moment as DriveWealth's REST answers do: UTC with milliseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_nanoseconds(at: datetime, nanoseconds: int) -> str:
    """Spell a moment with nine digits of fraction; the last three are ``nanoseconds``."""
    text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{text}{nanoseconds % 1000:03d}Z"


def read_moment(text: str) -> datetime:
    """Read an ISO 8601 moment or day; without a zone it is taken as UTC.

    :raises ValueError: when it is neither.
    """
    at = datetime.fromisoformat(text.strip())
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is beyond all calendars") from error


def _read_fraction(text: str) -> Decimal:
    number = Decimal(text)
    # Spelled out, 1e999999999 would fill the memory.
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"{text} is out of range")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
