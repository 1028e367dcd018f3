"""People as the gateway describes them, and a client without a family around it."""

from dataclasses import replace
from datetime import date
from typing import Any

from brokerage.gateway import Address, Custodian, Minor

CUSTODIAN = Custodian(
    first_name="Pat",
    last_name="Sample",
    date_of_birth=date(1985, 6, 15),
    ssn="123456789",
    email="pat@family.example",
    phone="+13035550123",
    address=Address("1 Sample Street", "Unit 2", "Denver", "CO", "80202"),
    employment_status="EMPLOYED",
    employer="Sample Works",
    industry="EDUCATION",
    annual_income=90000,
    net_worth=150000,
    liquid_net_worth=40000,
    investment_experience="YEARS_1_2",
    risk_tolerance="MODERATE",
    objective="GROWTH",
    works_at_broker=False,
    director_of="",
    politically_exposed="",
    position="TEACHER",
)


def custodian(**changes: Any) -> Custodian:
    return replace(CUSTODIAN, **changes)


def minor(custodian_id: str) -> Minor:
    return Minor(
        first_name="Sunny",
        last_name="Sample",
        date_of_birth=date(2019, 4, 1),
        ssn="234567891",
        email="pat@family.example",
        phone="+13035550123",
        address=CUSTODIAN.address,
        custodian_id=custodian_id,
    )
