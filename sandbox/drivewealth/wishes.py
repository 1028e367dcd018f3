"""What the operator wants to become of orders that are yet to come."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.instruments import find_instrument
from sandbox.drivewealth.records import ZERO, Wish

PARTIAL_THEN_CANCEL, PARTIAL_THEN_FILL = "partial-then-cancel", "partial-then-fill"
REJECT, REST = "reject", "rest"
OUTCOMES = (PARTIAL_THEN_CANCEL, PARTIAL_THEN_FILL, REJECT, REST)
HALF = Decimal("0.5")


def enter(
    broker: Broker,
    outcome: str,
    *,
    symbol: str = "",
    account_number: str = "",
    fraction: Decimal | None = None,
    seconds: Decimal = Decimal(1),
    reason: str = "",
) -> None:
    """Decide about the next order of a symbol, an account, or any; the first entered goes first.

    ``fraction`` is the part that fills before the rest is cancelled, is filled ``seconds`` later,
    or rests.
    """
    if outcome not in OUTCOMES:
        raise Refusal("E033", f"outcome is one of {', '.join(OUTCOMES)}.")
    if fraction is None:
        fraction = ZERO if outcome == REST else HALF
    if not 0 <= fraction < 1 or seconds < 0:
        raise Refusal("E033", "fraction is from 0 to below 1, seconds is not negative.")
    if account_number:
        broker.account_numbered(account_number)
    number = broker.next_number("wish")
    wish = Wish(
        number=number,
        symbol=find_instrument(symbol).symbol if symbol else "",
        account_number=account_number,
        outcome=outcome,
        fraction=fraction,
        seconds=seconds,
        reason=reason,
    )
    broker.wishes.add(str(number), wish)


def take(broker: Broker, symbol: str, account_number: str) -> dict[str, Any] | None:
    """Use up the first wish that fits this order."""
    for wish in broker.wishes:
        if wish.symbol in ("", symbol) and wish.account_number in ("", account_number):
            broker.wishes.remove(str(wish.number))
            return wish_json(wish)
    return None


def wish_json(wish: Wish) -> dict[str, Any]:
    return {
        "symbol": wish.symbol,
        "accountNo": wish.account_number,
        "outcome": wish.outcome,
        "fraction": wish.fraction,
        "seconds": wish.seconds,
        "reason": wish.reason,
    }
