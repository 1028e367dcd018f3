"""What must wait waits, loses nothing, and goes on by itself; what fills in part is booked."""

from datetime import date
from decimal import Decimal

import pytest
from waffle.testutils import override_switch

from brokerage.models import Instrument, Purchase
from core.templatetags.show import day
from tests.cast import Family
from tests.money import auditor
from tests.money.test_unhappy_ends import (
    go_to_friday_night,
    orders_at_broker,
    read_parents_page,
    read_tracker,
    set_account,
)

pytestmark = pytest.mark.documented_too


def go_on(family: Family) -> None:
    """Let waiting end, the money arrive and a session come."""
    family.stage.advance(3700)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()


@pytest.mark.parametrize(
    ("switch", "status", "label"),
    [("halt-deposits", "QUEUED", "Approved"), ("halt-orders", "FUNDED", "Money arrived")],
)
def test_a_halt_makes_purchases_wait_and_its_end_lets_them_go_on(
    family: Family, switch: str, status: str, label: str
) -> None:
    gift = family.give()
    purchase = family.approve(gift)

    with override_switch(switch, active=True):
        family.stage.work()
        family.stage.settle_ach()
        family.stage.work()

        purchase.refresh_from_db()
        assert (purchase.status, purchase.failure) == (status, "")
        assert orders_at_broker(family) == []
        assert label in read_parents_page(family, gift)
        assert "(did not work)" not in read_tracker(gift)
    go_on(family)

    auditor.check_bought_once(family, gift)


@pytest.mark.daily(1)
@pytest.mark.parametrize(
    ("switch", "path", "kept"),
    [
        ("halt-deposits", "*/funding/deposits", "deposits"),
        ("halt-orders", "*/back-office/orders", "orders"),
    ],
)
def test_a_halt_holds_back_what_is_written_but_not_sent(
    family: Family, switch: str, path: str, kept: str
) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    if kept == "orders":
        family.stage.work()
        family.stage.settle_ach()
    family.stage.fault(method="POST", path=path, kind="drop-before", times=None)
    family.stage.work(rounds=3)
    family.stage.control("DELETE", "faults")
    assert [row.status for row in getattr(purchase, kept).all()] == ["INTENDED"]

    with override_switch(switch, active=True):
        family.stage.advance(300)
        family.stage.work()
        assert family.stage.state()[kept] == []
    go_on(family)

    auditor.check_bought_once(family, gift)


@pytest.mark.slow
def test_a_halted_share_is_bought_once_it_trades_again(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work(rounds=1)
    Instrument.objects.filter(symbol="DIS").update(status="HALTED")
    family.stage.work()
    purchase.refresh_from_db()
    assert (purchase.status, orders_at_broker(family)) == ("FUNDED", [])

    Instrument.objects.filter(symbol="DIS").update(status="ACTIVE")
    go_on(family)

    auditor.check_bought_once(family, gift)


@pytest.mark.slow
def test_an_account_no_longer_open_buys_once_it_is_open_again(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    set_account(family, "OPEN_NO_NEW_TRADES")
    family.stage.advance(3700)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()
    purchase.refresh_from_db()
    assert (purchase.status, orders_at_broker(family)) == ("FUNDED", [])
    page = family.client.get(f"/children/{family.child.pk}/").content.decode()
    assert "The broker has paused buying in this account." in page

    set_account(family, "OPEN")
    go_on(family)

    auditor.check_bought_once(family, gift)


@pytest.mark.slow
def test_money_that_arrives_after_hours_buys_in_the_next_session(family: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()

    go_to_friday_night(family)
    family.stage.work()

    purchase.refresh_from_db()
    assert (purchase.status, orders_at_broker(family)) == ("ORDERING", ["NEW"])
    assert purchase.orders.get().expected_on == date(2026, 11, 23)
    assert f"Expected {day(date(2026, 11, 23))}" in read_tracker(gift)

    family.stage.go_to("next-market-open")
    family.stage.advance(10)
    family.stage.work()

    auditor.check_bought_once(family, gift)


@pytest.mark.slow
def test_an_order_canceled_after_a_partial_fill_books_what_filled(
    family: Family,
) -> None:
    half = {"outcome": "partial-then-cancel", "fraction": "0.5"}
    family.stage.control("POST", "next-order", half)
    gift = family.give()
    purchase = family.approve(gift)

    go_on(family)

    order = purchase.orders.get()
    purchase.refresh_from_db()
    assert (purchase.status, order.status) == ("EXECUTED", "CANCELED")
    assert 0 < order.cost < 26
    auditor.check_books(family)
    assert family.account.cash == Decimal(50) - order.cost
    page = read_parents_page(family, gift)
    assert "Left over as cash in the account" in page
    assert f"${50 - order.cost}" in page
    assert "What it became" in read_tracker(gift)


@pytest.mark.slow
def test_an_order_that_fills_bit_by_bit_is_bought_when_it_is_whole(
    family: Family,
) -> None:
    halves = {"outcome": "partial-then-fill", "fraction": "0.5", "seconds": 400}
    family.stage.control("POST", "next-order", halves)
    gift = family.give()
    purchase = family.approve(gift)

    go_on(family)
    purchase.refresh_from_db()
    half = purchase.orders.get()
    assert (purchase.status, half.status) == ("ORDERING", "PARTIAL_FILL")
    family.stage.advance(700)
    family.stage.work()

    whole = Purchase.objects.get(pk=purchase.pk).orders.get()
    assert half.quantity < whole.quantity
    auditor.check_bought_once(family, gift)
