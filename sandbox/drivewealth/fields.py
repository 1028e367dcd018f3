"""Reading request bodies: each reader returns a checked value or refuses, naming the field.

Missing or of the wrong type is E032, a value outside what is allowed is E033.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sandbox.drivewealth.errors import Refusal

Body = Mapping[str, Any]

METADATA_KEYS = 5
TOO_MUCH = 10**15
METADATA_KEY_LENGTH = 36
METADATA_VALUE_BYTES = 128


def text(body: Body, field: str, *, longest: int = 500) -> str:
    """Return a text that must be there and not be blank."""
    value = optional_text(body, field, longest=longest)
    if not value.strip():
        raise Refusal("E032").naming(field, detail=f"{field} is required")
    return value


def optional_text(body: Body, field: str, *, longest: int = 500) -> str:
    value = body.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refusal("E032").naming(field, detail=f"{field} must be a string")
    if len(value) > longest:
        raise Refusal("E033").naming(field, detail=f"{field} is longer than {longest}")
    return value


def choice(body: Body, field: str, allowed: Collection[str], code: str = "E033") -> str:
    """Return one of the allowed words; ``code`` is the refusal for any other."""
    value = body.get(field)
    if value is None:
        raise Refusal("E032" if code == "E033" else code).naming(
            field, "ENUM", f"{field} is required", ", ".join(allowed)
        )
    if not isinstance(value, str) or value not in allowed:
        raise Refusal(code).naming(field, "ENUM", f"{field} is not valid", ", ".join(allowed))
    return value


def choices(body: Body, field: str, allowed: Collection[str]) -> list[str]:
    """Return a list, of one at least, of the allowed words."""
    value = body.get(field)
    if not isinstance(value, list) or not value:
        raise Refusal("E032").naming(field, "ARRAY", f"{field} is required", ", ".join(allowed))
    if not all(isinstance(word, str) and word in allowed for word in value):
        raise Refusal("E033").naming(field, "ARRAY", f"{field} is not valid", ", ".join(allowed))
    return value


def flag(body: Body, field: str) -> bool:
    """Return a boolean that may be absent, which is false."""
    value = body.get(field)
    if value is not None and not isinstance(value, bool):
        raise Refusal("E032").naming(field, "BOOL", f"{field} must be true or false")
    return bool(value)


def number(body: Body, field: str) -> Decimal:
    """Return a number that must be there. A number in quotes is not one."""
    value = optional_number(body, field)
    if value is None:
        raise Refusal("E032").naming(field, "DECIMAL", f"{field} is required")
    return value


def optional_number(body: Body, field: str) -> Decimal | None:
    value = body.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refusal("E032").naming(field, "DECIMAL", f"{field} must be a number")
    amount = Decimal(value)
    if abs(amount) >= TOO_MUCH:
        raise Refusal("E033").naming(field, "DECIMAL", f"{field} is too large")
    return amount


def whole_number(body: Body, field: str) -> int:
    value = body.get(field)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal("E032").naming(field, "INT", f"{field} must be a whole number")
    return value


def money(body: Body, field: str) -> Decimal:
    """Return an amount of dollars: above zero, whole cents."""
    value = number(body, field)
    if value <= 0:
        raise Refusal("E033").naming(field, "DECIMAL", f"{field} must be above zero")
    if value != round(value, 2):
        raise Refusal("E033").naming(field, "DECIMAL", f"{field} has more than two decimals")
    return round(value, 2)


def metadata(body: Body) -> dict[str, Any]:
    """Return the partner's own notes: at most 5 keys of 36 characters, values of 128 bytes."""
    value = body.get("metadata")
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal("E032").naming("metadata", "MAP", "metadata must be an object")
    if len(value) > METADATA_KEYS:
        raise Refusal("E033").naming("metadata", "MAP", f"more than {METADATA_KEYS} keys")
    for key, item in value.items():
        if len(key) > METADATA_KEY_LENGTH:
            raise Refusal("E033").naming("metadata", "MAP", f"key {key[:36]}... is too long")
        if (
            isinstance(item, dict | list)
            or len(str(item).encode(errors="surrogatepass")) > METADATA_VALUE_BYTES
        ):
            raise Refusal("E033").naming("metadata", "MAP", f"the value of {key} is not allowed")
    return value
