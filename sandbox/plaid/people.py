"""Whom Layer knows by which number: the table Plaid publishes for its sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CODE = "123456"
BORN = "1975-01-18"
UNKNOWN = "+14155550000"
MOST_WRONG_CODES = 3
PLATYPUS, GINGHAM, TATTERSALL = "ins_109508", "ins_109509", "ins_109510"

Json = dict[str, Any]


@dataclass(frozen=True)
class Profile:
    """One number: what is missing of the person, and where they bank."""

    lacks: tuple[str, ...] = ()
    banks: tuple[str, ...] = (PLATYPUS,)
    only: str = ""


EVERYTHING = ("name", "address", "email", "date_of_birth", "ssn")
PROFILES = {
    "+14155550011": Profile(banks=(PLATYPUS, GINGHAM)),
    "+14155550012": Profile(lacks=EVERYTHING, banks=(PLATYPUS, GINGHAM, TATTERSALL)),
    "+14155550015": Profile(),
    "+15155550013": Profile(lacks=("email",)),
    "+15155550015": Profile(lacks=("date_of_birth",)),
    "+15155550016": Profile(lacks=("ssn",)),
    "+15155550017": Profile(lacks=("address",)),
    "+15155550018": Profile(lacks=("name",)),
    "+15155550019": Profile(only="savings"),
}
# Who is found by date of birth brings an identity and no bank.
EXTENDED = Profile(banks=())


def identity_of(phone: str, profile: Profile) -> Json:
    """Return the person as /user_account/session/get does."""
    person: Json = {
        "name": {"first_name": "Leslie", "last_name": "Knope"},
        "address": {
            "street": "123 Main St.",
            "street2": None,
            "city": "Pawnee",
            "region": "IN",
            "postal_code": "46001",
            "country": "US",
        },
        "phone_number": phone,
        "email": "leslie@knope.com",
        "date_of_birth": BORN,
        "ssn": "987654321",
        "ssn_last_4": "4321",
    }
    for name in profile.lacks:
        person[name] = None
        if name == "ssn":
            person["ssn_last_4"] = None
    return person


def owner(name: str, phone: str, email: str) -> Json:
    """Return a bank's own record of an account's owner. Banks keep no better numbers than this."""
    return {
        "names": [name],
        "phone_numbers": [{"data": phone, "primary": True, "type": "mobile"}],
        "emails": [{"data": email, "primary": True, "type": "primary"}],
        "addresses": [
            {
                "data": {
                    "street": "123 Main St.",
                    "city": "Pawnee",
                    "region": "IN",
                    "postal_code": "46001",
                    "country": "US",
                },
                "primary": True,
            }
        ],
    }


USUAL_OWNER = "Alberta Bobbeth Charleson"


def usual_owner(name: str = USUAL_OWNER) -> Json:
    """Return the owner one finds behind Plaid's test login; the number is no valid one."""
    return owner(name, "1112223333", "accountholder0@example.com")
