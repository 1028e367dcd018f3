"""The two editions of the broker's description, and what each requires of a person."""

from typing import Any
from uuid import uuid4

import pytest

from brokerage.drivewealth import identity
from brokerage.drivewealth.client import DriveWealth
from brokerage.gateway import Address, Contact, Rejected
from tests.brokerage.people import custodian, minor
from tests.stage import Stage

OLDER = "1.0"
PEOPLE: list[dict[str, Any]] = [
    {},
    {"first_name": "José María", "last_name": "O’Brien-Łukasz"},
    {"address": Address("12½ Elm St.", "#4B", "St. Louis", "MO", "63101-0001")},
    {"employment_status": "RETIRED", "employer": "", "industry": "", "position": ""},
]


def hold_to(stage: Stage, **rules: Any) -> None:
    """Have the practice broker hold requests to an edition, or to what it requires of some."""
    for name, value in rules.items():
        object.__setattr__(stage.box.world.config, name, value)


@pytest.mark.parametrize("edition", [identity.NEWEST, OLDER])
@pytest.mark.parametrize("changes", PEOPLE)
def test_people_are_taken_in_either_edition(
    stage: Stage, settings: Any, edition: str, changes: dict[str, Any]
) -> None:
    settings.DRIVEWEALTH_DESCRIPTION = edition
    hold_to(stage, edition=edition)
    client = DriveWealth()

    parent_id = client.create_user(custodian(**changes), key=uuid4())
    stage.advance(5)
    child_id = client.create_user(minor(parent_id), key=uuid4())
    client.update_user(child_id, minor(parent_id))

    assert client.get_kyc(parent_id).status == "APPROVED"


@pytest.mark.parametrize(
    ("spoken", "held_to"), [(identity.NEWEST, OLDER), (OLDER, identity.NEWEST)]
)
def test_another_edition_than_the_brokers_is_refused_or_ignored(
    stage: Stage, settings: Any, spoken: str, held_to: str
) -> None:
    settings.DRIVEWEALTH_DESCRIPTION = spoken
    hold_to(stage, edition=held_to, requires_funding_sources=held_to != OLDER)

    with pytest.raises(Rejected) as refused:
        DriveWealth().create_user(custodian(), key=uuid4())

    assert refused.value.problems == ("unclear",)  # nothing a family could correct


def test_what_somebody_does_is_sent_to_a_broker_that_asks_for_it(stage: Stage) -> None:
    hold_to(stage, requires_position=True)

    with pytest.raises(Rejected) as refused:
        DriveWealth().create_user(custodian(position=""), key=uuid4())
    DriveWealth().create_user(custodian(position="NURSE"), key=uuid4())

    assert refused.value.problems == ("employer",)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("firstName", "name"), ("middleName", "name"), ("lastName", "name"), ("signedBy", "name"),
        ("documents[0].data.street2", "address"), ("ADDRESS_INFO.street3", "address"),
        ("city", "address"), ("postalCode", "address"), ("province", "address"),
        ("value", "ssn"), ("birthYear", "date_of_birth"), ("emailAddress", "email"),
        ("phone", "phone"), ("company", "employer"), ("position", "employer"),
        ("EMPLOYMENT_INFO.type", "employer"), ("EMPLOYMENT_INFO.status", "employer"),
        ("IDENTIFICATION_INFO.type", "unclear"), ("directorOf", "director_of"),
        ("politicallyExposedNames", "politically_exposed"), ("annualIncome", "money"),
        ("networthLiquid", "money"), ("riskTolerance", "money"), ("fundingSources", "unclear"),
        ("usTaxpayer", "unclear"), ("trustedContact.firstName", "trusted_contact"),
        ("aFieldOfTomorrow", "unclear"),
    ],
)  # fmt: skip
def test_every_field_the_broker_may_refuse_leads_somewhere(name: str, problem: str) -> None:
    from brokerage.drivewealth.errors import refusal
    from brokerage.identity import PROBLEMS
    from core.vendors import Answer

    body = {"errorCode": "E033", "message": "No.", "errorDetails": {"field": name}}

    refused: Any = refusal(Answer(400, body, "r"), reads=False, label="/users")

    assert refused.problems == (problem,)
    assert problem in PROBLEMS or problem == "trusted_contact"


def test_a_trusted_contact_is_told_in_the_brokers_letters() -> None:
    told = identity.write_contact(Contact("Zoë", "D'Arcy", "+13035550177", ""))

    assert told == {"firstName": "Zoe", "lastName": "DArcy", "phoneNumber": "+13035550177"}
    assert identity.write_contact(None) is None
