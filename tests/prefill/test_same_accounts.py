"""Which account is which when a bank is connected anew, renames accounts or hides their digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brokerage.connections import list_choices
from brokerage.models import BankAccount
from brokerage.operations.vouching import index_plaid_account
from prefill.gateway import AccountState
from prefill.models import PlaidAccount, PlaidItem
from prefill.operations import get_own_applicant
from prefill.operations.same_accounts import find_same
from sandbox.plaid.banks import HOUNDSTOOTH, TARTAN, TOKENIZING
from tests.cast import Family
from tests.pages.answers import BANK
from tests.pages.reading import read
from tests.prefill.banking import (
    PLATYPUS,
    link_one,
    make_person,
    make_tenant_with_banks,
    now,
    vendor_items,
)
from tests.stage import Stage


def show(stage: Stage, bank: str, subtype: str = "checking", **face: str) -> None:
    """Have a bank show its accounts otherwise from now on."""
    stage.control("POST", f"plaid/institutions/{bank}", {"subtype": subtype} | face)


def rows(item: PlaidItem) -> dict[str, PlaidAccount]:
    """Return the accounts a bank shows, by what is in them: that tells these apart in a test."""
    return {str(row.current): row for row in item.accounts.filter(closed_at=None)}


def read_again(stage: Stage, item: PlaidItem) -> None:
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    stage.work()


# --- through the front door -----------------------------------------------------------------------


def test_a_bank_that_renamed_its_accounts_is_the_same_connection(stage: Stage) -> None:
    person = make_person()
    first = link_one(stage, person)
    before = {row.subtype: row.pk for row in first.accounts.all()}
    show(stage, PLATYPUS, name="Everyday Checking Plus", officialName="Renamed")

    again = link_one(stage, person)
    stage.work()

    assert again.pk == first.pk
    assert {row.subtype: row.pk for row in again.accounts.all()} == before
    assert again.accounts.get(subtype="checking").name == "Everyday Checking Plus"
    assert len(vendor_items(stage)) == 1  # the older login is removed at Plaid


def test_without_numbers_the_last_digits_and_the_kind_are_enough(stage: Stage) -> None:
    tenant = make_tenant_with_banks()
    tenant.aggregation_products = ["identity"]
    tenant.save()
    person = make_person(tenant)
    first = link_one(stage, person)
    show(stage, PLATYPUS, name="Renamed")

    assert link_one(stage, person).pk == first.pk
    assert set(first.accounts.values_list("number_index", flat=True)) == {""}


def test_a_bank_with_new_numbers_at_each_login_is_known_by_plaids_own_id(stage: Stage) -> None:
    person = make_person()
    first = link_one(stage, person, TOKENIZING)
    before = {row.subtype: row.pk for row in first.accounts.all()}
    for subtype in ("checking", "savings"):
        show(stage, TOKENIZING, subtype, name="All the same", mask="")

    again = link_one(stage, person, TOKENIZING)

    assert {row.subtype: row.pk for row in again.accounts.all()} == before
    assert all(row.persistent_id and not row.number_index for row in again.accounts.all())


def test_twins_without_digits_are_told_apart_by_their_numbers_and_never_swapped(
    stage: Stage,
) -> None:
    person = make_person()
    show(stage, HOUNDSTOOTH, mask="")
    item = link_one(stage, person, HOUNDSTOOTH)
    before = {amount: row.pk for amount, row in rows(item).items()}

    for _time in range(4):
        item = link_one(stage, person, HOUNDSTOOTH)
        assert {amount: row.pk for amount, row in rows(item).items()} == before

    assert len(vendor_items(stage)) >= 1
    assert PlaidItem.objects.exclude(status="REMOVED").count() == 1


def test_twins_that_nothing_tells_apart_are_left_as_they_are(stage: Stage) -> None:
    tenant = make_tenant_with_banks()
    tenant.aggregation_products = ["identity"]
    tenant.save()
    person = make_person(tenant)
    show(stage, HOUNDSTOOTH, mask="")
    first = link_one(stage, person, HOUNDSTOOTH)
    before = {row.pk: (row.account_id, row.current) for row in first.accounts.all()}

    second = link_one(stage, person, HOUNDSTOOTH)
    read_again(stage, first)

    assert second.pk != first.pk
    assert {row.pk: (row.account_id, row.current) for row in first.accounts.all()} == before
    assert len(vendor_items(stage)) == 2  # neither is given up by a guess


def test_a_parent_with_two_connections_to_a_bank_is_told(family: Family) -> None:
    tenant = make_tenant_with_banks()
    tenant.aggregation_products = ["identity"]
    tenant.save()
    show(family.stage, HOUNDSTOOTH, mask="")
    show(family.stage, HOUNDSTOOTH, "savings", mask="")
    person = get_own_applicant(family.parent, at=now())
    link_one(family.stage, person, HOUNDSTOOTH)
    alone = family.client.get("/banks/").content.decode()
    second = link_one(family.stage, person, HOUNDSTOOTH)
    both = family.client.get("/banks/").content.decode()
    family.client.post(f"/banks/connections/{second.pk}/remove/")
    left = family.client.get("/banks/").content.decode()

    told = "You are connected to Houndstooth Bank twice"
    assert (alone.count(told), both.count(told), left.count(told)) == (0, 2, 0)


def test_the_parent_is_asked_which_of_two_it_is(family: Family) -> None:
    make_tenant_with_banks()
    show(family.stage, HOUNDSTOOTH, mask="")
    item = link_one(family.stage, get_own_applicant(family.parent, at=now()), HOUNDSTOOTH)
    twins = [choice for choice in list_choices(family.parent) if "Checking" in choice.label]

    page = family.client.get("/banks/choose/").content.decode()

    assert len({choice.label for choice in twins}) == 2
    for choice in twins:
        assert f"with ${choice.account.current:,.2f} in it" in choice.label
        assert f"{choice.account.current:,.2f}" in page
    chosen = twins[1].account
    form = {"account": str(chosen.pk), "authorization": "on"}
    family.client.post("/banks/choose/", form)
    family.stage.work()
    bank = BankAccount.objects.get(source="PLAID")
    assert bank.number_index == index_plaid_account(chosen.account_id)
    assert str(bank) == "Checking Houndstooth Bank"
    assert item.accounts.count() == 3


def test_an_account_with_another_id_and_nothing_to_know_it_by_is_chosen_anew(
    family: Family,
) -> None:
    """As where Plaid could not reconcile what a bank changed: it gives out another id."""
    tenant = make_tenant_with_banks()
    stage = family.stage
    item = link_one(stage, get_own_applicant(family.parent, at=now()))
    account = item.accounts.get(subtype="checking")
    family.client.post("/banks/choose/", {"account": str(account.pk), "authorization": "on"})
    stage.work()
    show(stage, PLATYPUS, mask="", name="Renamed")
    index = index_plaid_account("another")
    PlaidAccount.objects.filter(pk=account.pk).update(account_id="another", number_index="")
    BankAccount.objects.filter(source="PLAID").update(number_index=index)

    read_again(stage, item)
    stage.advance(24 * 3600 + 60)
    stage.work()

    account.refresh_from_db()
    bank = BankAccount.objects.get(source="PLAID")
    assert account.closed_at is not None
    assert bank.status == "DISABLED"
    assert "does not show us this account" in family.client.get("/banks/").content.decode()
    assert tenant.slug


@pytest.mark.parametrize("mask", ["1177", ""])
def test_an_account_in_another_name_is_not_taken_by_its_numbers_where_its_digits_are_hidden(
    family: Family, mask: str
) -> None:
    make_tenant_with_banks()
    stage = family.stage
    show(stage, TARTAN, "savings", mask=mask)
    link_one(stage, get_own_applicant(family.parent, at=now()), TARTAN)
    (savings,) = [c.account for c in list_choices(family.parent) if c.account.subtype == "savings"]
    family.client.post("/banks/choose/", {"account": str(savings.pk), "authorization": "on"})

    def type_numbers(number: str, routing: str = "011401533") -> Any:
        form = BANK | {"account_number": number, "account_number_again": number}
        form["routing_number"] = routing
        return read(family.client.post("/banks/new/", form))

    same = type_numbers("1111222233331177")
    by_another_routing = type_numbers("1111222233331177", BANK["routing_number"])
    other = type_numbers("1111222233334444")

    assert "another owner" in same.errors["account_number"]
    assert "another owner" in by_another_routing.errors["account_number"]
    assert ("account_number" in other.errors) == (mask == "")  # nobody can tell: staff decide


# --- the rule itself ------------------------------------------------------------------------------


def account(number: int, **about: Any) -> PlaidAccount:
    return PlaidAccount(**{"account_id": f"old-{number}", "subtype": "checking"} | about)


def told(number: int, **about: Any) -> AccountState:
    fields: dict[str, Any] = {
        "account_id": f"new-{number}", "name": "", "official_name": "", "type": "depository",
        "subtype": "checking", "mask": "", "available": None, "current": None, "limit": None,
        "currency": "USD",
    }  # fmt: skip
    return AccountState(**fields | about)


def pairs(old: Sequence[PlaidAccount], new: Sequence[AccountState]) -> dict[str, str]:
    return {ref: match.row.account_id for ref, match in find_same(old, new).items()}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ({"persistent_id": "p", "mask": "1"}, {"persistent_id": "p", "mask": "2"}, True),
        ({"persistent_id": "p", "mask": "1"}, {"persistent_id": "q", "mask": "1"}, False),
        ({"number_index": "n", "mask": "1"}, {"number_index": "n", "mask": ""}, True),
        ({"number_index": "n", "mask": "1"}, {"number_index": "m", "mask": "1"}, False),
        ({"mask": "0001", "name": "One"}, {"mask": "0001", "name": "Other"}, True),
        ({"mask": "0001"}, {"mask": "0002"}, False),
        ({"mask": "0001"}, {"mask": "0001", "subtype": "savings"}, False),
        ({"mask": "", "name": "One"}, {"mask": "", "name": "One"}, False),
    ],
)
def test_what_makes_two_the_same(old: Any, new: Any, same: bool) -> None:
    assert pairs([account(1, **old)], [told(1, **new)]) == ({"new-1": "old-1"} if same else {})


def test_two_of_the_same_kind_and_digits_are_not_guessed() -> None:
    old = [account(1, mask="0001"), account(2, mask="0001")]
    new = [told(1, mask="0001"), told(2, mask="0001")]

    assert pairs(old, new) == {}
    assert pairs(old, new[:1]) == {}
    assert pairs(old[:1], new) == {}


FACES = st.fixed_dictionaries(
    {
        "mask": st.sampled_from(["", "1", "2"]),
        "persistent_id": st.sampled_from(["", "p", "q"]),
        "number_index": st.sampled_from(["", "n", "m"]),
    }
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(FACES, max_size=4), st.lists(FACES, max_size=4), st.randoms())
def test_no_order_of_a_list_changes_who_is_who(old: Any, new: Any, random: Any) -> None:
    before = [account(number, **face) for number, face in enumerate(old)]
    after = [told(number, **face) for number, face in enumerate(new)]
    found = pairs(before, after)

    random.shuffle(before)
    random.shuffle(after)

    assert pairs(before, after) == found
    assert len(set(found.values())) == len(found)
