"""What the operator decides about the next order: partly filled, rejected, left resting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.partner import Family, Partner


@pytest.fixture
def rich(partner: Partner) -> Family:
    return partner.funded_family("1000.00")


def books_add_up(family: Family, order: Any) -> bool:
    cost = sum(row["costBasis"] for row in family.positions())
    shares = sum(row["openQty"] for row in family.positions())
    balanced = family.cash() == Decimal("1000.00") - order["totalOrderAmount"]
    return bool(
        balanced and cost == order["totalOrderAmount"] and shares == order["cumulativeQuantity"]
    )


def test_an_amount_partly_filled_then_cancelled_gives_the_rest_back(rich: Family) -> None:
    rich.partner.control(
        "/next-order",
        {"symbol": "DIS", "outcome": "partial-then-cancel", "fraction": "0.4", "reason": "Thin."},
    )
    order_id = rich.order(symbol="DIS", amountCash=100)
    rich.partner.wait(2)

    order = rich.see_order(order_id)
    statuses = [row["payload"]["status"] for row in rich.partner.events("orders.updated")]

    assert (order["status"], order["statusMessage"]["message"]) == ("CANCELED", "Thin.")
    assert Decimal("39.99") <= order["totalOrderAmount"] <= Decimal("40.00")
    assert statuses == ["PARTIAL_FILL"]
    assert rich.money()["cashAvailableForTrade"] == rich.cash()
    assert books_add_up(rich, order)


def test_an_amount_filled_in_two_parts_is_spent_to_the_cent(rich: Family) -> None:
    rich.partner.control(
        "/next-order", {"outcome": "partial-then-fill", "fraction": "0.3", "seconds": 60}
    )
    order_id = rich.order(amountCash=77.77)
    rich.partner.wait(2)

    partial = rich.see_order(order_id)
    assert partial["status"] == "PARTIAL_FILL"
    assert Decimal("23.33") <= partial["totalOrderAmount"] <= Decimal("23.34")
    assert rich.money()["cashAvailableForTrade"] == Decimal("922.23")
    rich.partner.wait(60)

    order = rich.see_order(order_id)
    assert (order["status"], order["totalOrderAmount"]) == ("FILLED", Decimal("77.77"))
    assert books_add_up(rich, order)


def test_the_rest_of_a_partial_fill_can_be_cancelled(rich: Family) -> None:
    rich.partner.control("/next-order", {"outcome": "rest", "fraction": "0.5"})
    order_id = rich.order(amountCash=50)
    rich.partner.wait(600)
    assert rich.see_order(order_id)["status"] == "PARTIAL_FILL"

    rich.partner.ok("PATCH", f"/orders/{order_id}", {"method": "CANCEL"})
    rich.partner.wait(2)

    order = rich.see_order(order_id)
    assert order["status"] == "CANCELED"
    assert 0 < order["totalOrderAmount"] < 50
    assert rich.money()["cashAvailableForTrade"] == rich.cash()
    assert books_add_up(rich, order)


def test_a_resting_market_order_ends_with_its_session(rich: Family) -> None:
    rich.partner.control("/next-order", {"outcome": "rest"})
    order_id = rich.order(amountCash=50)
    rich.partner.wait(2)
    assert rich.see_order(order_id)["status"] == "NEW"
    assert rich.money()["cashAvailableForTrade"] == Decimal("950.00")

    rich.partner.go_to("next-market-close")
    rich.partner.log_in()

    order = rich.see_order(order_id)
    assert (order["status"], order["statusMessage"]["errorCode"]) == ("CANCELED", "O123")
    assert rich.cash() == rich.money()["cashAvailableForTrade"] == Decimal("1000.00")


def test_a_reject_on_order_moves_nothing(rich: Family) -> None:
    rich.partner.control("/next-order", {"outcome": "reject", "reason": "Halted for news."})
    order_id = rich.order(amountCash=50)
    rich.partner.wait(2)

    order = rich.see_order(order_id)

    assert (order["status"], order["statusMessage"]["message"]) == ("REJECTED", "Halted for news.")
    assert rich.cash() == rich.money()["cashAvailableForTrade"] == Decimal("1000.00")
    assert rich.positions() == []


def test_a_wish_waits_for_the_order_it_is_meant_for_and_is_used_once(rich: Family) -> None:
    rich.partner.control("/next-order", {"symbol": "KO", "outcome": "reject"})
    orders = [rich.order(symbol=symbol, amountCash=5) for symbol in ("DIS", "KO", "KO")]
    rich.partner.wait(2)

    assert [rich.see_order(key)["status"] for key in orders] == ["FILLED", "REJECTED", "FILLED"]
    assert rich.partner.state()["nextOrders"] == []


def test_wishes_can_be_forgotten(rich: Family) -> None:
    rich.partner.control("/next-order", {"outcome": "reject", "accountNo": rich.account_no})
    assert rich.partner.state()["nextOrders"][0]["accountNo"] == rich.account_no

    rich.partner.control("/next-order/clear")
    order_id = rich.order(amountCash=5)
    rich.partner.wait(2)

    assert rich.see_order(order_id)["status"] == "FILLED"


def test_a_sale_can_be_partly_filled_too(rich: Family) -> None:
    rich.order(symbol="TESTFLAT", quantity=4)
    rich.partner.wait(2)
    rich.partner.control("/next-order", {"outcome": "rest", "fraction": "0.25"})
    rich.order(symbol="TESTFLAT", side="SELL", amountCash=64)
    rich.partner.wait(2)

    [position] = rich.positions()

    assert (position["openQty"], position["availableForTradingQty"]) == (
        Decimal("3.5"),
        Decimal("2"),
    )
    assert rich.cash() == Decimal("888.00")


@pytest.mark.parametrize(
    "wish",
    [
        {"outcome": "explode"},
        {"outcome": "rest", "fraction": 1},
        {"outcome": "rest", "fraction": "some"},
        {"outcome": "reject", "symbol": "NOSUCH"},
        {"outcome": "reject", "accountNo": "NOSUCH"},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(partner: Partner, wish: dict[str, Any]) -> None:
    answer = requests.post(f"{partner.box.url}/_sandbox/next-order", json=wish, timeout=5)

    assert answer.status_code in (400, 404)
    assert answer.json()["error"]
    assert partner.state()["nextOrders"] == []
