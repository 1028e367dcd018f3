"""Orders: showing and cancelling them. ``order_entry`` takes them, ``matching`` works them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.drivewealth import fields
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.catalogue import BY_ID, SHARE_STEP
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import ZERO, Order
from sandbox.wire import iso

TYPES = {"MARKET": "1", "LIMIT": "2", "STOP": "3", "MARKET_IF_TOUCHED": "6"}
CENT = Decimal("0.01")
STATUS_NUMBERS = {
    "NEW": 0,
    "PARTIAL_FILL": 1,
    "FILLED": 2,
    "CANCELED": 4,
    "PENDING_CANCEL": 6,
    "REJECTED": 8,
}


def get_order(broker: Broker, call: Call) -> dict[str, Any]:
    return order_json(broker, broker.order(call.path["order_id"]))


def get_order_numbered(broker: Broker, call: Call) -> dict[str, Any]:
    found = broker.orders.where("number", call.path["order_number"])
    if not found:
        raise Refusal("O050")
    return order_json(broker, found[0])


def update_order(broker: Broker, call: Call) -> dict[str, str]:
    """Ask for a cancel, the only change there is; it takes effect a moment later."""
    order = broker.order(call.path["order_id"])
    fields.choice(call.body, "method", ("CANCEL",), "O016")
    if order.status not in ("NEW", "PARTIAL_FILL"):
        raise Refusal("O099", f"An order that is {order.status} cannot be cancelled.")
    order.status, order.updated = "PENDING_CANCEL", broker.now()
    broker.publish("orders.updated", order_json(broker, order))
    broker.agenda.after(broker.config.fill_delay, "drivewealth.order-cancels", order_id=order.id)
    return {"orderId": order.id, "orderNo": order.number}


def order_json(broker: Broker, order: Order) -> dict[str, Any]:
    """Return an order as single reads and events show it."""
    instrument, account = BY_ID[order.instrument_id], broker.account(order.account_id)
    average = average_price(order)
    wanted = order.quantity if order.quantity is not None else order.filled
    answer = {
        "id": order.id,
        "orderNo": order.number,
        "type": order.type,
        "side": order.side,
        "status": order.status,
        "symbol": instrument.symbol,
        "instrumentID": instrument.id,
        "instrumentType": "EQUITY",
        "ISIN": None,
        "CUSIP": None,
        "currency": "USD",
        "averagePrice": average.quantize(CENT),
        "averagePriceRaw": average,
        "totalOrderAmount": order.total,
        "cumulativeQuantity": order.filled,
        "quantity": wanted,
        "openQuantity": max(wanted - order.filled, ZERO) if order.is_open else ZERO,
        "amountCash": order.amount_cash,
        "price": order.price,
        "timeInForce": order.time_in_force,
        "fees": order.fees,
        "ptpWithholdingFee": ZERO,
        "createdBy": order.user_id,
        "userID": order.user_id,
        "accountID": order.account_id,
        "accountNo": account.number,
        "created": iso(order.created),
        "lastExecuted": iso(order.last_executed) if order.last_executed else None,
        "lastPrice": order.last_price,
        "lastShares": order.last_quantity,
        "orderExpires": iso(order.expires),
        "extendedHours": order.extended_hours,
        "preventQueuing": order.prevent_queuing,
        "clientOrderID": order.client_order_id or None,
        "clientNotes": order.client_notes or None,
        "metadata": order.metadata,
    }
    return answer | ({"statusMessage": dict(order.message)} if order.message else {})


def order_row(broker: Broker, order: Order) -> dict[str, Any]:
    """Return an order as lists show it: other names, numbers for words."""
    instrument = BY_ID[order.instrument_id]
    limit = order.price if order.type == "LIMIT" else None
    return {
        "orderID": order.id,
        "orderNo": order.number,
        "createdWhen": iso(order.created),
        "symbol": instrument.symbol,
        "instrumentID": instrument.id,
        "cumQty": order.filled,
        "orderStatus": STATUS_NUMBERS[order.status],
        "orderType": TYPES[order.type],
        "orderQty": order.quantity or ZERO,
        "orderCashAmt": order.amount_cash or ZERO,
        "limitPrice": limit or ZERO,
        "stopPrice": (order.price or ZERO) if limit is None else ZERO,
        "executedPrice": average_price(order),
        "side": order.side[0],
        "isoTimeRestingOrderExpires": iso(order.expires),
        "executedWhen": iso(order.last_executed) if order.last_executed else None,
        "updatedWhen": iso(order.updated) if order.updated else None,
        "commission": order.fees,
    }


def closed_row(broker: Broker, order: Order) -> dict[str, Any]:
    """Return an order as the history shows it: the type is a word, the price paid is exact."""
    average = average_price(order)
    touch = order.price if order.type == "MARKET_IF_TOUCHED" else None
    return order_row(broker, order) | {
        "orderType": order.type,
        "averagePriceRaw": average,
        "mitTriggerPrice": touch or ZERO,
        "triggered": touch is not None and order.filled > 0,
    }


def average_price(order: Order) -> Decimal:
    return (order.gross / order.filled).quantize(SHARE_STEP) if order.filled else ZERO
