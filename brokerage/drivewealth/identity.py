"""People in DriveWealth's words: who somebody is."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from accounts.spelling import Unspellable
from brokerage.drivewealth import spelling
from brokerage.gateway import (
    Address,
    Contact,
    Custodian,
    Minor,
    Person,
    Rejected,
)

# The editions of DriveWealth's description this client speaks; `DRIVEWEALTH_DESCRIPTION` names one.
# In the newest, BASIC_INFO has no language, who is a US taxpayer stands in TAX_INFO, and where the
# money comes from may be required (Opening accounts, COMPLIANCE_AML_INFO).
NEWEST = "2026-08-26"
FUNDING_SOURCES = ("GIFT", "FAMILY")  # all that a child's account here is funded by

EXPERIENCE = {
    "NONE": "NONE",
    "YEARS_1_2": "YRS_1_2",
    "YEARS_3_5": "YRS_3_5",
    "YEARS_5_10": "YRS_5_10",
    "YEARS_10": "YRS_10_",  # its own trailing underscore
}


def write_custodian(person: Custodian) -> dict[str, Any]:
    """Return the body of POST /users for an adult (INDIVIDUAL_TRADER).

    :raises Rejected: before anything is sent, where a name or the address has no spelling there
    """
    documents = [
        *_identity(person, exposed=person.politically_exposed),
        {"type": "EMPLOYMENT_INFO", "data": _employment(person)},
        {"type": "INVESTOR_PROFILE_INFO", "data": _investor(person)},
    ]
    if is_newest():
        sources = {"fundingSources": list(FUNDING_SOURCES)}
        documents.append({"type": "COMPLIANCE_AML_INFO", "data": sources})
    documents.append({"type": "DISCLOSURES", "data": _disclosures(person)})
    return {"userType": "INDIVIDUAL_TRADER", "documents": documents}


def write_minor(person: Minor) -> dict[str, Any]:
    """Return the body of POST /users for the child of a custodial account (CUSTODIAL).

    :raises Rejected: before anything is sent, where a name or the address has no spelling there
    """
    link = {"type": "CUSTODIAN_INFO", "data": {"userID": person.custodian_id}}
    return {"userType": "CUSTODIAL", "documents": [*_identity(person), link]}


def write_contact(contact: Contact | None) -> dict[str, str] | None:
    """Return the `trustedContact` of PATCH /accounts/{id}; None takes it back.

    :raises Rejected: before anything is sent, where the name has no spelling there
    """
    if contact is None:
        return None
    told = {
        "firstName": _spelt(spelling.spell_name, contact.first_name, "name_letters"),
        "lastName": _spelt(spelling.spell_name, contact.last_name, "name_letters"),
        "email": contact.email,
        "phoneNumber": contact.phone,
    }
    return {name: value for name, value in told.items() if value}


def is_newest() -> bool:
    """Say whether the newest edition of the description is spoken."""
    return bool(settings.DRIVEWEALTH_DESCRIPTION == NEWEST)


def _employment(person: Custodian) -> dict[str, Any]:
    told: dict[str, Any] = {
        "status": person.employment_status,
        "broker": person.works_at_broker,
        "directorOf": person.director_of or "NULL",
    }
    if person.employment_status in {"EMPLOYED", "SELF_EMPLOYED"}:
        told |= {"company": person.employer, "type": person.industry}
        if person.position and is_newest():
            told["position"] = person.position
    return told


def _investor(person: Custodian) -> dict[str, Any]:
    return {
        "investmentExperience": EXPERIENCE[person.investment_experience],
        "annualIncome": person.annual_income,
        "networthTotal": person.net_worth,
        "networthLiquid": person.liquid_net_worth,
        "riskTolerance": person.risk_tolerance,
        "investmentObjectives": person.objective,
    }


def _disclosures(person: Custodian) -> dict[str, Any]:
    agreements = (
        "termsOfUse", "customerAgreement", "marketDataAgreement",
        "rule14b", "privacyPolicy", "dataSharing",
    )  # fmt: skip
    first, last = _names(person)
    return dict.fromkeys(agreements, True) | {"signedBy": f"{first} {last}"}


def _identity(person: Person, *, exposed: str = "") -> list[dict[str, Any]]:
    born = person.date_of_birth
    first, last = _names(person)
    basic = {
        "firstName": first,
        "lastName": last,
        "country": "USA",
        "phone": person.phone.removeprefix("+"),
        "emailAddress": person.email,
    }
    number: dict[str, Any] = {"value": person.ssn, "type": "SSN", "citizenship": "USA"}
    documents: list[dict[str, Any]] = [
        {"type": "BASIC_INFO", "data": basic},
        {"type": "IDENTIFICATION_INFO", "data": number},
        {
            "type": "PERSONAL_INFO",
            "data": {
                "birthDay": born.day,
                "birthMonth": born.month,
                "birthYear": born.year,
                "politicallyExposedNames": exposed or "NULL",
            },
        },
        {"type": "ADDRESS_INFO", "data": _address(person.address)},
    ]
    if is_newest():
        tax = {"taxTreatyWithUS": False, "usTaxpayer": True}
        documents.insert(2, {"type": "TAX_INFO", "data": tax})
    else:
        basic["language"] = "en_US"
        number["usTaxPayer"] = True
    return documents


def _names(person: Person) -> tuple[str, str]:
    first = _spelt(spelling.spell_name, person.first_name, "name_letters")
    return first, _spelt(spelling.spell_name, person.last_name, "name_letters")


def _address(home: Address) -> dict[str, str]:
    return {
        "street1": _spelt(spelling.spell_street, home.street1, "address_letters"),
        "street2": _spelt(spelling.spell_street, home.street2, "address_letters"),
        "city": _spelt(spelling.spell_city, home.city, "address_letters"),
        "province": home.state,
        "postalCode": _spelt(spelling.spell_zip, home.postal_code, "address"),
        "country": "USA",
    }


def _spelt(spell: Callable[[str], str], text: str, problem: str) -> str:
    """Return a text in DriveWealth's letters.

    :raises Rejected: there is no such spelling
    """
    try:
        return spell(text)
    except Unspellable as error:
        reason = "The broker can not write this name or address."
        raise Rejected(reason, code="spelling", problems=(problem,)) from error
