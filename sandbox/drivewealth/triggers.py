"""Orders with a price: what the market must do for each, and the watch kept over it.

The price path is known ahead, minute by minute, so a watch looks for the first minute that
reaches the order's price and comes back then, or at the next opening. When the operator moves a
price, every order waiting for that instrument is looked at anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.calendars import is_market_open, next_market_open, session_for
from sandbox.drivewealth import magic, matching
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.catalogue import BY_ID, Instrument
from sandbox.drivewealth.records import Account, Order

MINUTE = timedelta(minutes=1)
WATCH = timedelta(days=1)


def watch(broker: Broker, order_id: str, round_: str) -> None:
    """Execute a waiting order if its price is reached, else come back when it will be."""
    order = broker.orders.get(order_id)
    if order is None or not _waits(order) or str(order.watch_round) != round_:
        return
    account, now = broker.account(order.account_id), broker.now()
    if not _may_trade(account, now):
        _come_back(broker, order, next_market_open(now))
    elif reached(order, broker.prices.raw(BY_ID[order.instrument_id], now)):
        matching.execute(broker, order)
    elif order.time_in_force == "FILL_OR_KILL":
        matching.kill(broker, order)
    else:
        _come_back(broker, order, _next_moment(broker, account, order))


def price_moved(broker: Broker, instrument: Instrument) -> None:
    """Look anew at every order that waits for this instrument's price."""
    for order in list(broker.orders):
        if order.instrument_id == instrument.id and _waits(order):
            order.watch_round += 1
            _come_back(broker, order, broker.now())


def reached(order: Order, price: Decimal) -> bool:
    """Return whether ``price`` is what the order waits for.

    A limit and a touched price are reached from the side that is better for the customer, a stop
    from the side that is worse.
    """
    if order.price is None:
        return True
    falls_to = (order.side == "BUY") != (order.type == "STOP")
    return price <= order.price if falls_to else price >= order.price


def _waits(order: Order) -> bool:
    return order.has_price and order.status == "NEW" and order.ending == magic.WAITING


def _may_trade(account: Account, at: datetime) -> bool:
    return account.ignore_market_hours or is_market_open(at)


def _next_moment(broker: Broker, account: Account, order: Order) -> datetime:
    """Return the first minute of this session whose price is right, or the next opening."""
    instrument, now = BY_ID[order.instrument_id], broker.now()
    ends = now + WATCH if account.ignore_market_hours else session_for(now).closes
    minute = now.replace(second=0, microsecond=0) + MINUTE
    while minute < ends:
        if reached(order, broker.prices.raw(instrument, minute)):
            return minute
        minute += MINUTE
    return ends if account.ignore_market_hours else next_market_open(now)


def _come_back(broker: Broker, order: Order, at: datetime) -> None:
    if at < order.expires:
        broker.agenda.at(
            at, "drivewealth.order-watched", order_id=order.id, round_=str(order.watch_round)
        )
