"""Linking a bank by its numbers, and removing it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Parent
from brokerage.models import BankAccount
from tests.cast import Family, make_bank, make_known, make_parent, sign_in
from tests.pages.answers import BANK, without
from tests.pages.reading import Page, read
from tests.stage import Stage

URL = "/banks/new/"


@pytest.fixture
def parent(stage: Stage) -> Parent:
    parent = make_parent("custodian@family.example")
    make_known(parent)
    stage.work()
    return parent


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, **changes: Any) -> Page:
    return read(client.post(URL, BANK | changes, follow=True))


def test_a_linked_bank_is_known_to_the_broker_and_used_for_gifts(
    stage: Stage, client: Client, parent: Parent
) -> None:
    sent = send(client)
    stage.work()

    bank = BankAccount.objects.get(parent=parent)
    assert sent.url == "/banks/"
    assert bank.account_number == "000123456789"
    assert [row["number"] for row in stage.state()["bankAccounts"]] == ["****6789"]
    assert "Checking ••6789 Household Linked Used for gifts" in read(client.get("/banks/")).text


@pytest.mark.parametrize("name", [name for name in BANK if name != "nickname"])
def test_a_missing_answer_is_named_and_nothing_is_saved(client: Client, name: str) -> None:
    page = read(client.post(URL, without(BANK, name)))

    assert page.status == 422
    assert name in page.errors
    assert not BankAccount.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("routing_number", "021000022", "not a routing number"),  # check digit
        ("routing_number", "02100002", "not a routing number"),
        ("routing_number", "0210000210", "not a routing number"),
        ("routing_number", "000000000", "not a routing number"),
        ("routing_number", "abcdefghi", "not a routing number"),
        ("account_number", "123", "4 to 17 digits"),
        ("account_number", "123456789012345678", "4 to 17 digits"),
        ("account_number", "12A456", "4 to 17 digits"),
        ("account_number_again", "000123456780", "not the same"),
        ("account_number_again", "123456789", "not the same"),
        ("account_type", "LOAN", "not one of the available choices"),
        ("nickname", "n" * 41, "40 characters"),
    ],
)
def test_a_number_that_can_not_be_is_refused_at_its_field(
    client: Client, name: str, value: str, said: str
) -> None:
    page = send(client, **{name: value})

    assert page.status == 422
    assert said in page.errors[name]
    assert not BankAccount.objects.exists()


def test_a_refused_form_does_not_show_the_account_number_again(client: Client) -> None:
    page = send(client, routing_number="021000022")

    assert "000123456789" not in page.html
    assert page.form_to().values["nickname"] == "Household"


def test_the_same_bank_twice_is_refused(client: Client) -> None:
    send(client)
    page = send(client, account_number="000-123-456-789")

    assert page.status == 422
    assert "linked already" in page.errors["account_number"]
    assert BankAccount.objects.count() == 1


def test_a_removed_bank_may_be_linked_again(stage: Stage, client: Client) -> None:
    send(client)
    stage.work()
    remove(client, BankAccount.objects.get())

    send(client)
    stage.work()

    assert sorted(BankAccount.objects.values_list("status", flat=True)) == ["ACTIVE", "REMOVED"]


def test_a_parent_who_is_not_known_yet_links_nothing(db: None) -> None:
    page = send(sign_in(make_parent("newcomer@family.example")))

    assert page.status == 422
    assert "First tell us about yourself" in page.text
    assert not BankAccount.objects.exists()


def test_no_numbers_are_taken_where_typing_them_is_off(client: Client, settings: Any) -> None:
    settings.MANUAL_BANK_LINKING = False

    page = send(client)

    assert "Linking by typed numbers is not available." in page.text
    assert not BankAccount.objects.exists()
    assert URL not in read(client.get("/banks/")).links


def remove(client: Client, bank: BankAccount) -> Page:
    return read(client.post(f"/banks/{bank.pk}/remove/", follow=True))


def test_a_removed_bank_is_gone_and_the_next_one_becomes_the_primary(family: Family) -> None:
    other = make_bank(family.parent, number="000987654321")
    family.stage.work()

    page = remove(family.client, family.bank)

    other.refresh_from_db()
    assert "The bank is removed." in page.text
    assert "••6789" not in page.text
    assert "Checking ••4321 Household Linked Used for gifts" in page.text
    assert other.is_primary


def test_a_bank_is_kept_while_money_from_it_is_on_its_way(family: Family) -> None:
    family.approve(family.give())
    family.stage.work()

    page = remove(family.client, family.bank)

    family.bank.refresh_from_db()
    assert "Money from this bank is on its way." in page.text
    assert family.bank.status == "ACTIVE"


def test_a_bank_can_be_removed_once_the_money_has_arrived(family: Family) -> None:
    family.buy()

    remove(family.client, family.bank)

    family.bank.refresh_from_db()
    assert family.bank.status == "REMOVED"


def test_a_bank_removed_twice_is_not_found(family: Family) -> None:
    remove(family.client, family.bank)

    assert remove(family.client, family.bank).status == 404


def test_the_address_of_the_button_shows_the_banks_and_removes_none(family: Family) -> None:
    page = read(family.client.get(f"/banks/{family.bank.pk}/remove/", follow=True))

    family.bank.refresh_from_db()
    assert page.url == "/banks/"
    assert family.bank.status == "ACTIVE"


def test_another_parents_bank_is_not_found(family: Family, stranger: Family) -> None:
    page = remove(stranger.client, family.bank)

    family.bank.refresh_from_db()
    assert page.status == 404
    assert family.bank.status == "ACTIVE"
