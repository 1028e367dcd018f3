"""What an order costs beside its shares: commission, and on sales what regulators take.

One transaction of its own, COMM, names the order; the order's own total stays gross
(developer.drivewealth.com/apis/docs, "Fees, commissions, and markups").
"""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import Any

from sandbox.drivewealth.broker import Broker, cents
from sandbox.drivewealth.catalogue import BY_ID
from sandbox.drivewealth.ledger import move_cash
from sandbox.drivewealth.records import ZERO, Habits, Order

CENT = Decimal("0.01")
# Invented for the sandbox; the true rates change twice a year.
SEC_PER_DOLLAR = Decimal("0.0000278")
TAF_PER_SHARE = Decimal("0.000166")
MOST_TAF = Decimal("8.30")


def charge(broker: Broker, order: Order) -> None:
    """Take the fees of an order that has ended, if anything of it was filled."""
    if not order.filled or order.fees:
        return
    parts = _parts(broker.habits, order)
    total = sum(parts.values(), ZERO)
    if not total:
        return
    order.fees = total
    side = "Buy" if order.side == "BUY" else "Sell"
    told = f"base={parts['feeBase']} secFee={parts['feeSec']} tafFee={parts['feeTaf']}"
    details = {"order_id": order.id, "order_number": order.number, "fees": parts}
    move_cash(
        broker,
        broker.account(order.account_id),
        "COMM",
        -total,
        f"COMM {side} {BY_ID[order.instrument_id].symbol} {told}",
        instrument_id=order.instrument_id,
        details=details,
    )


def _parts(habits: Habits, order: Order) -> dict[str, Decimal]:
    sale = order.side == "SELL" and habits.regulatory
    return {
        "feeBase": habits.per_order + cents(habits.per_share * order.filled),
        "feeSec": _up(order.total * SEC_PER_DOLLAR) if sale else ZERO,
        "feeTaf": min(_up(order.filled * TAF_PER_SHARE), MOST_TAF) if sale else ZERO,
    }


def _up(dollars: Decimal) -> Decimal:
    return dollars.quantize(CENT, ROUND_UP)


def habits_json(habits: Habits) -> dict[str, Any]:
    return {
        "perOrder": habits.per_order,
        "perShare": habits.per_share,
        "regulatory": habits.regulatory,
        "returnsAs": habits.returns_as,
    }
