"""What becomes of orders: plain fills, the vendor's magic quantities, rejections, cancels."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.sandbox.partner import Family, Partner


@pytest.fixture
def rich(partner: Partner) -> Family:
    return partner.funded_family("50000.00")


@pytest.mark.parametrize(
    ("quantity", "status", "filled"),
    [
        (10, "FILLED", 10),
        (1019, "FILLED", 1019),
        (176, "CANCELED", 88),
        (177, "FILLED", 177),
        (178, "FILLED", 178),
        (179, "FILLED", 179),
        (1039, "FILLED", 1039),
        (1049, "FILLED", 1049),
        (1059, "REJECTED", 0),
        (1069, "CANCELED", 534),
        (1079, "CANCELED", 0),
        (1089, "NEW", 0),
        (5089, "NEW", 0),
    ],
)
def test_hl_quantities_are_instructions(
    rich: Family, quantity: int, status: str, filled: int
) -> None:
    order_id = rich.order(symbol="HL", quantity=quantity)
    rich.partner.wait(30)

    order = rich.see_order(order_id)

    assert (order["status"], order["cumulativeQuantity"]) == (status, filled)
    assert rich.cash() == Decimal("50000.00") - order["totalOrderAmount"]
    assert sum(row["openQty"] for row in rich.positions()) == filled
    assert sum(row["costBasis"] for row in rich.positions()) == order["totalOrderAmount"]
    assert ("statusMessage" in order) == (status in ("REJECTED", "CANCELED"))


def test_two_prices_average_and_each_fill_is_a_transaction(rich: Family) -> None:
    order_id = rich.order(symbol="HL", quantity=177)
    rich.partner.wait(5)

    order = rich.see_order(order_id)
    updates = rich.partner.events("orders.updated")

    # 88 shares at 6.00 and 89 at 6.01.
    assert order["totalOrderAmount"] == Decimal("1062.89")
    assert [event["payload"]["status"] for event in updates] == ["PARTIAL_FILL"]
    assert len(rich.partner.events("transactions.created")) == 3


def test_an_order_left_open_is_cancelled_on_request(rich: Family) -> None:
    order_id = rich.order(symbol="HL", quantity=1089)
    rich.partner.wait(2)
    assert rich.money()["cashAvailableForTrade"] == Decimal("50000.00") - 6 * 1089

    rich.partner.ok("PATCH", f"/orders/{order_id}", {"method": "CANCEL"})
    assert rich.see_order(order_id)["status"] == "PENDING_CANCEL"
    rich.partner.wait(2)

    assert rich.see_order(order_id)["status"] == "CANCELED"
    assert rich.money()["cashAvailableForTrade"] == Decimal("50000.00")
    again = rich.partner.call("PATCH", f"/orders/{order_id}", {"method": "CANCEL"})
    assert again.json()["errorCode"] == "O099"
    wrong = rich.partner.call("PATCH", f"/orders/{order_id}", {"method": "REPLACE"})
    assert wrong.json()["errorCode"] == "O016"


def test_a_cancel_after_a_partial_fill_keeps_what_filled(rich: Family) -> None:
    order_id = rich.order(symbol="HL", quantity=179)
    rich.partner.wait(4)
    rich.partner.ok("PATCH", f"/orders/{order_id}", {"method": "CANCEL"})
    rich.partner.wait(60)

    order = rich.see_order(order_id)

    assert order["status"] == "CANCELED"
    assert 0 < order["cumulativeQuantity"] < 179
    assert rich.cash() == Decimal("50000.00") - order["totalOrderAmount"]


@pytest.mark.parametrize("amount", ["1.00", "5.01", "19.99", "33.33", "100.00", "777.77"])
@pytest.mark.parametrize("symbol", ["DIS", "F", "NFLX", "MAT"])
def test_an_amount_is_spent_to_the_cent(rich: Family, symbol: str, amount: str) -> None:
    order_id = rich.order(symbol=symbol, amountCash=float(amount))
    rich.partner.wait(2)

    order = rich.see_order(order_id)
    quantity, price = order["cumulativeQuantity"], order["averagePriceRaw"]

    assert order["status"] == "FILLED"
    assert order["totalOrderAmount"] == Decimal(amount)
    assert quantity == quantity.quantize(Decimal("0.00000001"))
    assert Decimal(amount) - Decimal("0.0001") < quantity * price <= Decimal(amount)
    assert rich.cash() + rich.positions()[0]["costBasis"] == Decimal("50000.00")


def test_an_order_over_the_buying_power_is_accepted_then_rejected(partner: Partner) -> None:
    family = partner.funded_family("30.00")

    first, second = family.order(amountCash=20), family.order(amountCash=20)
    partner.wait(2)

    rejected = family.see_order(second)
    assert family.see_order(first)["status"] == "FILLED"
    assert rejected["status"] == "REJECTED"
    assert rejected["statusMessage"]["message"] == "Insufficient buying power."
    assert family.cash() == Decimal("10.00")
    completed = [event["payload"]["status"] for event in partner.events("orders.completed")]
    assert completed == ["FILLED", "REJECTED"]


def test_queued_orders_share_the_buying_power_in_order_of_arrival(partner: Partner) -> None:
    family = partner.funded_family("30.00")
    partner.control("/clock", {"set": "2026-06-13T12:00:00-04:00"})
    partner.log_in()
    order_ids = [family.order(amountCash=amount) for amount in (20, 20, 10)]
    partner.go_to("next-market-open")
    partner.log_in()

    statuses = [family.see_order(order_id)["status"] for order_id in order_ids]

    assert statuses == ["FILLED", "REJECTED", "FILLED"]
    assert family.cash() == 0


def test_an_order_in_several_fills_is_rounded_once(rich: Family) -> None:
    symbols = [
        "AAPL",
        "AMZN",
        "COST",
        "DIS",
        "HSY",
        "KO",
        "MAT",
        "MCD",
        "MSFT",
        "NKE",
        "PEP",
        "TGT",
    ]
    order_ids = [rich.order(symbol=symbol, quantity=3.37) for symbol in symbols]
    rich.partner.wait(2)

    orders = [rich.see_order(order_id) for order_id in order_ids]

    for order in orders:
        gross = order["cumulativeQuantity"] * order["averagePriceRaw"]
        assert order["totalOrderAmount"] == gross.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert rich.cash() == Decimal("50000.00") - sum(row["totalOrderAmount"] for row in orders)


def test_more_shares_than_held_cannot_be_sold(rich: Family) -> None:
    bought = rich.order(symbol="TESTFLAT", quantity=2.5)
    rich.partner.wait(2)
    sells = [rich.order(symbol="TESTFLAT", side="SELL", quantity=1.5) for _ in range(2)]
    rich.partner.wait(2)

    assert rich.see_order(bought)["totalOrderAmount"] == Decimal("80.00")
    statuses = sorted(rich.see_order(order_id)["status"] for order_id in sells)
    assert statuses == ["FILLED", "REJECTED"]
    [position] = rich.positions()
    assert (position["openQty"], position["costBasis"]) == (1, Decimal("32.00"))
    assert rich.cash() == Decimal("49968.00")


def test_two_sales_by_amount_cannot_sell_the_same_shares(rich: Family) -> None:
    rich.order(symbol="TESTFLAT", quantity=1.5)
    rich.partner.wait(2)
    order_ids = [rich.order(symbol="TESTFLAT", side="SELL", amountCash=40) for _ in range(2)]
    rich.partner.wait(2)

    assert sorted(rich.see_order(key)["status"] for key in order_ids) == ["FILLED", "REJECTED"]
    assert rich.positions()[0]["openQty"] == Decimal("0.25")


def test_an_order_is_read_by_id_and_number_and_listed_in_other_words(rich: Family) -> None:
    body = rich.order_body(
        symbol="KO",
        quantity=2,
        orderType="LIMIT",
        price=10.5,
        clientOrderID="gift-7",
        metadata={"gift": "7"},
    )
    created = rich.partner.ok("POST", "/orders", body)
    rich.partner.wait(5)

    order = rich.partner.get(f"/orders/byOrderNo/{created['orderNo']}")
    path = f"/accounts/{rich.account_id}/summary/orders"
    [row] = rich.partner.get(path)["orders"]

    assert (order["id"], order["status"]) == (created["orderId"], "NEW")
    assert (order["clientOrderID"], order["metadata"]) == ("gift-7", {"gift": "7"})
    assert (row["orderID"], row["orderStatus"], row["side"]) == (created["orderId"], 0, "B")
    assert (row["orderQty"], row["limitPrice"]) == (2, Decimal("10.5"))


def test_a_day_order_that_rests_ends_with_the_session(rich: Family) -> None:
    order_id = rich.order(symbol="KO", quantity=2, orderType="LIMIT", price=10.5)
    rich.partner.wait(2)

    rich.partner.go_to("next-market-close")
    rich.partner.log_in()

    order = rich.see_order(order_id)
    assert order["status"] == "CANCELED"
    assert order["statusMessage"]["errorCode"] == "O123"
    assert rich.money()["cashAvailableForTrade"] == Decimal("50000.00")
