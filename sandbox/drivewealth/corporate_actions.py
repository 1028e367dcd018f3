"""What companies do to their shares: splits and dividends, for everyone who holds them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sandbox.drivewealth import matching, positions
from sandbox.drivewealth.broker import Broker, cents
from sandbox.drivewealth.catalogue import BY_ID, SHARE_STEP, Instrument
from sandbox.drivewealth.ledger import move_cash
from sandbox.drivewealth.records import ZERO, Account, Position

SPLIT, DIVIDEND, STOCK_DIVIDEND = "STOCK_SPLIT", "CASH_DIVIDEND", "STOCK_DIVIDEND"
RETURN_OF_CAPITAL = "RETURN_OF_CAPITAL"
KINDS = (SPLIT, DIVIDEND, STOCK_DIVIDEND, RETURN_OF_CAPITAL)
# The vendor's words of `dividend.type` and `dividend.taxCode`.
TYPES = ("CASH", "STOCK", "RETURN_OF_CAPITAL", "DISTRIBUTION_LONG", "DISTRIBUTION_SHORT", "OTHER")
TAX_CODES = ("FULLY_TAXABLE", "NON_TAXABLE", "TAX_EXEMPT", "null")


@dataclass(frozen=True)
class Payment:
    """What is paid for a share, and what the broker says of it.

    ``type`` and ``tax_code`` are the vendor's words; ``lowers``: it pays back what the shares cost.
    ``tells``: what the position cost follows.
    """

    per_share: Decimal
    type: str = ""
    tax_code: str = ""
    lowers: bool = False
    tells: bool = True


def named(instrument: Instrument) -> dict[str, str]:
    return {"id": instrument.id, "symbol": instrument.symbol, "name": instrument.name}


def split(
    broker: Broker,
    instrument: Instrument,
    old: int,
    new: int,
    *,
    whole: bool = False,
    apart: bool = False,
) -> list[str]:
    """Give ``new`` shares for every ``old`` ones; return the numbers of the accounts touched.

    Open orders are cancelled first, what a position cost stays, and the price falls or rises
    with the ratio, so that nobody is richer. ``whole``: parts of a share are paid in cash, which
    is, if ``apart``, an entry of its own.
    """
    for order in list(broker.orders):
        if order.instrument_id == instrument.id and order.is_open:
            matching.cancel_for_corporate_action(broker, order)
    broker.prices.split(instrument, Decimal(new) / old, broker.now())
    holders = _holders(broker, instrument)
    for position in holders:
        _split_position(broker, position, Decimal(new) / old, whole, apart)
    return [broker.account(position.account_id).number for position in holders]


def pay_dividend(broker: Broker, instrument: Instrument, payment: Payment) -> list[str]:
    """Pay cash for every share held; return the numbers of the accounts paid.

    Nothing is withheld, as from a resident who certified a tax number.
    """
    paid = []
    for position in _holders(broker, instrument):
        amount = cents(position.quantity * payment.per_share)
        if amount > 0:
            account = broker.account(position.account_id)
            if payment.lowers and payment.tells:
                position.cost = max(position.cost - amount, ZERO)
            comment = f"{instrument.symbol} dividend, ${payment.per_share:f} a share"
            move_cash(
                broker,
                account,
                "DIV",
                amount,
                comment,
                instrument_id=instrument.id,
                per_share=payment.per_share,
                details={"dividend_type": payment.type, "tax_code": payment.tax_code},
            )
            paid.append(account.number)
    return paid


def pay_in_shares(broker: Broker, instrument: Instrument, payment: Payment) -> list[str]:
    """Give a part of a share for every share held.

    What a position cost stays, unless the dividend is taxed: then what came cost what it is worth.
    """
    paid = []
    for position in _holders(broker, instrument):
        shares = (position.quantity * payment.per_share).quantize(SHARE_STEP, ROUND_DOWN)
        if not shares:
            continue
        account, before = broker.account(position.account_id), figures(position)
        position.quantity += shares
        if payment.tax_code == "FULLY_TAXABLE" and payment.tells:
            position.cost += cents(shares * broker.prices.quoted(instrument, broker.now()))
        comment = f"{instrument.symbol} stock dividend, {shares:f} shares"
        move_cash(
            broker,
            account,
            "DIV",
            ZERO,
            comment,
            instrument_id=instrument.id,
            per_share=payment.per_share,
            details={"stock_dividend": shares, "tax_code": payment.tax_code},
        )
        publish(broker, account, "STOCK_DIV", before, figures(position))
        paid.append(account.number)
    return paid


def _split_position(
    broker: Broker, position: Position, ratio: Decimal, whole: bool, apart: bool
) -> None:
    account, before = broker.account(position.account_id), figures(position)
    exact = position.quantity * ratio
    quantity = exact.quantize(Decimal(1) if whole else SHARE_STEP, ROUND_DOWN)
    cash = ZERO
    if whole and exact > quantity:
        instrument = BY_ID[position.instrument_id]
        cash = cents((exact - quantity) * broker.prices.quoted(instrument, broker.now()))
        position.cost = cents(position.cost * quantity / exact)
    delta, position.quantity = quantity - position.quantity, quantity
    current = figures(position)
    if not quantity:
        positions.remove(broker, position)
    comment = f"{BY_ID[position.instrument_id].symbol} stock split, {ratio.normalize():f} for 1"
    for part, moved in [(ZERO, delta), (cash, ZERO)] if apart and cash else [(cash, delta)]:
        move_cash(
            broker,
            account,
            SPLIT,
            part,
            comment if moved else f"{comment}, cash in lieu",
            instrument_id=position.instrument_id,
            delta=moved,
        )
    publish(broker, account, SPLIT, before, current)


def publish(
    broker: Broker, account: Account, reason: str, before: dict[str, Any], now: dict[str, Any]
) -> None:
    broker.publish(
        "positions.updated",
        {
            "accountID": account.id,
            "accountNo": account.number,
            "userID": account.user_id,
            "updateReason": reason,
            "previous": before,
            "current": now,
        },
    )


def figures(position: Position) -> dict[str, Any]:
    return {
        "symbol": BY_ID[position.instrument_id].symbol,
        "instrumentID": position.instrument_id,
        "openQty": position.quantity,
        "costBasis": position.cost,
        "avgPrice": positions.average_price(position),
    }


def _holders(broker: Broker, instrument: Instrument) -> list[Position]:
    return [row for row in broker.positions if row.instrument_id == instrument.id]
