"""How an order is executed: plainly, as the operator wishes, or as HL quantities instruct.

An execution is a list of steps (shares, price, seconds after the one before) and an ending. The
vendor documents the quantities; how many steps and how fast is the sandbox's reading of them.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from sandbox.drivewealth import wishes
from sandbox.drivewealth.catalogue import SHARE_STEP
from sandbox.drivewealth.records import Order

FILLED, CANCELED, REJECTED, RESTING = "FILLED", "CANCELED", "REJECTED", "RESTING"
# For its price, which is before any execution.
WAITING = "WAITING"
MAGIC_SYMBOL = "HL"
CENT = Decimal("0.01")
AT_ONCE = Decimal(0)

Step = dict[str, Decimal]
Execution = tuple[list[Step], str]


def plan(order: Order, symbol: str, price: Decimal) -> Execution:
    """Return the execution of an order at ``price``: the operator's, the vendor's, or plainly."""
    shares = shares_wanted(order, price)
    if order.wish is not None:
        return _wished(order.wish, shares, price)
    if symbol == MAGIC_SYMBOL and order.side == "BUY" and order.quantity is not None:
        special = _magic(shares, price)
        if special is not None:
            return special
    return _plain(shares, price)


def shares_wanted(order: Order, price: Decimal) -> Decimal:
    """Return the shares an order is for, at most as many as its cash buys."""
    if order.amount_cash is not None:
        return (order.amount_cash / price).quantize(SHARE_STEP, ROUND_DOWN)
    return order.quantity or Decimal(0)


def _wished(wish: dict[str, Any], shares: Decimal, price: Decimal) -> Execution:
    part = (shares * wish["fraction"]).quantize(SHARE_STEP, ROUND_DOWN)
    first = [_step(part, price)] if part else []
    match wish["outcome"]:
        case wishes.PARTIAL_THEN_FILL:
            return [*first, _step(shares - part, price, wish["seconds"])], FILLED
        case wishes.REST:
            return first, RESTING
        case _:
            return first, CANCELED


def _plain(shares: Decimal, price: Decimal) -> Execution:
    """Fill whole shares first, then the fraction; less than a share, or no fraction, at once."""
    whole = shares.to_integral_value(ROUND_DOWN)
    if whole in (0, shares):
        return [_step(shares, price)], FILLED
    return [_step(whole, price), _step(shares - whole, price)], FILLED


def _magic(shares: Decimal, price: Decimal) -> Execution | None:
    half = (shares / 2).to_integral_value(ROUND_DOWN)
    match shares:
        case 176 | 1069:
            return [_step(half, price)], CANCELED
        case 177:
            return [_step(half, price), _step(shares - half, price + CENT)], FILLED
        case 178:
            return _slices(shares, Decimal(10), price, AT_ONCE), FILLED
        case 179:
            return _slices(shares, Decimal(20), price, Decimal(1)), FILLED
        case 1039:
            return _slices(shares, Decimal(1), price, Decimal("0.01")), FILLED
        case 1049:
            return _slices(shares, Decimal(100), price, Decimal("0.1")), FILLED
        case 1059:
            return [], REJECTED
        case 1079:
            return [], CANCELED
        case 1089 | 5089:
            return [], RESTING
        case _:
            return None


def _slices(shares: Decimal, size: Decimal, price: Decimal, apart: Decimal) -> list[Step]:
    steps = []
    while shares > 0:
        steps.append(_step(min(size, shares), price, apart))
        shares -= size
    return steps


def _step(quantity: Decimal, price: Decimal, after: Decimal = AT_ONCE) -> Step:
    return {"quantity": quantity, "price": price, "after": after}
