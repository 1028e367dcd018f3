"""Cash movements: every change of an account's cash is one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.catalogue import BY_ID
from sandbox.drivewealth.records import ZERO, Account, Order, Transaction
from sandbox.wire import iso


def move_cash(
    broker: Broker,
    account: Account,
    kind: str,
    amount: Decimal,
    comment: str,
    fill: tuple[Order, Decimal, Decimal] | None = None,
    *,
    instrument_id: str = "",
    delta: Decimal = ZERO,
    per_share: Decimal = ZERO,
    details: Mapping[str, Any] | None = None,
) -> Transaction:
    """Move an account's cash by ``amount``, keep the transaction and publish it.

    ``fill`` is the order behind it with the quantity and price of this execution; ``delta`` the
    shares a corporate action gave, ``per_share`` what a dividend paid for each, ``details`` what
    else the row is to tell.
    """
    account.cash += amount
    order, quantity, price = fill if fill else (None, ZERO, ZERO)
    transaction = Transaction(
        id=f"SB.{uuid.uuid4()}",
        account_id=account.id,
        kind=kind,
        amount=amount,
        balance=account.cash,
        comment=comment,
        at=broker.now(),
        instrument_id=order.instrument_id if order else instrument_id,
        order_id=order.id if order else "",
        order_number=order.number if order else "",
        quantity=quantity,
        price=price,
        delta=delta,
        per_share=per_share,
    )
    for name, value in (details or {}).items():
        setattr(transaction, name, value)
    broker.transactions.add(transaction.id, transaction)
    payload = {"accountID": account.id, "transaction": transaction_json(transaction)}
    broker.publish("transactions.created", payload)
    return transaction


def list_transactions(broker: Broker, call: Call) -> list[dict[str, Any]]:
    """Return a page of an account's transactions of a period."""
    account = broker.account(call.path["account_id"])
    rows = broker.transactions.where("account_id", account.id)
    return [transaction_json(row) for row in call.page(rows, lambda row: row.at)]


def transaction_json(row: Transaction) -> dict[str, Any]:
    instrument = BY_ID.get(row.instrument_id)
    return {
        "finTranID": row.id,
        "finTranTypeID": row.kind,
        "accountAmount": row.amount,
        "accountBalance": row.balance,
        "accountType": "LIVE",
        "comment": row.comment,
        "dnb": False,
        "tranWhen": iso(row.at),
        "orderID": row.order_id or None,
        "orderNo": row.order_number or None,
        "fillQty": row.quantity,
        "fillPx": row.price,
        "feeSec": row.fees.get("feeSec", ZERO),
        "feeTaf": row.fees.get("feeTaf", ZERO),
        "feeBase": row.fees.get("feeBase", ZERO),
        "feeXtraShares": ZERO,
        "feeExchange": ZERO,
        "dividend": _dividend(row),
        "dividendTax": None,
        "mergerAcquisition": row.merger or None,
        "positionDelta": row.delta,
        "instrument": {"id": instrument.id, "symbol": instrument.symbol, "name": instrument.name}
        if instrument
        else None,
    }


def _dividend(row: Transaction) -> dict[str, Any] | None:
    if row.kind != "DIV":
        return None
    kind = row.dividend_type or ("STOCK" if row.stock_dividend else "CASH")
    taxable = row.tax_code or ("NON_TAXABLE" if row.stock_dividend else "FULLY_TAXABLE")
    told = {"type": kind, "amountPerShare": row.per_share, "taxCode": taxable}
    return told | ({"totalQty": row.stock_dividend} if row.stock_dividend else {})
