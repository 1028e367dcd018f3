"""How much of the KYC form is filled, of what can be known of a person at all.

The form's other questions (work, money, experience) are asked of the person: no source knows them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from prefill.engine.conflicts import Shown

# The form's field -> the path, and for an address the part of it.
KYC_PATHS: dict[str, tuple[str, str]] = {
    "first_name": ("personal_info.first_name", ""),
    "last_name": ("personal_info.last_name", ""),
    "date_of_birth": ("personal_info.date_of_birth", ""),
    "ssn_last4": ("personal_info.ssn_last4", ""),
    "email": ("personal_info.email", ""),
    "phone": ("personal_info.phone_number", ""),
    "street1": ("addresses", "street1"),
    "city": ("addresses", "city"),
    "state": ("addresses", "region"),
    "postal_code": ("addresses", "postal_code"),
}


def measure(values: Mapping[str, Shown]) -> Decimal:
    """Return the filled part of the form, 0 to 1 with two decimals."""
    filled = sum(1 for path, part in KYC_PATHS.values() if _value(values.get(path), part))
    return (Decimal(filled) / len(KYC_PATHS)).quantize(Decimal("0.01"))


def _value(shown: Shown | None, part: str) -> Any:
    value = shown.value if shown else None
    return value[0].get(part) if value and part else value
