"""Adding money for a child, one deposit's page, and where to send a wire to."""

from typing import Any

import pytest
from django.test import Client
from waffle.testutils import override_switch

from brokerage.models import Deposit
from tenants.models import Tenant
from tests.cast import Family, make_child, make_known, make_parent, sign_in
from tests.pages.reading import Page, read
from tests.sandbox.partner import Partner
from tests.stage import Stage


def url(family: Family) -> str:
    return f"/children/{family.child.pk}/add-money/"


def send(family: Family, **answers: Any) -> Page:
    form = read(family.client.get(url(family))).form_to()
    filled = form.fill(**({"amount": "$1,250.50", "authorize": "on"} | answers))
    return read(family.client.post(form.action, filled, follow=True))


@pytest.mark.slow
def test_money_is_added_and_followed(family: Family) -> None:
    assert url(family) in read(family.client.get(f"/children/{family.child.pk}/")).links

    page = send(family)

    deposit = Deposit.objects.get()
    assert page.url == f"/deposits/{deposit.pk}/"
    assert "We are asking your bank for the money now." in page.text
    assert "$1,250.50 for Sunny" in page.text
    assert "I authorize StockSprout and its broker to debit the amount I entered" in page.text
    assert "Expected Fri, Nov 20" in page.text
    child = read(family.client.get(f"/children/{family.child.pk}/")).text
    assert "On its way $1,250.50" in child
    family.stage.work()
    body = {"status": "ON_HOLD", "code": ""}
    deposit.refresh_from_db()
    family.stage.control("POST", f"deposits/{deposit.vendor_id}", body)
    family.stage.advance(3700)
    family.stage.work()
    assert (
        "The broker looks at this transfer before it goes on."
        in read(family.client.get(f"/deposits/{deposit.pk}/")).text
    )
    body = {"status": "RETURNED", "code": "R01"}
    family.stage.control("POST", f"deposits/{deposit.vendor_id}", body)
    family.stage.advance(3700)
    family.stage.work()
    page = read(family.client.get(f"/deposits/{deposit.pk}/"))
    assert "There was not enough money in the bank account." in page.text
    assert "Try again" in page.text
    listed = read(family.client.get(url(family))).text
    assert "$1,250.50 Added by you, Mon, Nov 16 Taken back by the bank" in listed


def test_one_form_sent_twice_is_one_deposit(family: Family) -> None:
    form = read(family.client.get(url(family))).form_to()
    answers = form.fill(amount="25", authorize="on")

    urls = {read(family.client.post(url(family), answers, follow=True)).url for _click in "12"}

    assert urls == {f"/deposits/{Deposit.objects.get().pk}/"}


@pytest.mark.daily(2)
@pytest.mark.parametrize(
    ("answers", "name", "said"),
    [
        ({"amount": ""}, "amount", "fill this in"),
        ({"amount": "1e3"}, "amount", "Enter dollars and cents"),
        ({"amount": "5"}, "amount", "between $10 and $10,000"),
        ({"amount": "-20"}, "amount", "Enter dollars and cents"),
        ({"authorize": False}, "authorize", "Tick the box"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_lost(
    family: Family, answers: dict[str, Any], name: str, said: str
) -> None:
    page = send(family, **answers)

    assert page.status == 422
    assert said in page.errors[name]
    if answers.get("amount"):
        assert page.form_to().values["amount"] == answers["amount"]
    assert not Deposit.objects.exists()


def test_another_parents_bank_is_no_choice(family: Family, stranger: Family) -> None:
    page = send(family, bank=stranger.bank.pk)

    assert (page.status, "bank" in page.errors) == (422, True)


def test_a_halt_is_said_above_the_form(family: Family) -> None:
    form = read(family.client.get(url(family))).form_to()
    with override_switch("halt-deposits", active=True):
        closed = read(family.client.get(url(family)))
        page = read(family.client.post(url(family), form.fill(amount="25", authorize="on")))

    assert "Bank transfers are paused." in closed.text
    assert not [form for form in closed.forms if form.action == url(family)]
    assert page.status == 422
    assert "Bank transfers are paused." in page.text
    assert page.form_to().values["amount"] == "25"
    assert not Deposit.objects.exists()


def test_without_an_open_account_or_a_bank_it_says_what_is_missing(stage: Stage) -> None:
    parent = make_parent("new@family.example")
    make_known(parent)
    child, client = make_child(parent), sign_in(parent)
    page = read(client.get(f"/children/{child.pk}/add-money/"))
    assert "We are opening the account." in page.text or "account is not open" in page.text
    stage.work()

    page = read(client.get(f"/children/{child.pk}/add-money/"))

    assert "Link your bank first" in page.text
    assert 'href="/banks/">Connect your bank</a>' in page.html
    Tenant.objects.update(aggregation_enabled=False)
    page = read(client.get(f"/children/{child.pk}/add-money/"))
    assert 'href="/banks/new/">Link a bank</a>' in page.html


def test_wire_details_are_shown_in_full_and_kept_from_logs(
    family: Family, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/accounts/{family.account.vendor_id}/funding/deposit-instructions"
    told = Partner(family.stage.box).get(path)
    number = told["achDetails"]["bankAccountNumber"]

    page = read(family.client.get(f"/children/{family.child.pk}/wire/"))

    assert f"Account number {number}" in page.text
    assert told["wireDetails"]["bankSwiftCode"] in page.text
    assert number not in caplog.text
    assert number not in read(family.client.get(url(family))).text


def test_while_the_broker_is_away_wire_details_are_kindly_put_off(family: Family) -> None:
    family.stage.fault(method="GET", path="*/deposit-instructions", kind="status", times=None)

    page = read(family.client.get(f"/children/{family.child.pk}/wire/"))

    assert page.status == 200
    assert "The broker does not answer at the moment. Please try again later." in page.text


def test_strangers_and_visitors_see_none_of_it(family: Family, stranger: Family) -> None:
    send(family)
    deposit = Deposit.objects.get()
    for address in (
        url(family),
        f"/children/{family.child.pk}/wire/",
        f"/deposits/{deposit.pk}/",
    ):
        assert stranger.client.get(address).status_code == 404
        assert Client().get(address).headers["Location"].startswith("/account/login/")
    assert stranger.client.post(url(family), {"amount": "25"}).status_code == 404
    assert Client().post(url(family)).headers["Location"].startswith("/account/login/")
