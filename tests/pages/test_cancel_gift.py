"""Taking an approval back before the bank transfer starts, and gifts whose share is gone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from waffle.testutils import override_switch

from brokerage.models import BrokerAccount, Instrument, Purchase
from gifting.models import Gift
from sandbox.drivewealth.catalogue import CATALOGUE
from tests.api.calling import Caller
from tests.cast import Family, sign_in
from tests.money import auditor
from tests.money.test_unhappy_ends import read_tracker, say_of_deposit
from tests.pages.reading import Browser, read


@pytest.fixture
def approved(family: Family) -> Gift:
    gift = family.give()
    family.approve(gift)
    return gift


def letters(subject: str) -> list[Any]:
    return [letter for letter in mail.outbox if subject in letter.subject]


def test_an_approved_gift_is_canceled_before_money_moves_and_the_giver_is_told(
    family: Family, approved: Gift
) -> None:
    browser = Browser()
    browser.client.force_login(family.parent.user)
    page = browser.open(f"/gifts/{approved.pk}/")

    canceled = browser.submit(page, to="/cancel/")
    again = read(family.client.post(f"/gifts/{approved.pk}/cancel/", follow=True))
    family.stage.work()
    family.stage.work()

    assert "Canceled. No money has moved." in canceled.text
    assert "Cancel this gift" not in canceled.text
    assert "This is already canceled." in again.text
    assert Purchase.objects.get().status == "CANCELED"
    assert family.stage.state()["deposits"] == []
    assert "canceled it before the bank transfer started" in read_tracker(approved)
    (letter,) = letters("was not taken")
    assert letter.to == ["grandma@family.example"]
    assert "was canceled before the bank transfer started. No money has moved." in letter.body
    auditor.check_trail()
    auditor.check_mail_once()


def test_a_transfer_under_way_can_not_be_canceled(family: Family, approved: Gift) -> None:
    family.stage.work()

    page = read(family.client.get(f"/gifts/{approved.pk}/"))
    refused = read(family.client.post(f"/gifts/{approved.pk}/cancel/", follow=True))

    assert "Cancel this gift" not in page.text
    assert "It is too late to cancel this: the bank transfer has started." in refused.text
    assert letters("was not taken") == []


def test_a_gift_is_canceled_over_the_api(stranger: Family, family: Family, approved: Gift) -> None:
    url = f"/api/gifts/{approved.pk}/cancel"
    assert Caller(sign_in(stranger.parent)).post(url, {}).problem() == (404, "not_found")
    waiting = family.give()

    answer = Caller(family.client).post(url, {})

    assert answer.status == 200
    assert answer.body["gift"]["executionStatus"] == "failed"
    assert Caller(family.client).post(url, {}).problem() == (409, "too_late")
    not_approved = Caller(family.client).post(f"/api/gifts/{waiting.pk}/cancel", {})
    assert not_approved.problem() == (409, "not_now")


def fund(family: Family, gift: Gift, **changes: Any) -> Purchase:
    """Let the money arrive, the share change right after it, and nothing be ordered."""
    family.stage.work()
    family.stage.settle_ach()
    with override_switch("halt-orders", active=True):
        family.stage.work()
    Instrument.objects.filter(symbol="DIS").update(**changes)
    purchase = Purchase.objects.get(gift=gift)
    assert purchase.status == "FUNDED"
    return purchase


def look_again(family: Family, **passed: float) -> None:
    family.stage.advance(timedelta(**passed).total_seconds())
    family.stage.work(rounds=3)


def gone() -> dict[str, Any]:
    """Return what makes our row one that the broker calls no longer traded."""
    return {"status": "INACTIVE", "vendor_id": "no-such-instrument"}


def test_a_share_gone_for_good_ends_the_gift_and_leaves_the_money(
    family: Family, approved: Gift
) -> None:
    purchase = fund(family, approved, **gone())

    look_again(family, minutes=2)

    purchase.refresh_from_db()
    said = "DIS is no longer traded. The money is in the child's account."
    assert (purchase.status, purchase.failure) == ("FAILED", said)
    assert said in letters("did not go through")[0].body
    auditor.check_books(family)


@pytest.mark.slow
def test_a_share_our_list_lost_is_bought_where_the_broker_still_trades_it(
    family: Family, approved: Gift
) -> None:
    fund(family, approved, status="INACTIVE")

    look_again(family, minutes=2)
    family.stage.work()

    auditor.check_bought_once(family, approved)


def test_money_the_bank_took_back_is_not_said_to_be_there(family: Family, approved: Gift) -> None:
    purchase = fund(family, approved, **gone())
    say_of_deposit(family, purchase, "RETURNED")

    look_again(family, minutes=2)

    purchase.refresh_from_db()
    assert (purchase.status, purchase.failure) == ("RETURNED", "The bank took the transfer back.")


def test_a_closed_account_ends_the_gift(family: Family, approved: Gift) -> None:
    purchase = fund(family, approved)
    path = f"accounts/{family.account.vendor_id}/cash"
    family.stage.control("POST", path, {"amount": "-50.00", "type": "CADJ"})
    BrokerAccount.objects.update(status="CLOSED")

    look_again(family, minutes=2)

    purchase.refresh_from_db()
    assert (purchase.status, purchase.failure) == ("FAILED", "The account is closed.")


@pytest.mark.slow
def test_a_halted_share_is_waited_for_some_days_only(
    family: Family, approved: Gift, settings: Any
) -> None:
    settings.HALTED_GIFT_DAYS = 3
    # At the broker our row is now the share whose trading is halted.
    purchase = fund(family, approved, status="HALTED", vendor_id=CATALOGUE["TESTHALT"].id)
    look_again(family, days=2)
    purchase.refresh_from_db()
    assert (purchase.status, purchase.failure) == ("FUNDED", "")

    look_again(family, days=2)

    purchase.refresh_from_db()
    assert purchase.status == "FAILED"
    assert "has been halted for too long. The money is in the child's account." in purchase.failure
