"""The page that removes a connection to a bank says what is under way, and what becomes of it."""

from __future__ import annotations

import pytest

from brokerage.models import BankAccount, Deposit, Purchase
from core.templatetags.show import day
from prefill.models import PlaidItem
from prefill.operations import get_own_applicant
from sandbox.plaid.banks import TOKENIZING
from tests.cast import Family, halt, resume
from tests.pages.reading import Page, read
from tests.prefill.banking import link_one, make_tenant_with_banks, now, vendor_items
from tests.prefill.test_ended_banks import choose


def connect(family: Family, bank: str = "ins_109508") -> PlaidItem:
    make_tenant_with_banks()
    item = link_one(family.stage, get_own_applicant(family.parent, at=now()), bank)
    family.bank = choose(family)
    return item


def ask(family: Family, item: PlaidItem) -> Page:
    return read(family.client.get(f"/banks/connections/{item.pk}/remove/"))


def remove(family: Family, item: PlaidItem) -> Page:
    return read(family.client.post(f"/banks/connections/{item.pk}/remove/", follow=True))


def arrives_on() -> str:
    return day(Deposit.objects.latest("created_at").expected_on)


@pytest.mark.slow
def test_it_tells_what_goes_on_and_what_is_not_paid(family: Family) -> None:
    item = connect(family)
    sent = family.approve(family.give("30.00", "KO"))
    family.stage.work()
    halt("halt-deposits")
    waiting = family.approve(family.give("50.00"))

    page = ask(family, item)
    remove(family, item)
    resume("halt-deposits")
    family.stage.advance(90)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()

    assert f"Its transfer goes on; it should arrive by {arrives_on()}." in page.text
    assert "$50.00, a gift of" in page.text
    assert "not paid from this bank. On the gift's page you can try another one." in page.text
    kept = BankAccount.objects.exclude(pk=family.bank.pk).get()
    assert f"Gifts you approve from now on are paid from {kept}." in page.text
    for purchase in (sent, waiting):
        purchase.refresh_from_db()
    assert (sent.status, waiting.status) == (Purchase.Status.EXECUTED, Purchase.Status.FAILED)
    assert "not go through" in read(family.client.get("/home/")).text


@pytest.mark.slow
def test_numbers_that_end_with_the_connection_keep_it_until_the_money_is_there(
    family: Family,
) -> None:
    item = connect(family, TOKENIZING)
    family.client.post(f"/banks/{BankAccount.objects.get(source='NUMBERS').pk}/remove/")
    purchase = family.approve(family.give())
    family.stage.work()
    when = arrives_on()

    page = ask(family, item)
    refused = remove(family, item)
    at_plaid = len(vendor_items(family.stage))
    family.stage.settle_ach()
    family.stage.work()
    later = ask(family, item)
    removed = remove(family, item)
    family.stage.work()

    assert "Not yet" in page.text
    assert f"Once all of it has arrived, which should be by {when}" in page.text
    assert not [form for form in page.forms if "remove" in form.action]
    assert f"You can remove it from {when} on." in refused.text
    assert at_plaid == 1
    assert "No other account is linked" in later.text
    assert "The connection is removed." in removed.text
    assert not vendor_items(family.stage)
    purchase.refresh_from_db()
    assert purchase.status == Purchase.Status.EXECUTED


def test_a_connection_that_pays_for_nothing_says_nothing_about_gifts(family: Family) -> None:
    make_tenant_with_banks()
    item = link_one(family.stage, get_own_applicant(family.parent, at=now()))

    page = ask(family, item)

    assert "debited" not in page.text
    assert "under way" not in page.text
    assert "Plaid ends our access" in page.text


def test_the_page_that_removes_a_bank_says_when_it_can_be(family: Family) -> None:
    family.approve(family.give("30.00", "KO"))
    family.stage.work()
    halt("halt-deposits")
    family.approve(family.give("50.00"))

    page = read(family.client.get(f"/banks/{family.bank.pk}/remove/"))

    assert f"can not be stopped; it should arrive by {arrives_on()}." in page.text
    assert "has not started: cancel the gift on its page" in page.text
