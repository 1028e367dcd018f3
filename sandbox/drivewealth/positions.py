"""Shares held: how fills change them and how they are shown."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.drivewealth.broker import Broker, cents
from sandbox.drivewealth.catalogue import BY_ID
from sandbox.drivewealth.records import ZERO, Order, Position

PRICE_STEP = Decimal("0.0001")


def held(broker: Broker, account_id: str, instrument_id: str) -> Decimal:
    position = broker.positions.get(_key(account_id, instrument_id))
    return position.quantity if position else ZERO


def on_offer(broker: Broker, account_id: str, instrument_id: str, besides: str = "") -> Decimal:
    """Return the shares that open sell orders, other than ``besides``, have yet to sell."""
    return sum(
        (
            _yet_to_sell(order)
            for order in broker.open_orders(account_id)
            if order.side == "SELL" and order.instrument_id == instrument_id and order.id != besides
        ),
        ZERO,
    )


def _yet_to_sell(order: Order) -> Decimal:
    """An order by amount is a number of shares only from when it was planned."""
    shares = order.planned if order.quantity is None else order.quantity
    return ZERO if shares is None else shares - order.filled


def add_shares(broker: Broker, order: Order, quantity: Decimal, cost: Decimal) -> None:
    position = open_position(broker, order.account_id, order.instrument_id)
    position.quantity += quantity
    position.cost += cost


def open_position(broker: Broker, account_id: str, instrument_id: str) -> Position:
    """Return the position, a new and empty one where nothing is held."""
    key = _key(account_id, instrument_id)
    found = broker.positions.get(key)
    return found or broker.positions.add(key, Position(account_id, instrument_id, ZERO, ZERO))


def take_shares(broker: Broker, order: Order, quantity: Decimal) -> None:
    """Take sold shares out at average cost; a position sold out is gone."""
    key = _key(order.account_id, order.instrument_id)
    position = broker.positions.get(key)
    if position is None or position.quantity < quantity:
        raise AssertionError("more shares sold than held")
    if position.quantity == quantity:
        broker.positions.remove(key)
        return
    position.cost -= cents(position.cost * quantity / position.quantity)
    position.quantity -= quantity


def remove(broker: Broker, position: Position) -> None:
    broker.positions.remove(_key(position.account_id, position.instrument_id))


def average_price(position: Position) -> Decimal:
    """Return what a share cost on average, with four decimals."""
    if not position.quantity:
        return ZERO
    return (position.cost / position.quantity).quantize(PRICE_STEP, ROUND_HALF_UP)


def position_json(broker: Broker, position: Position) -> dict[str, Any]:
    instrument = BY_ID[position.instrument_id]
    price = broker.prices.quoted(instrument, broker.now())
    before = broker.prices.quoted(instrument, broker.now() - timedelta(days=1))
    value, day = cents(position.quantity * price), cents(position.quantity * (price - before))
    offered = on_offer(broker, position.account_id, position.instrument_id)
    return {
        "symbol": instrument.symbol,
        "instrumentID": instrument.id,
        "ISIN": None,
        "instrumentType": "EQUITY",
        "openQty": position.quantity,
        "availableForTradingQty": position.quantity - offered,
        "avgPrice": average_price(position),
        "costBasis": position.cost,
        "marketValue": value,
        "mktPrice": price,
        "priorClose": before,
        "side": "B",
        "unrealizedPL": value - position.cost,
        "unrealizedDayPL": day,
        "unrealizedDayPLPercent": cents((price - before) * 100 / before),
    }


def _key(account_id: str, instrument_id: str) -> str:
    return f"{account_id} {instrument_id}"
