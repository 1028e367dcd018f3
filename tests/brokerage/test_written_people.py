"""What we write of a person to DriveWealth, to the letter of its documents."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import EmploymentStatus, Experience, Objective, RiskTolerance
from brokerage.drivewealth import identity
from brokerage.gateway import Address
from tests.brokerage.people import custodian, minor

Json = dict[str, Any]


def data(body: Json, type_: str) -> Json:
    (found,) = [item["data"] for item in body["documents"] if item["type"] == type_]
    return dict(found)


def test_a_custodian_is_written_as_an_individual_trader() -> None:
    assert identity.write_custodian(custodian()) == {
        "userType": "INDIVIDUAL_TRADER",
        "documents": [
            {
                "type": "BASIC_INFO",
                "data": {
                    "firstName": "Pat",
                    "lastName": "Sample",
                    "country": "USA",
                    "phone": "13035550123",
                    "emailAddress": "pat@family.example",
                },
            },
            {
                "type": "IDENTIFICATION_INFO",
                "data": {
                    "value": "123456789",
                    "type": "SSN",
                    "citizenship": "USA",
                },
            },
            {"type": "TAX_INFO", "data": {"taxTreatyWithUS": False, "usTaxpayer": True}},
            {
                "type": "PERSONAL_INFO",
                "data": {
                    "birthDay": 15,
                    "birthMonth": 6,
                    "birthYear": 1985,
                    "politicallyExposedNames": "NULL",
                },
            },
            {
                "type": "ADDRESS_INFO",
                "data": {
                    "street1": "1 Sample Street",
                    "street2": "Unit 2",
                    "city": "Denver",
                    "province": "CO",
                    "postalCode": "80202",
                    "country": "USA",
                },
            },
            {
                "type": "EMPLOYMENT_INFO",
                "data": {
                    "status": "EMPLOYED",
                    "broker": False,
                    "directorOf": "NULL",
                    "company": "Sample Works",
                    "type": "EDUCATION",
                    "position": "TEACHER",
                },
            },
            {
                "type": "INVESTOR_PROFILE_INFO",
                "data": {
                    "investmentExperience": "YRS_1_2",
                    "annualIncome": 90000,
                    "networthTotal": 150000,
                    "networthLiquid": 40000,
                    "riskTolerance": "MODERATE",
                    "investmentObjectives": "GROWTH",
                },
            },
            {"type": "COMPLIANCE_AML_INFO", "data": {"fundingSources": ["GIFT", "FAMILY"]}},
            {
                "type": "DISCLOSURES",
                "data": {
                    "termsOfUse": True,
                    "customerAgreement": True,
                    "marketDataAgreement": True,
                    "rule14b": True,
                    "privacyPolicy": True,
                    "dataSharing": True,
                    "signedBy": "Pat Sample",
                },
            },
        ],
    }


def test_a_child_is_written_as_custodial_with_its_custodian() -> None:
    body = identity.write_minor(minor("user-1"))

    assert body["userType"] == "CUSTODIAL"
    assert [item["type"] for item in body["documents"]] == [
        "BASIC_INFO", "IDENTIFICATION_INFO", "TAX_INFO", "PERSONAL_INFO", "ADDRESS_INFO",
        "CUSTODIAN_INFO",
    ]  # fmt: skip
    assert data(body, "CUSTODIAN_INFO") == {"userID": "user-1"}
    assert data(body, "IDENTIFICATION_INFO")["value"] == "234567891"
    assert data(body, "PERSONAL_INFO")["birthYear"] == 2019


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("NONE", "NONE"),
        ("YEARS_1_2", "YRS_1_2"),
        ("YEARS_3_5", "YRS_3_5"),
        ("YEARS_5_10", "YRS_5_10"),
        ("YEARS_10", "YRS_10_"),
    ],
)
def test_experience_is_written_in_the_brokers_words(ours: str, theirs: str) -> None:
    body = identity.write_custodian(custodian(investment_experience=ours))

    assert data(body, "INVESTOR_PROFILE_INFO")["investmentExperience"] == theirs


def test_every_answer_our_form_offers_has_a_word_at_the_broker() -> None:
    theirs = {
        "status": {"EMPLOYED", "RETIRED", "STUDENT", "UNEMPLOYED", "SELF_EMPLOYED"},
        "risk": {"LOW", "MODERATE", "SPECULATION", "HIGH"},
        "objective": {"CAPITAL_PRESERVATION", "GROWTH", "INCOME", "SPECULATION", "NEW"},
    }

    assert set(Experience) == set(identity.EXPERIENCE)
    assert {choice.value for choice in EmploymentStatus} <= theirs["status"]
    assert {choice.value for choice in RiskTolerance} <= theirs["risk"]
    assert {choice.value for choice in Objective} <= theirs["objective"]


@pytest.mark.parametrize("status", ["RETIRED", "STUDENT", "UNEMPLOYED"])
def test_who_has_no_employer_names_none(status: str) -> None:
    body = identity.write_custodian(custodian(employment_status=status))

    assert data(body, "EMPLOYMENT_INFO") == {
        "status": status, "broker": False, "directorOf": "NULL",
    }  # fmt: skip


def test_names_that_are_given_are_sent_as_given() -> None:
    body = identity.write_custodian(
        custodian(politically_exposed="An Uncle", director_of="ACME", works_at_broker=True)
    )

    assert data(body, "PERSONAL_INFO")["politicallyExposedNames"] == "An Uncle"
    assert data(body, "EMPLOYMENT_INFO") | {"directorOf": "ACME", "broker": True} == data(
        body, "EMPLOYMENT_INFO"
    )


@given(
    first=st.from_regex(r"[A-Za-z]{1,12}([ -][A-Za-z]{1,12})?", fullmatch=True),
    last=st.from_regex(r"[A-Za-z]{1,12}([ -][A-Za-z]{1,12})?", fullmatch=True),
    born=st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    state=st.sampled_from(["CO", "NY", "CA"]),
)
def test_a_person_is_written_without_loss(first: str, last: str, born: date, state: str) -> None:
    home = Address("1 Sample Street", "", "Denver", state, "80202")

    body = identity.write_custodian(
        custodian(first_name=first, last_name=last, date_of_birth=born, address=home)
    )

    basic, personal = data(body, "BASIC_INFO"), data(body, "PERSONAL_INFO")
    assert (basic["firstName"], basic["lastName"]) == (first, last)
    assert date(personal["birthYear"], personal["birthMonth"], personal["birthDay"]) == born
    assert data(body, "DISCLOSURES")["signedBy"] == f"{first} {last}"
    assert data(body, "ADDRESS_INFO")["province"] == state
