"""Single values: how names are taken apart, what a field takes, and how an edit is tidied."""

from typing import Any

import pytest

from accounts.names import split_name
from core import clock
from core.errors import Invalid, NotNow
from prefill.engine.tidy import tidy_name, tidy_street
from prefill.models import Applicant, FieldValue, PlaidItem
from prefill.operations import (
    change_applicant,
    edit_prefill,
    make_applicant,
)
from tenants.models import get_default_tenant
from tests.prefill.people import (
    P,
    fill_every_table,
    known,
    make_account,
    make_person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant() -> Applicant:
    return make_person(get_default_tenant())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ada Byron", ("Ada", "", "Byron")),
        ("Martin Luther King Jr.", ("Martin", "Luther", "King Jr.")),
        ("Ludwig van Beethoven", ("Ludwig", "", "van Beethoven")),
        ("Byron, Ada B", ("Ada", "B", "Byron")),
        ("Sammy Davis, Jr.", ("Sammy", "", "Davis, Jr.".replace(",", ""))),
        ("Mr. Leslie B. Knope", ("Leslie", "B.", "Knope")),
        ("KNOPE, LESLIE B", ("LESLIE", "B", "KNOPE")),
        ("KNOPE JR LESLIE", ("LESLIE", "", "KNOPE Jr.")),
        ("Dr. Leslie Knope, MD", ("Leslie", "", "Knope")),
        ("LESLIE KNOPE ESQ", ("LESLIE", "", "KNOPE")),
        ("Leslie Knope CPA, III", ("Leslie", "", "Knope III")),
        ("KNOPE, LESLIE, JR", ("LESLIE", "", "KNOPE Jr.")),
        ("Mary-Ann de la Cruz", ("Mary-Ann", "", "de la Cruz")),
        ("Sean O'Brien", ("Sean", "", "O'Brien")),
        ("Ira Glass", ("Ira", "", "Glass")),
        ("Tod Sample", ("Tod", "", "Sample")),
        ("Leslie Knope JTWROS", ("Leslie", "", "Knope")),
        *(
            (line, None)
            for line in (
                "LESLIE KNOPE TTEE",
                "Leslie Knope, Trustee",
                "LESLIE KNOPE CUST SUNNY KNOPE UTMA",
                "LESLIE KNOPE UGMA",
                "LESLIE KNOPE FBO BEN WYATT",
                "Leslie Knope POD Ben Wyatt",
                "LESLIE KNOPE ITF BEN WYATT",
                "Knope Living Trust",
                "Estate of Leslie Knope",
                "Knope Consulting Inc.",
                "Leslie Knope DBA Waffles",
                "MR & MRS BEN WYATT",
                "LESLIE & BEN WYATT",
                "WYATT BEN & LESLIE",
                "Leslie Knope, Ben Knope",
                "Mr. Knope",
                "Dr Knope",
                "KNOPE LESLIE B",
                "Leslie K",
                "Knope LLC",
                "MD",
                ",",
                "&",
                "LESLIE KNOPE TOD BEN WYATT",
                "A, B, C",
                "Leslie Knope IRA",
                "Ruth Ann V",
            )
        ),
        ("Cher", None),
        ("Ada and Augusta Byron", None),
        ("Byron Holdings LLC", None),
        ("", None),
        (7, None),
    ],
)
def test_names_are_taken_apart(text: object, parts: object) -> None:
    assert split_name(text) == parts


def test_capitals_become_ordinary_letters() -> None:
    assert tidy_name("ANNE-MARIE O'NEIL III") == "Anne-Marie O'Neil III"
    assert tidy_name("Mary McDonald") == "Mary McDonald"
    assert tidy_street("123 NW 5TH STREET APT 4B") == "123 NW 5th Street Apt 4B"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (P + "first_name", "R2D2"),
        (P + "first_name", ["Ada"]),
        (P + "email", "nobody"),
        (P + "phone_number", "1112223333"),
        (P + "phone_number", "(212) 555-0142 ext 5"),
        (P + "date_of_birth", "1985-02-30"),
        (P + "date_of_birth", "2999-01-01"),
        (P + "date_of_birth", "19850615"),
        (P + "ssn_last4", "123456789"),
        (P + "ssn_last4", "0000"),
        (P + "ssn", "123456789"),
        ("addresses", {"street1": "1 Main"}),
        ("addresses", [{"street1": "1 Main", "city": "X", "region": "ZZ", "postal_code": "1"}]),
        ("employment.income", "-5"),
        ("employment.income", "NaN"),
        ("employment.income", True),
        ("employment.employment_type", "astronaut"),
        ("financial_info.bank_accounts", []),
        ("", ""),
    ],
)
def test_what_is_not_valid_is_refused_by_name(applicant: Applicant, path: str, value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        edit_prefill(
            applicant,
            {P + "email": "fine@x.example", path: value},
            by="tests",
            at=clock.now(),
        )

    assert refusal.value.fields.keys() == {path}
    assert not FieldValue.objects.exists()


def test_an_edit_is_tidied(applicant: Applicant) -> None:
    home = {"street1": " 1  Main St", "city": "Denver", "region": "colorado",
            "postal_code": "80202"}  # fmt: skip
    said = {"addresses": [home], "employment.income": 90000.5, P + "phone_number": "303-555-0142"}

    data = edit_prefill(applicant, said, by="tests", at=clock.now()).as_data()

    assert data["addresses"] == [home | {
        "street1": "1 Main St", "street2": "", "region": "CO", "country": "US", "kind": "home",
    }]  # fmt: skip
    assert data["employment"] == {"income": "90000.50"}
    assert data["personal_info"] == {"phone_number": "+13035550142"}


def test_accounts_are_read_from_the_banks_that_are_linked_now() -> None:
    applicant = fill_every_table(get_default_tenant())
    item = PlaidItem.objects.get()
    make_account(item, "50.25", type="credit", subtype="credit card", mask="3333")
    make_account(item, "9.00", currency="CAD")

    money = known(applicant).as_data()["financial_info"]

    assert len(money["bank_accounts"]) == 2
    assert money["credit_accounts"][0]["mask"] == "3333"
    assert (money["total_assets"], money["total_liabilities"]) == ("100.10", "50.25")
    item.move_to(PlaidItem.Status.REMOVED)
    money = known(applicant).as_data()["financial_info"]
    assert money == {"bank_accounts": [], "credit_accounts": []}


def test_an_external_id_is_one_persons() -> None:
    tenant, at = get_default_tenant(), clock.now()
    first = make_person(tenant, external_id="u-1")
    make_person(tenant, "live", external_id="u-1")
    second = make_person(tenant, external_id="u-2", metadata={"plan": "gold"})

    with pytest.raises(NotNow) as refusal:
        make_applicant(tenant=tenant, mode="test", external_id="u-1", by="tests", at=at)
    assert refusal.value.code == "user_exists"
    with pytest.raises(NotNow) as refusal:
        change_applicant(second, external_id="u-1", by="tests", at=at)
    assert refusal.value.code == "user_exists"
    wrong: list[dict[str, Any]] = [
        {"external_id": "x" * 256}, {"external_id": "a\0b"}, {"metadata": {"a": "\0"}},
        {"metadata": {"a": "x" * 5000}},
    ]  # fmt: skip
    for changes in wrong:
        with pytest.raises(Invalid) as refused:
            change_applicant(first, by="tests", at=at, **changes)
        assert refused.value.fields.keys() == changes.keys()
    changed = change_applicant(second, external_id="", metadata={}, by="t", at=at)
    assert (changed.external_id, changed.metadata) == ("", {})
