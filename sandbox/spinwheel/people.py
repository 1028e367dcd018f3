"""Who answers at a number. All of it is ours: the vendor's own test people are not published.

The last two digits of a number 555-01xx (in any area code) steer the outcome. A person is invented
from the number unless the operator entered one; the date of birth is the one that was asked with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FINE, WRONG_CODE, EXPIRED, INELIGIBLE, UNKNOWN, MISMATCH = "00", "01", "02", "03", "04", "05"
UNSUPPORTED, THROTTLED, SLOW, BROKEN = "06", "07", "08", "09"

FIRST_NAMES = ("Dana", "Maria", "Jordan", "Ruth", "Sam", "Priya", "Alex", "Helen", "Omar", "June")
LAST_NAMES = ("Ellery", "Novak", "Park", "Quinn", "Shaw", "Tran", "Ueda", "Vance", "Webb", "Yates")
STREETS = ("Elm Street", "Oak Avenue", "Maple Drive", "Cedar Lane", "Pine Road")
PLACES = (
    ("Trenton", "NJ", "08608"),
    ("Austin", "TX", "78701"),
    ("Madison", "WI", "53703"),
    ("Portland", "OR", "97205"),
    ("Denver", "CO", "80202"),
)


@dataclass
class Person:
    """One entered by the operator; `profile` is in the vendor's words.

    `connects` and `verifies`: the word that asking for a code, and a right code, are refused with.
    """

    phone: str
    profile: dict[str, Any] = field(default_factory=dict)
    connects: str = ""
    verifies: str = ""


def outcome_of(phone: str) -> str:
    """Return the last two digits where they steer, 00 where they do not."""
    national = phone[2:]
    steers = national[3:8] == "55501" and national[8:] <= BROKEN
    return national[8:] if steers else FINE


def invent(phone: str, born: str) -> dict[str, Any]:
    """Return the profile of whoever has this number."""
    number = int(phone[-7:])
    first, last = FIRST_NAMES[number % 10], LAST_NAMES[number // 10 % 10]
    city, state, code = PLACES[number % len(PLACES)]
    return {
        "firstName": first,
        "lastName": last,
        "phoneNumber": phone,
        "emailAddress": f"{first}.{last}@example.com".lower(),
        "ssnLastFourDigits": f"{number * 7 % 9000 + 1000}",
        "dateOfBirth": born,
        "addresses": [
            {
                "addressLine1": f"{number % 89 + 10} {STREETS[number // 3 % len(STREETS)]}",
                "city": city,
                "state": state,
                "zip": code,
            }
        ],
    }
