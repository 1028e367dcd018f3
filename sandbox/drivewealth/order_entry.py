"""Taking orders: what is checked before one gets its number, and how long it may live."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from sandbox.calendars import NEW_YORK, session_for
from sandbox.drivewealth import fields, wishes
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.catalogue import SHARE_STEP, Instrument
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.instruments import find_instrument
from sandbox.drivewealth.orders import TYPES, order_json
from sandbox.drivewealth.prices import CENT, RAW
from sandbox.drivewealth.records import ZERO, Account, Order

PRICE_MISSING = {"LIMIT": "O011", "STOP": "O010", "MARKET_IF_TOUCHED": "O017"}
TIMES_IN_FORCE = ("DAY", "GTC", "GTX", "FILL_OR_KILL")
RESTS_FOR = timedelta(days=90)


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
    _check_size(instrument, type_, quantity)
    order = _new_order(broker, call, account, instrument, quantity, amount_cash, price)
    order.wish = wishes.take(broker, instrument.symbol, account.number)
    broker.orders.add(order.id, order)
    broker.publish("orders.created", order_json(broker, order))
    broker.agenda.after(broker.config.fill_delay, "drivewealth.order-works", order_id=order.id)
    return {"orderId": order.id, "orderNo": order.number}


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
    if given[0] != given[0].quantize(SHARE_STEP):
        raise Refusal("E033").naming("quantity", "DECIMAL", f"steps of {SHARE_STEP:f}")
    return given[0], None


def _price(call: Call, type_: str) -> Decimal | None:
    if type_ == "MARKET":
        return None
    price = fields.optional_number(call.body, "price")
    if price is None or price <= 0 or price != price.quantize(RAW):
        raise Refusal(PRICE_MISSING[type_]).naming("price", "DECIMAL", "steps of 0.0001")
    if fields.optional_number(call.body, "quantity") is None:
        raise Refusal("O015", "An order with a price needs a quantity.").naming("quantity")
    return price


def _check_account(account: Account) -> None:
    if account.restricted:
        raise Refusal("A051")
    if account.status != "OPEN":
        raise Refusal("O098")


def _check_size(instrument: Instrument, type_: str, quantity: Decimal | None) -> None:
    if quantity is None:
        return
    if not instrument.order_min <= quantity <= instrument.order_max:
        sizes = f"{instrument.order_min:f} to {instrument.order_max:f} shares"
        raise Refusal("E033").naming("quantity", "DECIMAL", f"{instrument.symbol}: {sizes}")
    if type_ != "MARKET" and quantity != quantity.to_integral_value():
        raise Refusal("E033").naming("quantity", "DECIMAL", f"whole shares for a {type_} order")


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
    time_in_force = _time_in_force(call, type_)
    reserved = ZERO
    if side == "BUY":
        estimate = (quantity or ZERO) * (price or broker.prices.raw(instrument, now))
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
        extended_hours=fields.flag(body, "extendedHours"),
    )


def _time_in_force(call: Call, type_: str) -> str:
    if "timeInForce" not in call.body:
        return "DAY" if type_ in ("MARKET", "LIMIT") else "GTC"
    chosen = fields.choice(call.body, "timeInForce", TIMES_IN_FORCE, "O018")
    if chosen == "GTX" and not fields.flag(call.body, "extendedHours"):
        raise Refusal("O018").naming("timeInForce", "ENUM", "GTX needs extendedHours")
    return chosen


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
