"""Orders on DriveWealth's wire: what is sent, and the two languages they are told in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import responses

from brokerage.drivewealth.client import DriveWealth
from brokerage.gateway import (
    OrderRequest,
    Unavailable,
)
from tests.brokerage.conftest import API, sent

KEY = uuid4()
DAY = date(2026, 11, 16)
AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ({"amount": Decimal("50.10")},
         {"orderType": "MARKET", "side": "BUY", "amountCash": 50.1}),
        ({"side": "SELL", "quantity": Decimal("1.5")},
         {"orderType": "MARKET", "side": "SELL", "quantity": 1.5}),
        ({"kind": "LIMIT", "quantity": Decimal(3), "price": Decimal("9.99"),
          "time_in_force": "GTC", "expires_on": DAY},
         {"orderType": "LIMIT", "side": "BUY", "quantity": 3, "price": 9.99,
          "timeInForce": "GTC", "expiration": "2026-11-16"}),
        ({"kind": "STOP", "side": "SELL", "quantity": Decimal(3), "price": Decimal(9)},
         {"orderType": "STOP", "side": "SELL", "quantity": 3, "price": 9}),
        ({"kind": "MARKET_IF_TOUCHED", "quantity": Decimal(3), "price": Decimal(9)},
         {"orderType": "MARKET_IF_TOUCHED", "side": "BUY", "quantity": 3, "price": 9}),
    ],
    ids=["amount", "sell", "limit", "stop", "touched"],
)  # fmt: skip
def test_every_order_is_sent_as_documented(
    wire: responses.RequestsMock, client: DriveWealth, request_: Any, body: Any
) -> None:
    wire.post(f"{API}/orders", json={"orderId": "o-1", "orderNo": "N1"})

    client.create_order(OrderRequest("DWBG1", "DIS", **request_), key=KEY)

    assert sent(wire) == body | {"accountNo": "DWBG1", "symbol": "DIS", "clientOrderID": str(KEY)}


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"amount": Decimal(5), "quantity": Decimal(5)},
        {"amount": Decimal(0)},
        {"quantity": Decimal(-1)},
        {"amount": Decimal(5), "price": Decimal(5)},
        {"kind": "LIMIT", "quantity": Decimal(5)},
        {"kind": "LIMIT", "amount": Decimal(5), "price": Decimal(5)},
        {"kind": "STOP", "quantity": Decimal("1.5"), "price": Decimal(5)},
    ],
    ids=str,
)
def test_a_request_no_broker_could_take_can_not_be_made(request_: Any) -> None:
    with pytest.raises(ValueError, match="order"):
        OrderRequest("DWBG1", "DIS", **request_)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [(0, "PARTIAL_FILL"), (1, "PARTIAL_FILL"), (2, "FILLED"), (4, "CANCELED"),
     (6, "PARTIAL_FILL"), (8, "REJECTED"), (9, "PARTIAL_FILL"), ("A", "PARTIAL_FILL"),
     ("C", "CANCELED"), ("4", "CANCELED"), ("CANCELLED", "CANCELED"), ("FILL", "FILLED")],
)  # fmt: skip
def test_the_numbers_of_a_list_mean_what_the_words_of_an_order_mean(
    wire: responses.RequestsMock, client: DriveWealth, theirs: Any, ours: str
) -> None:
    row = {"orderID": "o-1", "orderNo": "N1", "orderStatus": theirs, "side": "S", "cumQty": 3,
           "executedPrice": 10.005, "orderType": 2, "createdWhen": "not a moment"}  # fmt: skip
    wire.get(f"{API}/accounts/a-1/summary/orders", json={"orders": [row]})

    (order,) = client.list_resting_orders("a-1")

    assert (order.status, order.side, order.kind) == (ours, "SELL", "LIMIT")
    assert (order.cost, order.created_at) == (Decimal("30.02"), None)


@pytest.mark.parametrize("status", [3, 7, "B", "D", 99, "", None])
def test_a_row_with_a_status_nobody_told_us_of_is_kept_apart(
    wire: responses.RequestsMock, client: DriveWealth, status: Any
) -> None:
    row = {"orderID": "o-1", "orderStatus": status, "cumQty": 1}
    rows = [row, row | {"orderID": "o-2", "orderStatus": 0, "cumQty": 0}]
    wire.get(f"{API}/accounts/a-1/summary/orders", json={"orders": rows})

    orders = client.list_resting_orders("a-1")

    assert [(order.id, order.status) for order in orders] == [("o-2", "NEW")]
    assert [odd.id for odd in orders.odd] == ["o-1"]
    assert orders.may_hide(vendor_id="o-1")
    assert not orders.may_hide(vendor_id="o-3")


def test_an_order_is_not_called_missing_while_a_row_can_not_be_read(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    wire.get(f"{API}/accounts/a-1/summary/orders", json={"orders": [{"orderStatus": 0}]})
    wire.get(f"{API}/accounts/a-1/reports/order-history", json=[])

    with pytest.raises(Unavailable, match="told apart"):
        client.trace_order("a-1", key=KEY, symbol="DIS", since=AT, until=AT)


def test_canceling_asks_by_the_documented_method(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    wire.patch(f"{API}/orders/o-1", json={"orderId": "o-1", "orderNo": "N1"})

    client.cancel_order("o-1")

    assert sent(wire) == {"method": "CANCEL"}


@pytest.mark.parametrize("code", ["E101", "IK075"])
def test_a_key_the_broker_is_tired_of_does_not_mean_that_nothing_was_done(
    wire: responses.RequestsMock, client: DriveWealth, code: str
) -> None:
    wire.post(f"{API}/orders", status=400, json={"errorCode": code})

    with pytest.raises(Unavailable, match=code):
        client.create_order(OrderRequest("DWBG1", "DIS", amount=Decimal(5)), key=KEY)
