"""Orders: accepting, showing and cancelling them. What becomes of them is in ``matching``."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

from sandbox.calendars import NEW_YORK, session_for
from sandbox.drivewealth import fields
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.catalogue import BY_ID, Instrument
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.instruments import find_instrument
from sandbox.drivewealth.prices import raw_price
from sandbox.drivewealth.records import ZERO, Account, Order
from sandbox.wire import iso

TYPES = {"MARKET": "1", "LIMIT": "2", "STOP": "3", "MARKET_IF_TOUCHED": "6"}
PRICE_MISSING = {"LIMIT": "O011", "STOP": "O010", "MARKET_IF_TOUCHED": "O017"}
TIMES_IN_FORCE = ("DAY", "GTC", "GTX", "FILL_OR_KILL")
RESTS_FOR = timedelta(days=90)
SHARE_STEP = Decimal("0.00000001")
LARGEST_ORDER = Decimal("10000000")
CENT = Decimal("0.01")
STATUS_NUMBERS = {
    "NEW": 0,
    "PARTIAL_FILL": 1,
    "FILLED": 2,
    "CANCELED": 4,
    "PENDING_CANCEL": 6,
    "REJECTED": 8,
}


def create_order(broker: Broker, call: Call) -> dict[str, str]:
    """Accept an order. The answer holds no status: it is looked at a moment later."""
    body = call.body
    account = broker.account_numbered(fields.text(body, "accountNo"))
    type_ = fields.choice(body, "orderType", TYPES, "O005")
    side = fields.choice(body, "side", ("BUY", "SELL"), "O006")
    instrument = _instrument(call)
    quantity, amount_cash = _size(call)
    price = _price(call, type_)
    _check_account(account)
    _check_instrument(instrument, side)
    order = _new_order(broker, call, account, instrument, quantity, amount_cash, price)
    broker.orders.add(order.id, order)
    broker.publish("orders.created", order_json(broker, order))
    broker.agenda.after(broker.config.fill_delay, "drivewealth.order-works", order_id=order.id)
    return {"orderId": order.id, "orderNo": order.number}


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
        "fees": ZERO,
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
        "extendedHours": False,
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
        "commission": ZERO,
    }


def average_price(order: Order) -> Decimal:
    return (order.gross / order.filled).quantize(SHARE_STEP) if order.filled else ZERO


def _instrument(call: Call) -> Instrument:
    for name in ("symbol", "instrumentID"):
        if name in call.body:
            return find_instrument(fields.text(call.body, name))
    raise Refusal("E032").naming("symbol", detail="symbol or instrumentID is required")


def _size(call: Call) -> tuple[Decimal | None, Decimal | None]:
    """Return quantity and amountCash, exactly one of which is set."""
    quantity = fields.optional_number(call.body, "quantity")
    amount_cash = fields.optional_number(call.body, "amountCash")
    given = [number for number in (quantity, amount_cash) if number is not None]
    if len(given) != 1 or given[0] <= 0:
        raise Refusal("O015").naming("quantity/amountCash", "DECIMAL")
    if amount_cash is not None:
        return None, fields.money(call.body, "amountCash")
    if given[0] > LARGEST_ORDER or given[0] != given[0].quantize(SHARE_STEP):
        raise Refusal("E033").naming("quantity", "DECIMAL", f"steps of {SHARE_STEP:f}")
    return given[0], None


def _price(call: Call, type_: str) -> Decimal | None:
    if type_ == "MARKET":
        return None
    price = fields.optional_number(call.body, "price")
    if price is None or price <= 0:
        raise Refusal(PRICE_MISSING[type_]).naming("price", "DECIMAL")
    if fields.optional_number(call.body, "quantity") is None:
        raise Refusal("O015", "An order with a price needs a quantity.").naming("quantity")
    return price


def _check_account(account: Account) -> None:
    if account.restricted:
        raise Refusal("A051")
    if account.status != "OPEN":
        raise Refusal("O098")


def _check_instrument(instrument: Instrument, side: str) -> None:
    refused = {"HALTED": ("BUY", "SELL"), "INACTIVE": ("BUY", "SELL"), "CLOSE_ONLY": ("BUY",)}
    if side in refused.get(instrument.status, ()):
        raise Refusal("O099", f"{instrument.symbol} is {instrument.status}.").naming("symbol")


def _new_order(
    broker: Broker,
    call: Call,
    account: Account,
    instrument: Instrument,
    quantity: Decimal | None,
    amount_cash: Decimal | None,
    price: Decimal | None,
) -> Order:
    body, now = call.body, broker.now()
    type_, side = str(body["orderType"]), str(body["side"])
    default = "DAY" if type_ in ("MARKET", "LIMIT") else "GTC"
    given = "timeInForce" in body
    time_in_force = fields.choice(body, "timeInForce", TIMES_IN_FORCE, "O018") if given else default
    reserved = ZERO
    if side == "BUY":
        estimate = (quantity or ZERO) * (price or raw_price(instrument, now))
        reserved = amount_cash or estimate.quantize(CENT, ROUND_UP)
    letters = "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(2))
    return Order(
        id=f"{letters}.{uuid.uuid4()}",
        number=f"{letters}SB{broker.next_number('order') % 1_000_000:06d}",
        account_id=account.id,
        user_id=account.user_id,
        instrument_id=instrument.id,
        type=type_,
        side=side,
        quantity=quantity,
        amount_cash=amount_cash,
        price=price,
        time_in_force=time_in_force,
        prevent_queuing=fields.flag(body, "preventQueuing"),
        client_order_id=fields.optional_text(body, "clientOrderID"),
        client_notes=fields.optional_text(body, "clientNotes"),
        metadata=fields.metadata(body),
        created=now,
        expires=_expiry(call, now, time_in_force),
        reserved=reserved,
    )


def _expiry(call: Call, now: datetime, time_in_force: str) -> datetime:
    if time_in_force != "GTC":
        return session_for(now).closes
    text = fields.optional_text(call.body, "expiration")
    if not text:
        return now + RESTS_FOR
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(hour=16, tzinfo=NEW_YORK)
    except ValueError:
        raise Refusal("O019").naming("expiration", "DATE") from None
    if not now < day <= now + RESTS_FOR:
        raise Refusal("O019").naming("expiration", "DATE", "within 90 days")
    return day
