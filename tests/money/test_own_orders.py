"""A custodian's own orders: bought, sold, waiting, canceled, refused; booked to the cent."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from brokerage.lot_history import get_lots
from brokerage.models import BrokerAccount, Instrument, Order, Purchase
from brokerage.operations import advance_order
from core.clock import NEW_YORK
from core.errors import DomainError, Invalid, NotAllowed, NotNow
from core.switches import Halted
from tests.cast import Family, halt
from tests.money import auditor
from tests.money.processes import start, wait
from tests.money.test_races import wait_until_blocked
from tests.money.test_unhappy_ends import set_account
from tests.money.trading import FLAT, Desk, fund

pytestmark = pytest.mark.documented_too


@pytest.fixture
def desk(family: Family) -> Desk:
    """An account with $500 of settled money and no shares."""
    return Desk(family)


def at_broker(desk: Desk) -> list[tuple[str, str, str]]:
    """Return the own orders as the broker holds them: side, type, status."""
    rows = desk.family.stage.state()["orders"]
    return [(row["side"], row["type"], row["status"]) for row in rows if row["symbol"] == FLAT]


def outcome(order: Order) -> tuple[str, str, str]:
    """Return status, shares and dollars of what became of an order."""
    return order.status, f"{order.quantity.normalize():f}", str(order.cost)


def cash(desk: Desk) -> Decimal:
    return Decimal(auditor.broker_account(desk.family)["cash"])


@pytest.mark.daily(1)
@pytest.mark.documented_too(daily=True)
@pytest.mark.funded
def test_bought_by_dollars_sold_in_part_and_sold_out(desk: Desk) -> None:
    bought = desk.trade(amount="100.00")
    assert outcome(bought) == ("FILLED", "3.125", "100.00")
    assert bought.settles_on == date(2026, 11, 25)
    auditor.check_books(desk.family)

    desk.move_price("40.00")
    part = desk.trade(side="SELL", amount="40.00")
    assert outcome(part) == ("FILLED", "1", "40.00")
    assert desk.family.account.realized_gain == 8
    rest = desk.trade(side="SELL", quantity="2.125")

    assert outcome(rest) == ("FILLED", "2.125", "85.00")
    assert cash(desk) == 525
    account = desk.family.account
    assert account.realized_gain == 25
    assert account.cash_settled == 400
    assert not auditor.holdings(desk.family)
    assert [lots.held for lots in get_lots(account).values()] == [[]]
    assert auditor.verbs(rest) == ["order.placed", "order.new", "order.filled"]
    auditor.check_books(desk.family)
    auditor.check_trail()
    calls = desk.family.stage.state()["calls"]
    assert calls["POST /orders"] == 4  # three of its own, and the refused gift's


@pytest.mark.daily(1)
@pytest.mark.parametrize(
    ("asked", "not_yet", "touched"),
    [
        ({"kind": "LIMIT", "price": "30"}, "30.01", "29.50"),
        ({"kind": "STOP", "price": "34"}, "33.99", "34.25"),
        ({"kind": "MARKET_IF_TOUCHED", "price": "30"}, "30.01", "30.00"),
    ],
)
@pytest.mark.funded
def test_an_order_with_a_price_waits_for_it_and_fills(
    desk: Desk, asked: dict[str, str], not_yet: str, touched: str
) -> None:
    desk.move_price("32.00")
    order = desk.trade(quantity="2", time_in_force="GTC", **asked)
    desk.move_price(not_yet)
    desk.next_day()
    assert desk.look(order).status == "NEW"
    auditor.check_books(desk.family)  # what waits moves nothing

    desk.move_price(touched)
    desk.pass_time()

    filled = desk.look(order)
    assert outcome(filled) == ("FILLED", "2", str(2 * Decimal(touched)))
    auditor.check_books(desk.family)


@pytest.mark.slow
@pytest.mark.funded
def test_a_days_order_ends_with_the_session_and_one_until_canceled_after_90_days(
    desk: Desk,
) -> None:
    day = desk.trade(quantity="1", kind="LIMIT", price="20")
    long = desk.trade(quantity="1", kind="LIMIT", price="10", time_in_force="GTC")

    desk.next_day()
    assert (desk.look(day).status, desk.look(long).status) == ("CANCELED", "NEW")
    for _quarter in range(4):
        desk.family.stage.advance(24 * 24 * 3600)
    desk.next_day()
    desk.pass_time()

    assert desk.look(long).status == "CANCELED"
    assert cash(desk) == 500


@pytest.mark.slow
@pytest.mark.funded
def test_what_filled_before_a_cancel_is_booked_and_the_rest_is_cash(desk: Desk) -> None:
    desk.wish("rest", fraction=0.5)
    order = desk.trade(quantity="10")
    assert desk.look(order).status == "PARTIAL_FILL"

    desk.cancel(order)
    desk.cancel(order)
    desk.pass_time(5)

    canceled = desk.look(order)
    assert outcome(canceled) == ("CANCELED", "5", "160.00")
    assert cash(desk) == 340
    assert auditor.verbs(order)[-1] == "order.canceled"
    auditor.check_books(desk.family)
    auditor.check_trail()


@pytest.mark.funded
def test_a_rejected_order_says_so_and_gives_the_cash_free(desk: Desk) -> None:
    desk.wish("reject", reason="Not today.")

    order = desk.trade(amount="500.00")

    assert (order.status, order.failure, order.next_step_at) == ("REJECTED", "Not today.", None)
    assert desk.trade(amount="500.00").status == "FILLED"


@pytest.mark.funded
def test_an_order_nobody_was_asked_for_is_canceled_without_the_broker(desk: Desk) -> None:
    order = desk.place(amount="500.00")
    halt("halt-orders")

    desk.cancel(order)
    desk.pass_time()

    assert (desk.look(order).status, at_broker(desk)) == ("CANCELED", [])


@pytest.mark.slow
@pytest.mark.funded
def test_a_halt_holds_orders_back_and_lets_cancels_through(desk: Desk) -> None:
    resting = desk.trade(quantity="1", kind="LIMIT", price="20", time_in_force="GTC")
    unsent = desk.place(amount="50.00")
    halt("halt-orders")

    with pytest.raises(Halted, match="paused"):
        desk.place(amount="50.00")
    desk.cancel(resting)
    desk.pass_time(300)

    assert desk.look(resting).status == "CANCELED"
    assert (desk.look(unsent).status, len(at_broker(desk))) == ("INTENDED", 1)
    desk.family.stage.go_to("next-market-close")
    desk.pass_time(3 * 3600)
    late = desk.look(unsent)
    assert (late.status, late.failure) == ("CANCELED", "It could not be sent in time.")


@pytest.mark.funded
def test_a_cancel_after_the_fill_is_refused(desk: Desk) -> None:
    order = desk.trade(amount="50.00")

    with pytest.raises(NotNow, match="already filled"):
        desk.cancel(order)


@pytest.mark.funded
def test_a_cancel_whose_order_lost_its_answer_finds_it_first(desk: Desk) -> None:
    desk.family.stage.fault(method="POST", path="*/back-office/orders", kind="drop-after", times=1)
    order = desk.place(quantity="1", kind="LIMIT", price="20", time_in_force="GTC")
    desk.family.stage.work(rounds=2)
    assert desk.look(order).vendor_id == ""

    desk.cancel(order)
    desk.pass_time(5)
    desk.pass_time(5)

    assert desk.look(order).status == "CANCELED"
    assert at_broker(desk) == [("BUY", "LIMIT", "CANCELED")]


@pytest.mark.funded
def test_a_cancel_of_an_order_that_never_arrived_ends_it(desk: Desk) -> None:
    desk.family.stage.fault(
        method="POST", path="*/back-office/orders", kind="drop-before", times=None
    )
    order = desk.place(quantity="1", kind="LIMIT", price="20", time_in_force="GTC")
    desk.family.stage.work(rounds=2)

    desk.cancel(order)
    desk.pass_time(5)
    assert desk.look(order).status == "INTENDED"  # it may still be on its way
    desk.pass_time(300)

    assert (desk.look(order).status, at_broker(desk)) == ("CANCELED", [])


@pytest.mark.funded
def test_an_order_of_the_weekend_is_queued_for_the_first_session_after_it(desk: Desk) -> None:
    thanksgiving_eve = datetime(2026, 11, 25, 17, 0, tzinfo=NEW_YORK)
    desk.family.stage.set_clock(thanksgiving_eve)
    desk.family.stage.work()

    order = desk.trade(amount="50.00")

    assert (order.status, order.expected_on) == ("NEW", date(2026, 11, 27))  # a half day
    page = desk.family.client.get(f"/orders/{order.pk}/").content.decode()
    assert "Expected in the session of Fri, Nov 27, 9:30 AM ET" in page
    desk.family.stage.go_to("next-market-open")
    desk.pass_time(10)
    assert desk.look(order).status == "FILLED"


@pytest.mark.slow
@pytest.mark.funded
def test_shares_bought_with_unsettled_money_wait_for_it(desk: Desk) -> None:
    desk.trade(amount="500.00")
    desk.trade(side="SELL", quantity="10")  # $320, on Tuesday; it settles on Wednesday
    assert desk.family.account.cash_settled == 0
    good_faith = desk.trade(amount="100.00", symbol="KO")
    assert good_faith.funds_settle_on == date(2026, 11, 25)

    with pytest.raises(NotNow, match="settles on Wed, Nov 25"):
        desk.place(side="SELL", symbol="KO", quantity=str(good_faith.quantity))
    assert desk.trade(side="SELL", quantity="1").status == "FILLED"  # old shares may go

    desk.next_day()
    sold = desk.trade(side="SELL", symbol="KO", quantity=str(good_faith.quantity))
    assert sold.status == "FILLED"


@pytest.mark.funded
def test_a_split_multiplies_what_can_be_sold(desk: Desk) -> None:
    desk.trade(quantity="2")
    account = desk.family.account
    account.movements.create(
        vendor_id="split",
        kind="SPLIT",
        vendor_kind="STOCK_SPLIT",
        instrument=Instrument.objects.get(symbol=FLAT),
        quantity=6,
        happened_at=desk.family.stage.now(),
        created_at=desk.family.stage.now(),
        status="BOOKED",
    )

    (lots,) = get_lots(account).values()

    assert (lots.quantity, lots.cost, len(lots.held)) == (Decimal(8), Decimal(64), 1)


REFUSED: list[tuple[dict[str, Any], str, type[DomainError], str]] = [
    ({"amount": "500.01"}, "amount", NotNow, "$500.00 is free"),
    ({"quantity": "15"}, "quantity", NotNow, "up to $504.00"),  # with 5 % for the market
    ({"quantity": "1", "side": "SELL"}, "quantity", NotNow, "Only 0 shares"),
    ({}, "amount", Invalid, "either dollars or"),
    ({"amount": "5", "quantity": "1"}, "amount", Invalid, "either dollars or"),
    ({"amount": "-5"}, "amount", Invalid, "dollars and cents"),
    ({"amount": "5.001"}, "amount", Invalid, "dollars and cents"),
    ({"quantity": "0.000000001"}, "quantity", Invalid, "above zero"),
    ({"amount": "50", "kind": "LIMIT", "price": "30"}, "quantity", Invalid, "number of shares"),
    ({"quantity": "1.5", "kind": "STOP", "price": "40"}, "quantity", Invalid, "whole shares"),
    ({"quantity": "1", "kind": "LIMIT"}, "price", Invalid, "price of one share"),
    ({"quantity": "1", "price": "30"}, "price", Invalid, "no price of its own"),
    ({"quantity": "1", "time_in_force": "GTC"}, "time_in_force", Invalid, "for the day"),
    ({"quantity": "0.4", "symbol": "TESTSIZE"}, "quantity", Invalid, "smallest order"),
    ({"amount": "9", "symbol": "TESTSIZE"}, "amount", Invalid, "0.5 shares, about $10.00"),
    # More than the cash would pay for too: both are said, the first of them beside the field.
    ({"quantity": "101", "symbol": "TESTSIZE"}, "quantity", DomainError, "two orders"),
]


@pytest.mark.funded
def test_what_can_not_be_is_refused_with_a_sentence_beside_its_field(desk: Desk) -> None:
    for asked, field, kind, said in REFUSED:
        with pytest.raises(kind) as refused:
            desk.place(**asked)
        assert said in refused.value.fields[field], (asked, refused.value.fields)
    assert not Order.objects.filter(purchase=None).exists()


@pytest.mark.funded
def test_what_may_not_be_traded_is_refused(desk: Desk, stranger: Family) -> None:
    desk.ticket()  # its terms are read, and kept
    for status, said in (
        ("HALTED", "halted at the moment"),
        ("CLOSE_ONLY", "can only be sold"),
        ("INACTIVE", "no longer traded"),
    ):
        Instrument.objects.filter(symbol=FLAT).update(status=status)
        with pytest.raises(NotNow, match=said):
            desk.place(amount="10")
    with pytest.raises(NotNow, match="single stocks only"):
        desk.place(symbol="VOO", amount="10")
    with pytest.raises(NotAllowed):
        Desk(stranger).cancel(desk.place(symbol="KO", amount="10"))
    set_account(desk.family, "FROZEN")
    desk.pass_time()
    with pytest.raises(NotNow, match="not open"):
        desk.place(symbol="KO", amount="10")


@pytest.mark.funded
def test_what_can_only_be_sold_is_sold_and_the_price_counts(desk: Desk) -> None:
    desk.trade(quantity="2")
    Instrument.objects.filter(symbol=FLAT).update(status="CLOSE_ONLY")

    assert desk.trade(side="SELL", quantity="2").status == "FILLED"


@pytest.mark.funded
def test_sent_twice_from_one_form_it_is_one_order(desk: Desk) -> None:
    key = uuid4()

    first, second = (desk.place(amount="50", form_key=key) for _click in range(2))

    assert first == second
    with pytest.raises(NotNow, match="sent before"):
        desk.place(amount="60", form_key=key)


def test_cash_a_gift_was_paid_with_waits_for_the_gift(family: Family) -> None:
    purchase = family.approve(family.give("50.00"))
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work(rounds=1)
    Instrument.objects.filter(symbol="DIS").update(status="HALTED")
    family.stage.work()
    assert Purchase.objects.get(pk=purchase.pk).status == "FUNDED"
    assert family.account.cash_for_trade == 50

    with pytest.raises(NotNow, match=r"\$0.00 is free"):
        Desk(family).place(amount="1.00")


def two_at_once(family: Family, act: Callable[[], object]) -> list[int]:
    """Have two processes come as far as the account's row, and go on together."""
    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=family.account.pk)
        workers = [start(act), start(act)]
        wait_until_blocked(2)
    return sorted(wait(worker) for worker in workers)


def test_two_orders_at_once_never_spend_the_same_dollar_nor_sell_the_same_share(
    live_family: Family,
) -> None:
    desk = fund(live_family, "100.00")
    buy, sell = desk.ticket(amount="60.00"), desk.ticket(side="SELL", quantity="1.875")

    assert two_at_once(live_family, partial(desk.place, amount="60.00")) == [0, 1]
    live_family.stage.work()
    (bought,) = Order.objects.filter(purchase=None)
    assert (bought.status, bought.quantity, bought.cost) == ("FILLED", sell.quantity, buy.amount)

    assert two_at_once(live_family, partial(desk.place, side="SELL", quantity="1.875")) == [0, 1]
    live_family.stage.work()

    assert at_broker(desk) == [("BUY", "MARKET", "FILLED"), ("SELL", "MARKET", "FILLED")]
    auditor.check_books(live_family)
    auditor.check_trail()


@pytest.mark.slow
@pytest.mark.funded
def test_two_workers_on_one_order_send_it_once(live_family: Family) -> None:
    desk = Desk(live_family)
    order = desk.place(amount="60.00")
    live_family.stage.fault(method="POST", path="*/orders", kind="delay", seconds=0.3)

    def drive() -> None:
        for _step in range(3):
            advance_order(order.pk, at=live_family.stage.now())

    workers = [start(drive), start(drive)]
    assert [wait(worker) for worker in workers] == [0, 0]
    live_family.stage.work()

    assert at_broker(desk) == [("BUY", "MARKET", "FILLED")]
    auditor.check_books(live_family)
