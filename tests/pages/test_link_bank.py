"""Linking a bank by its numbers, confirming it, picking the primary, and removing it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Parent
from brokerage.models import BankAccount
from tests.cast import (
    Family,
    amounts_sent,
    make_bank,
    make_known,
    make_parent,
    make_unconfirmed_bank,
    sign_in,
    wrong_cents,
)
from tests.journeys import take_up
from tests.money.own_deposits import add
from tests.pages.answers import BANK, without
from tests.pages.reading import Page, read
from tests.stage import Stage

URL = "/banks/new/"


@pytest.fixture
def parent(stage: Stage) -> Parent:
    def play() -> Any:
        parent = make_parent("custodian@family.example")
        make_known(parent)
        stage.work()
        return parent.pk

    return Parent.objects.get(pk=take_up(stage, "a parent the broker knows", play))


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, **changes: Any) -> Page:
    return read(client.post(URL, BANK | changes, follow=True))


def confirm(client: Client, bank: BankAccount, first: Any, second: Any) -> Page:
    """Open the page and send the two amounts."""
    url = f"/banks/{bank.pk}/confirm/"
    form = read(client.get(url)).form_to()
    return read(client.post(url, form.fill(first=first, second=second), follow=True))


def test_a_bank_whose_amounts_are_named_is_linked_and_used_for_gifts(
    stage: Stage, client: Client, parent: Parent
) -> None:
    sent = send(client)
    before = sent.text
    stage.work()
    bank = BankAccount.objects.get(parent=parent)
    waiting = read(client.get("/banks/"))
    first, second = amounts_sent(bank)

    page = confirm(client, bank, f"0.{second:02d}", f"$.{first:02d}")
    stage.work()

    assert sent.url == page.url == "/banks/"
    assert "We are sending two small deposits" in before
    assert "on their way, expected by Tue, Nov 17" in waiting.text
    assert stage.state()["bankAccounts"][0]["number"] == "****6789"
    assert "Checking ••6789 Household Linked Used for gifts" in read(client.get("/banks/")).text
    assert bank.account_number == "000123456789"


@pytest.mark.parametrize(
    ("first", "second", "name", "said"),
    [
        ("", "0.12", "first", "Please fill this in"),
        ("1.12", "0.12", "first", "from $0.01 to $0.99"),
        ("0", "0.12", "first", "from $0.01 to $0.99"),
        ("0.123", "0.12", "first", "from $0.01 to $0.99"),
        ("a", "0.12", "first", "from $0.01 to $0.99"),
        ("12", "0.12", "second", "not the same"),
    ],
)
def test_what_can_be_no_amount_is_told_at_its_field_and_costs_no_try(
    client: Client, parent: Parent, first: str, second: str, name: str, said: str
) -> None:
    bank = make_unconfirmed_bank(parent)

    page = confirm(client, bank, first, second)

    assert page.status == 422
    assert said in page.errors[name]
    assert bank.micro_deposits.get().tries == 0


def test_three_wrong_tries_refuse_the_bank_and_say_what_to_do(
    stage: Stage, client: Client, parent: Parent
) -> None:
    bank = make_unconfirmed_bank(parent)
    wrong = wrong_cents(bank)
    url = f"/banks/{bank.pk}/confirm/"
    form = read(client.get(url)).form_to().fill(first=wrong[0], second=wrong[1])

    page = read(client.post(url, form))
    doubled = read(client.post(url, form))  # the same form again, as by a double click
    confirm(client, bank, *wrong)
    last = confirm(client, bank, *wrong)

    assert "2 tries are left" in page.text
    assert "counted already" in doubled.text
    assert last.url == "/banks/"
    assert "wrong three times. Remove this account and link it again" in last.text
    assert "Not accepted" in last.text
    assert stage.state()["bankAccounts"] == []


def test_a_confirmed_form_sent_twice_is_fine(client: Client, parent: Parent) -> None:
    bank = make_unconfirmed_bank(parent)
    first, second = amounts_sent(bank)
    answers = {"tries_left": 3, "first": first, "second": second}

    pages = [
        read(client.post(f"/banks/{bank.pk}/confirm/", answers, follow=True)) for _ in range(2)
    ]

    assert ["the account is yours" in page.text for page in pages] == [True, True]
    assert bank.micro_deposits.get().tries == 0


def test_a_gift_waits_for_a_bank_that_is_not_confirmed(family: Family) -> None:
    gift = family.give()
    remove(family.client, family.bank)
    bank = make_unconfirmed_bank(family.parent, number="000987654321")

    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    home = read(family.client.get("/home/"))

    assert "tell us the amounts of the two small deposits" in page.text
    assert f"/banks/{bank.pk}/confirm/" in page.links
    assert f"/banks/{bank.pk}/confirm/" in home.links


def test_another_bank_is_made_the_primary(family: Family) -> None:
    other = make_bank(family.parent, number="000987654321")
    url = f"/banks/{other.pk}/primary/"

    pages = [read(family.client.post(url, follow=True)) for _ in range(2)]

    assert "Gifts are paid from this account now" in pages[0].text
    assert "Checking ••4321 Household Linked Used for gifts" in pages[1].text
    assert BankAccount.objects.get(is_primary=True) == other


@pytest.mark.parametrize("button", ["confirm", "primary", "resend", "verify"])
def test_nobody_elses_bank_is_touched(
    family: Family, stranger: Family, anyone: Client, button: str
) -> None:
    url = f"/banks/{family.bank.pk}/{button}/"

    assert stranger.client.post(url).status_code == 404
    assert "/account/login/" in anyone.post(url).headers["Location"]
    assert family.client.get(url, follow=True).redirect_chain == [("/banks/", 302)]


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
        ("account_type", "LOAN", "Please choose one of these"),
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

    statuses = sorted(BankAccount.objects.values_list("status", flat=True))
    assert statuses == ["REMOVED", "VERIFYING"]


def test_a_parent_who_is_not_known_yet_links_nothing(db: None) -> None:
    page = send(sign_in(make_parent("newcomer@family.example")))

    assert page.status == 422
    assert "First tell us about yourself" in page.text
    assert not BankAccount.objects.exists()


def test_no_numbers_are_taken_where_typing_them_is_off(client: Client, settings: Any) -> None:
    settings.MICRO_DEPOSITS_URL = ""

    page = send(client)

    assert "Linking by typed numbers is not available yet." in page.text
    assert not BankAccount.objects.exists()
    banks = read(client.get(URL, follow=True))
    assert banks.url == "/banks/"
    assert URL not in banks.links
    assert "Accounts can not be linked by typed numbers here." in banks.text
    assert "Sign in at your bank once" in banks.text
    assert "You can type your details instead." not in banks.text


def remove(client: Client, bank: BankAccount) -> Page:
    return read(client.post(f"/banks/{bank.pk}/remove/", follow=True))


def test_a_removed_bank_is_gone_and_the_next_one_becomes_the_primary(family: Family) -> None:
    other = make_bank(family.parent, number="000987654321")

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


@pytest.mark.bought
def test_a_bank_can_be_removed_once_the_money_has_arrived(family: Family) -> None:

    remove(family.client, family.bank)

    family.bank.refresh_from_db()
    assert family.bank.status == "REMOVED"


def test_a_bank_removed_twice_is_not_found(family: Family) -> None:
    remove(family.client, family.bank)

    assert remove(family.client, family.bank).status == 404


def test_the_address_of_the_button_asks_and_removes_none(family: Family) -> None:
    page = read(family.client.get(f"/banks/{family.bank.pk}/remove/", follow=True))

    family.bank.refresh_from_db()
    assert page.text.count("Remove it") == 1
    assert family.bank.status == "ACTIVE"


def test_another_parents_bank_is_not_found(family: Family, stranger: Family) -> None:
    page = remove(stranger.client, family.bank)

    family.bank.refresh_from_db()
    assert page.status == 404
    assert family.bank.status == "ACTIVE"


class TestRemoving:
    """A bank account is removed after a question that says what it stops."""

    def test_the_only_one_is_removed_after_a_question(self, family: Family) -> None:
        listed = read(family.client.get("/banks/"))
        asked = read(family.client.get(f"/banks/{family.bank.pk}/remove/"))
        family.bank.refresh_from_db()
        before = family.bank.status

        page = read(family.client.post(asked.url, asked.form_to().fill(), follow=True))

        family.bank.refresh_from_db()
        assert asked.url in listed.links
        assert "gifts wait, and no money can be added, until you link another" in asked.text
        assert (before, family.bank.status) == ("ACTIVE", "REMOVED")
        assert "The bank is removed." in page.text

    def test_what_is_under_way_is_named_and_nothing_is_offered(self, family: Family) -> None:
        family.approve(family.give("75.00"))
        add(family, "40.00")

        page = read(family.client.get(f"/banks/{family.bank.pk}/remove/"))

        assert "$75.00, a gift of The Walt Disney Company" in page.text
        assert "$40.00, money added for Sunny" in page.text
        assert "Remove it" not in [form.action for form in page.forms]
        assert not any(form.action == page.url for form in page.forms)

    def test_it_says_which_one_pays_next(self, family: Family) -> None:
        make_bank(family.parent, number="000987654321")

        page = read(family.client.get(f"/banks/{family.bank.pk}/remove/"))

        assert "paid from Checking ••4321" in page.text

    def test_a_strangers_is_nobodys(self, family: Family, stranger: Family) -> None:
        assert family.client.get(f"/banks/{stranger.bank.pk}/remove/").status_code == 404
