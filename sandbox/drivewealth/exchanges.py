"""Companies that merge, change their symbol, part, go private or end: one event, several legs.

In the vendor's wire form (apis/reference, "Merger & Acquisitions Events", "Spinoff Events", "Going
Private Events"): shares that come and shares that go are transactions of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sandbox.drivewealth import corporate_actions, positions
from sandbox.drivewealth.broker import Broker, cents
from sandbox.drivewealth.catalogue import SHARE_STEP, Instrument
from sandbox.drivewealth.ledger import move_cash
from sandbox.drivewealth.records import ZERO, Account, Position

MERGER, SYMBOL_CHANGE, SPINOFF = "MERGER", "SYMBOL_CHANGE", "SPINOFF"
GOING_PRIVATE, DELISTING = "GOING_PRIVATE", "DELISTING"
KINDS = (MERGER, SYMBOL_CHANGE, SPINOFF, GOING_PRIVATE, DELISTING)
WORD = "MERGER_ACQUISITION"
REASON = "MERGER_AND_ACQUISITION"


@dataclass(frozen=True)
class Terms:
    """What holders get for a share: shares of ``into``, cash, or both.

    ``basis_part`` is the part of a position's cost that goes over at a spin-off. ``whole``: no
    parts of a share are given, their worth is paid in cash. ``tells``: the broker says what the
    new shares cost.
    """

    into: Instrument | None
    ratio: Decimal
    cash: Decimal
    basis_part: Decimal
    whole: bool = False
    tells: bool = True


def act(broker: Broker, kind: str, instrument: Instrument, terms: Terms) -> list[str]:
    """Do it to all who hold the shares; return the numbers of the accounts touched."""
    holders = [row for row in broker.positions if row.instrument_id == instrument.id]
    for position in holders:
        account = broker.account(position.account_id)
        if kind == SPINOFF:
            _spin_off(broker, account, position, instrument, terms)
        elif terms.into is not None:
            _exchange(broker, account, position, instrument, terms)
        else:
            _end(broker, account, position, instrument, terms.cash)
    return [broker.account(position.account_id).number for position in holders]


def _exchange(
    broker: Broker, account: Account, old: Position, instrument: Instrument, terms: Terms
) -> None:
    """Give shares of the acquirer, take those of the acquiree, and pay the cash with the latter."""
    into = terms.into
    if into is None:
        raise AssertionError("nothing to exchange into")
    shares, in_lieu = _whole(broker, into, old.quantity * terms.ratio, terms)
    cash = cents(old.quantity * terms.cash) + in_lieu
    told = {
        "acquirer": corporate_actions.named(into),
        "acquiree": corporate_actions.named(instrument),
    }
    part = f"(part of merger/acquisition of {instrument.symbol} by {into.symbol})"
    if shares:
        cost = max(old.cost - cash, ZERO) if terms.tells else ZERO
        _give(broker, account, into, shares, cost)
        comment = f"Added {shares.normalize():f} shares of {into.symbol} {part}"
        _leg(broker, account, into, ZERO, shares, comment, {"type": "ADD_SHARES"} | told)
    kind = "REMOVE_SHARES_ADD_CASH" if cash else "REMOVE_SHARES"
    comment = f"Removed {old.quantity.normalize():f} shares of {instrument.symbol} {part}"
    _leg(broker, account, instrument, cash, -old.quantity, comment, {"type": kind} | told)
    _remove(broker, account, old)


def _spin_off(
    broker: Broker, account: Account, old: Position, instrument: Instrument, terms: Terms
) -> None:
    into = terms.into
    if into is None:
        raise AssertionError("nothing is spun off")
    shares, in_lieu = _whole(broker, into, old.quantity * terms.ratio, terms)
    if not shares:
        return
    moved, exact = cents(old.cost * terms.basis_part), old.quantity * terms.ratio
    given = cents(moved * shares / exact)  # what is paid in cash takes its part of the cost along
    if terms.tells:
        old.cost -= moved
    _give(broker, account, into, shares, given if terms.tells else ZERO)
    comment = f"{into.symbol} spinoff, {shares:f} shares"
    move_cash(broker, account, "SPINOFF", in_lieu, comment, instrument_id=into.id, delta=shares)
    broker.publish(
        "positions.updated",
        {
            "accountID": account.id,
            "accountNo": account.number,
            "userID": account.user_id,
            "updateReason": "SPINOFF",
            "spinoff": {"parentCompanySymbol": instrument.symbol},
            "previous": {"openQty": ZERO, "symbol": into.symbol},
            "current": {"openQty": shares, "symbol": into.symbol},
        },
    )


def _end(
    broker: Broker, account: Account, old: Position, instrument: Instrument, per_share: Decimal
) -> None:
    """Take the shares away, for cash or for nothing."""
    cash, itself = cents(old.quantity * per_share), corporate_actions.named(instrument)
    quantity = f"{old.quantity.normalize():f} shares of {instrument.symbol}"
    if cash:
        kind, comment = "EXCHANGE_STOCK_CASH", f"Exchanged {quantity} for cash (merger/acquisition)"
    else:
        kind, comment = "REMOVE_SHARES", f"Removed {quantity} (delisted)"
    told = {"type": kind, "acquirer": itself, "acquiree": itself}
    _leg(broker, account, instrument, cash, -old.quantity, comment, told)
    _remove(broker, account, old)


def _whole(
    broker: Broker, into: Instrument, shares: Decimal, terms: Terms
) -> tuple[Decimal, Decimal]:
    """Return the shares that are given, and the cash for what is not."""
    if not terms.whole:
        return shares.quantize(SHARE_STEP, ROUND_DOWN), ZERO
    given = shares.quantize(Decimal(1), ROUND_DOWN)
    return given, cents((shares - given) * broker.prices.quoted(into, broker.now()))


def _give(
    broker: Broker, account: Account, into: Instrument, shares: Decimal, cost: Decimal
) -> None:
    position = positions.open_position(broker, account.id, into.id)
    position.quantity += shares
    position.cost += cost


def _remove(broker: Broker, account: Account, old: Position) -> None:
    before = corporate_actions.figures(old)
    positions.remove(broker, old)
    now = {"symbol": before["symbol"], "openQty": ZERO, "costBasis": ZERO}
    corporate_actions.publish(broker, account, REASON, before, now)


def _leg(
    broker: Broker,
    account: Account,
    instrument: Instrument,
    cash: Decimal,
    delta: Decimal,
    comment: str,
    told: dict[str, Any],
) -> None:
    move_cash(
        broker,
        account,
        WORD,
        cash,
        comment,
        instrument_id=instrument.id,
        delta=delta,
        details={"merger": told},
    )
