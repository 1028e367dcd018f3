"""What ends or waits: said in plain words, booked to the cent, told once."""

from html import unescape

import pytest
from django.core import mail
from django.test import Client

from brokerage.models import Purchase
from gifting.models import Gift
from tests.cast import Family
from tests.money import auditor
from tests.sandbox.partner import Partner

pytestmark = pytest.mark.documented_too

NOT_BOUGHT = "The broker did not carry out the order. The money is in the child's account."


def say_of_deposit(family: Family, purchase: Purchase, status: str) -> None:
    """Let the bank decide on the deposit."""
    deposit = purchase.deposits.get()
    bank_says = {"status": status, "code": "R01"}
    family.stage.control("POST", f"deposits/{deposit.vendor_id}", bank_says)


def set_account(family: Family, status: str) -> None:
    """Have the broker change the child's account."""
    path = f"/accounts/{family.account.vendor_id}"
    Partner(family.stage.box).ok("PATCH", path, {"status": status})


def go_to_friday_night(family: Family) -> None:
    """Let the money arrive on Friday morning and nobody look before the exchange has closed."""
    for _day in range(4):
        family.stage.go_to("next-banking-day")
    family.stage.go_to("next-market-close")
    family.stage.advance(60)


def orders_at_broker(family: Family) -> list[str]:
    return [row["status"] for row in family.stage.state()["orders"]]


def read_parents_page(family: Family, gift: Gift) -> str:
    return unescape(family.client.get(f"/gifts/{gift.pk}/").content.decode())


def read_tracker(gift: Gift) -> str:
    return unescape(Client().get(f"/t/{gift.token}/").content.decode())


def check_ended(family: Family, gift: Gift, status: str, said: str) -> None:
    """Everybody concerned hears of it once, the parent also why; the trail and the books agree."""
    purchase = Purchase.objects.get(gift=gift)
    bad_news = [letter for letter in mail.outbox if "did not go through" in letter.subject]

    assert (purchase.status, purchase.failure) == (status, said)
    assert (purchase.next_step_at, purchase.ended_at is None) == (None, False)
    assert auditor.verbs(purchase)[-1] == f"purchase.{status.lower()}"
    for page in (read_parents_page(family, gift), read_tracker(gift)):
        assert "(did not work)" in page
        assert "What it became" not in page
    assert said not in read_tracker(gift)
    assert "there is nothing for you to do" in read_tracker(gift)
    assert [letter.to for letter in bad_news] == [["custodian@family.example"]]
    assert said in bad_news[0].body
    assert not [letter for letter in mail.outbox if "now owns" in letter.subject]
    auditor.check_mail_once()
    auditor.check_trail()
    auditor.check_books(family)


def test_a_deposit_the_broker_refuses_fails_with_its_reason(family: Family) -> None:
    Partner(family.stage.box).call("DELETE", f"/bank-accounts/{family.bank.vendor_id}")
    gift = family.give()
    purchase = family.approve(gift)

    family.stage.work()

    check_ended(family, gift, "FAILED", "The broker does not know this bank account any more.")
    assert auditor.verbs(purchase.deposits.get()) == ["deposit.intended", "deposit.refused"]
    assert family.stage.state()["deposits"] == []


def test_a_deposit_the_bank_does_not_pay_fails(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    say_of_deposit(family, purchase, "FAILED")

    family.stage.advance(3700)
    family.stage.work()

    check_ended(family, gift, "FAILED", "The bank transfer did not go through.")
    assert auditor.verbs(purchase.deposits.get())[-1] == "deposit.failed"
    assert "The bank transfer did not go through." in read_parents_page(family, gift)
    assert orders_at_broker(family) == []


def test_a_deposit_returned_on_its_way_is_returned(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    say_of_deposit(family, purchase, "RETURNED")

    family.stage.advance(3700)
    family.stage.work()

    check_ended(family, gift, "RETURNED", "The bank took the transfer back.")
    assert orders_at_broker(family) == []


@pytest.mark.slow
def test_a_deposit_returned_after_it_arrived_buys_nothing(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    set_account(family, "OPEN_NO_NEW_TRADES")
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()
    purchase.refresh_from_db()
    assert purchase.status == "FUNDED"

    say_of_deposit(family, purchase, "RETURNED")
    set_account(family, "OPEN")
    family.stage.advance(3700)
    family.stage.work()

    check_ended(family, gift, "RETURNED", "The bank took the transfer back.")
    assert auditor.verbs(purchase.deposits.get())[-2:] == ["deposit.settled", "deposit.returned"]
    assert orders_at_broker(family) == []


def test_a_held_deposit_is_shown_as_held_and_goes_on(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    say_of_deposit(family, purchase, "ON_HOLD")
    family.stage.advance(3700)
    family.stage.work()
    assert "The broker holds the transfer for a check." in read_parents_page(family, gift)
    assert "holds" not in read_tracker(gift)

    say_of_deposit(family, purchase, "SUCCESSFUL")
    family.stage.settle_ach()
    family.stage.work()

    auditor.check_bought_once(family, gift)


@pytest.mark.slow
def test_an_order_refused_at_once_leaves_the_cash_with_the_child(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work(rounds=1)  # the account is looked at once an hour, the order comes next
    set_account(family, "OPEN_NO_NEW_TRADES")

    family.stage.work()

    check_ended(family, gift, "FAILED", NOT_BOUGHT)
    assert auditor.verbs(purchase.orders.get()) == ["order.intended", "order.rejected"]
    assert "$50.00" in family.client.get(f"/children/{family.child.pk}/").content.decode()
    assert orders_at_broker(family) == []


def test_an_order_rejected_later_leaves_the_cash_with_the_child(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    go_to_friday_night(family)
    family.stage.work()
    assert orders_at_broker(family) == ["NEW"]

    set_account(family, "FROZEN")
    family.stage.go_to("next-market-open")
    family.stage.advance(10)
    family.stage.work()

    check_ended(family, gift, "FAILED", NOT_BOUGHT)
    assert auditor.verbs(purchase.orders.get())[-1] == "order.rejected"
    assert purchase.orders.get().failure == "The account is not open."
    assert auditor.broker_account(family)["cash"] == 50


@pytest.mark.slow
def test_an_order_canceled_unfilled_leaves_the_cash_with_the_child(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    go_to_friday_night(family)
    family.stage.work()
    path = f"/orders/{purchase.orders.get().vendor_id}"
    Partner(family.stage.box).ok("PATCH", path, {"method": "CANCEL"})

    family.stage.go_to("next-market-open")
    family.stage.advance(10)
    family.stage.work()

    check_ended(family, gift, "FAILED", NOT_BOUGHT)
    assert auditor.verbs(purchase.orders.get())[-1] == "order.canceled"
