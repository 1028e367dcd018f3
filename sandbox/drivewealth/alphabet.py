"""Which letters names, addresses and e-mail addresses may have.

User Onboarding Data Requirements of the vendor's guide: names of users, beneficiaries and trusted
contacts; streets, cities and postal codes of the United States.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.drivewealth import fields
from sandbox.drivewealth.errors import Refusal

Body = Mapping[str, Any]
LONGEST_NAME = 200
LONGEST_EMAIL = 255
NAME = re.compile(r"[A-Za-z][A-Za-z -]*")
STREET = re.compile(r"[A-Za-z0-9.,\- ]*")
CITY = re.compile(r"[A-Za-z -]+")
US_POSTAL_CODE = re.compile(r"[0-9]{5}")
EMAIL = re.compile(
    r"(?![.])(?!.*[.]{2})[A-Za-z0-9._%+\-']{1,64}(?<![.])"
    r"@(?!-)(?!.*[.]{2})[A-Za-z0-9.-]+(?<!-)\.[A-Za-z]{2,63}"
)
PHONE = re.compile(r"\+?[0-9]{10,15}")


def check_name(body: Body, field: str, prefix: str = "") -> None:
    _check(body, field, NAME, "letters, hyphens and spaces, first a letter", prefix, LONGEST_NAME)


def check_email(body: Body, field: str, prefix: str = "") -> None:
    if body.get(field):
        _check(body, field, EMAIL, "an e-mail address", prefix, LONGEST_EMAIL)


def check_us_address(data: Body) -> None:
    for line in ("street1", "street2"):
        if data.get(line):
            _check(data, line, STREET, "letters, digits, hyphens, periods, commas and spaces")
    _check(data, "city", CITY, "letters, hyphens and spaces")
    _check(data, "postalCode", US_POSTAL_CODE, "five digits")


def check_trusted_contact(body: Body) -> dict[str, str] | None:
    """Return the trusted contact of a request, checked; None where it is taken back."""
    contact = body["trustedContact"]
    if contact is None:
        return None
    if not isinstance(contact, dict):
        raise Refusal("E032").naming("trustedContact", "OBJECT", "must be an object")
    prefix = "trustedContact."
    for name in ("firstName", "lastName"):
        check_name(contact, name, prefix)
    check_email(contact, "email", prefix)
    if contact.get("phoneNumber"):
        _check(contact, "phoneNumber", PHONE, "a phone number", prefix)
    told = ("firstName", "lastName", "email", "address", "phoneNumber")
    return {name: fields.optional_text(contact, name) for name in told if contact.get(name)}


def _check(
    body: Body,
    field: str,
    shape: re.Pattern[str],
    allowed: str,
    prefix: str = "",
    longest: int = 500,
) -> None:
    value = fields.text(body, field, longest=longest)
    if not shape.fullmatch(value):
        raise Refusal("E033").naming(f"{prefix}{field}", detail="not allowed", allowed=allowed)
