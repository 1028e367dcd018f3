"""Orders with a price: what touches them off, how long they live, how they are paged."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.partner import Family, Partner

FLAT = "TESTFLAT"  # 32.00 until the operator moves it


@pytest.fixture
def rich(partner: Partner) -> Family:
    family = partner.funded_family("5000.00")
    family.order(symbol=FLAT, quantity=10)
    partner.wait(2)
    return family


def move(family: Family, price: str | None, symbol: str = FLAT) -> None:
    family.partner.control("/prices", {"symbol": symbol, "price": price})
    family.partner.wait(2)


def waiting(family: Family, **order: Any) -> str:
    order_id = family.order(**{"symbol": FLAT, "quantity": 2, "timeInForce": "GTC"} | order)
    family.partner.wait(2)
    return order_id


@pytest.mark.parametrize(
    ("type_", "side", "price", "not_yet", "touched"),
    [
        ("LIMIT", "BUY", 30, "30.01", "29.50"),
        ("LIMIT", "SELL", 34, "33.99", "34.50"),
        ("STOP", "BUY", 34, "33.99", "34.25"),
        ("STOP", "SELL", 30, "30.01", "29.75"),
        ("MARKET_IF_TOUCHED", "BUY", 30, "30.01", "30.00"),
        ("MARKET_IF_TOUCHED", "SELL", 34, "33.99", "34.00"),
    ],
)
def test_an_order_fills_when_the_market_reaches_its_price(
    rich: Family, type_: str, side: str, price: int, not_yet: str, touched: str
) -> None:
    order_id = waiting(rich, orderType=type_, side=side, price=price)
    assert rich.see_order(order_id)["status"] == "NEW"
    move(rich, not_yet)
    assert rich.see_order(order_id)["status"] == "NEW"

    move(rich, touched)

    order = rich.see_order(order_id)
    assert (order["status"], order["averagePrice"]) == ("FILLED", Decimal(touched))
    held = 12 if side == "BUY" else 8
    assert rich.positions()[0]["openQty"] == held
    sign = -1 if side == "BUY" else 1
    assert rich.cash() == Decimal("4680.00") + sign * 2 * Decimal(touched)


def test_a_limit_already_reached_fills_at_the_better_price(rich: Family) -> None:
    order_id = waiting(rich, orderType="LIMIT", side="BUY", price=35, timeInForce="DAY")

    assert rich.see_order(order_id)["averagePrice"] == 32


def test_the_invented_path_touches_orders_off_at_its_minute(rich: Family) -> None:
    now = datetime.fromisoformat(rich.partner.state()["now"])
    quote = rich.partner.get("/quotes?symbols=TSLA")[0]["lastTrade"]
    order_id = waiting(
        rich, symbol="TSLA", quantity=1, orderType="LIMIT", price=float(quote) - 0.50
    )

    rich.partner.wait(30 * 86_400)
    rich.partner.log_in()

    order = rich.see_order(order_id)
    executed = datetime.fromisoformat(order["lastExecuted"])
    assert order["status"] == "FILLED"
    assert order["averagePriceRaw"] <= quote - Decimal("0.50")
    assert now < executed < now + timedelta(days=30)
    assert executed.second == 0 or executed - now < timedelta(minutes=1)


def test_a_price_reached_at_night_waits_for_the_opening(rich: Family) -> None:
    order_id = waiting(rich, orderType="LIMIT", side="BUY", price=30)
    rich.partner.go_to("next-market-close")
    move(rich, "25.00")
    rich.partner.log_in()
    assert rich.see_order(order_id)["status"] == "NEW"

    rich.partner.go_to("next-market-open")
    rich.partner.log_in()

    order = rich.see_order(order_id)
    assert (order["status"], order["lastExecuted"]) == ("FILLED", "2026-06-09T13:30:00.000Z")


def test_a_stop_that_can_no_longer_be_paid_is_rejected(rich: Family) -> None:
    order_id = waiting(rich, orderType="STOP", side="BUY", price=34, quantity=100)
    rich.order(amountCash=1000)
    rich.partner.wait(2)

    move(rich, "60.00")

    order = rich.see_order(order_id)
    assert order["status"] == "REJECTED"
    assert order["statusMessage"]["message"] == "Insufficient buying power."


def test_fill_or_kill_fills_now_or_never(rich: Family) -> None:
    killed = waiting(rich, orderType="LIMIT", price=30, timeInForce="FILL_OR_KILL")
    filled = waiting(rich, orderType="LIMIT", price=32, timeInForce="FILL_OR_KILL")

    assert rich.see_order(killed)["status"] == "CANCELED"
    assert rich.see_order(filled)["status"] == "FILLED"


def test_a_good_till_cancelled_order_ends_on_its_day(rich: Family) -> None:
    dated = waiting(rich, orderType="LIMIT", price=30, expiration="2026-06-12")
    whole = waiting(rich, orderType="STOP", price=40, timeInForce="GTC")
    rich.partner.control("/clock", {"set": "2026-06-12T19:59:00Z"})
    rich.partner.log_in()
    assert rich.see_order(dated)["status"] == "NEW"

    rich.partner.control("/clock", {"set": "2026-06-12T20:00:00Z"})
    rich.partner.log_in()

    order = rich.see_order(dated)
    assert (order["status"], order["statusMessage"]["errorCode"]) == ("CANCELED", "O123")
    assert rich.see_order(whole)["status"] == "NEW"
    rich.partner.control("/clock", {"set": "2026-09-10T00:00:00Z"})
    rich.partner.log_in()
    assert rich.see_order(whole)["status"] == "CANCELED"
    assert rich.money()["cashAvailableForTrade"] == rich.cash()


def test_a_cancelled_order_does_not_fill_when_its_price_comes(rich: Family) -> None:
    order_id = waiting(rich, orderType="LIMIT", side="BUY", price=30)
    rich.partner.ok("PATCH", f"/orders/{order_id}", {"method": "CANCEL"})
    rich.partner.wait(2)

    move(rich, "29.00")

    order = rich.see_order(order_id)
    assert (order["status"], order["cumulativeQuantity"]) == ("CANCELED", 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"orderType": "LIMIT", "price": 30, "quantity": 1.5}, "E033"),
        ({"orderType": "LIMIT", "price": 30.00001}, "O011"),
        ({"orderType": "LIMIT", "price": 30, "timeInForce": "GTX"}, "O018"),
        ({"orderType": "LIMIT", "price": 30, "timeInForce": "GTC", "expiration": "x"}, "O019"),
        ({"symbol": "TESTSIZE", "quantity": 0.25}, "E033"),
        ({"symbol": "TESTSIZE", "quantity": 101}, "E033"),
    ],
)
def test_a_waiting_order_is_checked_first(rich: Family, fields: Any, code: str) -> None:
    answer = rich.partner.call("POST", "/orders", rich.order_body(quantity=2) | fields)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_an_amount_below_the_smallest_order_is_rejected(rich: Family) -> None:
    order_id = rich.order(symbol="TESTSIZE", amountCash=9.99)
    rich.partner.wait(2)

    assert rich.see_order(order_id)["status"] == "REJECTED"
    assert rich.partner.get("/instruments/TESTSIZE")["orderSizeMax"] == 100


def test_a_price_set_by_the_operator_is_quoted_until_it_is_let_go(rich: Family) -> None:
    move(rich, "50", "KO")
    [held] = rich.partner.get("/quotes?symbols=KO")
    state = rich.partner.state()["prices"]
    move(rich, None, "KO")
    [free] = rich.partner.get("/quotes?symbols=KO")

    assert (held["lastTrade"], state) == (50, {"KO": 50})
    assert free["lastTrade"] != 50
    assert 60 < free["lastTrade"] < 80
    assert rich.partner.state()["prices"] == {}


@pytest.mark.parametrize("word", ["next", "prev", "previous", "", "sideways", "PREV"])
def test_a_period_is_gone_through_in_the_direction_asked_for(rich: Family, word: str) -> None:
    for _ in range(7):
        rich.order(symbol=FLAT, quantity=1)
        rich.partner.wait(2)
    back = word in ("prev", "previous")

    for path, id_, moment in (
        ("reports/order-history", "orderID", "createdWhen"),
        ("transactions", "finTranID", "tranWhen"),
    ):
        base = f"/accounts/{rich.account_id}/{path}?from=2026-06-01&to=2026-07-01"
        asked = f"{base}&direction={word}" if word else base
        whole = rows_of(rich.partner.get(base))
        seen: list[Any] = []
        page = rows_of(rich.partner.get(f"{asked}&limit=3"))
        while page:
            seen += page
            assert len(page) <= 3
            page = rows_of(rich.partner.get(f"{asked}&limit=3&offset={page[-1][moment]}"))

        expected = whole[::-1] if back else whole
        assert [row[id_] for row in seen] == [row[id_] for row in expected]
        assert len(whole) >= 7


def rows_of(answer: Any) -> list[Any]:
    rows: list[Any] = answer["orders"] if isinstance(answer, dict) else answer
    return rows


def test_the_history_says_types_in_words_and_prices_exactly(rich: Family) -> None:
    rich.order(symbol=FLAT, quantity=1.5)
    rich.partner.wait(2)

    path = f"/accounts/{rich.account_id}/reports/order-history?from=2026-06-01&to=2026-07-01"
    answer = rich.partner.get(path)

    assert (answer["accountNo"], answer["tradingType"]) == (rich.account_no, "CASH")
    row = answer["orders"][-1]
    assert row["orderType"] == "MARKET"
    assert row["averagePriceRaw"] == row["executedPrice"]
