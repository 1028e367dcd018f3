"""DriveWealth's ledger: what each kind of entry means, and reading one.

Sources: developer.drivewealth.com/apis/docs, "Showing historical transactions" and "Fees,
commissions, and markups"; apis/reference, "Dividend Events", "Merger & Acquisitions Events". Words
that no page tells of are OTHER: held, for a person, and no other entry waits for them.
"""

import re
from decimal import Decimal
from typing import Any

from brokerage.drivewealth import schemas
from brokerage.gateway import Transaction

KINDS = {
    "CSR": "DEPOSIT",  # money in; below zero, some of it going back
    "CSD": "WITHDRAWAL",
    "CADJ": "ADJUSTMENT",  # "generally used for returned ACH"
    "JNLC": "JOURNAL",
    "SPUR": "BUY",
    "SSAL": "SELL",
    "COMM": "FEE",  # commission and regulators' fees, with the order's id
    "FEE": "FEE",  # of the account, e.g. for a wire
    "DIV": "DIVIDEND",
    "DIVM": "DIVIDEND",  # on shares that are lent
    "DIVTAX": "TAX",
    "DIVNRA": "TAX",
    "PTP_WITHHOLDING": "TAX",
    "INT": "INTEREST",
    "SLIP": "INTEREST",  # for shares that are lent
    "STOCK_SPLIT": "SPLIT",
    "SPINOFF": "SPINOFF",
    "MERGER_ACQUISITION": "MERGER",
    "STCK": "ADJUSTMENT",  # "a stock price adjustment", explained nowhere
    "ACATS_CASH": "TRANSFER",
    "ACATS_STOCK": "TRANSFER",
    "CCPUR": "OTHER",  # cryptocurrency, which no account of ours holds
    "CCSAL": "OTHER",
}
# Words other pages and clients of DriveWealth's use, and spellings its events use.
KINDS |= {
    "DIVROC": "CAPITAL_RETURN",
    "INTADJ": "INTEREST",
    "JNLS": "TRANSFER",
    "SPLIT": "SPLIT",
    "STOCK_DIV": "STOCK_DIVIDEND",
    "MERGER_AND_ACQUISITION": "MERGER",
    "SYMBOL_CHANGE": "MERGER",
    "SYMCHANGE": "MERGER",
}
FEES = ("feeSec", "feeTaf", "feeBase", "feeXtraShares", "feeExchange")
TRADES = ("BUY", "SELL")
SHARES = re.compile(r"([0-9]+(?:[.][0-9]+)?) shares")


def read_transaction(row: dict[str, Any]) -> Transaction:
    """Read one row of GET /accounts/{id}/transactions; a kind nobody told us of is OTHER."""
    word = schemas.name_of(row["finTranTypeID"])
    amount = schemas.cents(row["accountAmount"])
    balance = row.get("accountBalance")
    comment = str(row.get("comment") or "")
    kind = _kind(word, row, amount, comment)
    merger = row.get("mergerAcquisition") or {}
    return Transaction(
        id=schemas.read_id(row, "finTranID"),
        kind=kind,
        vendor_kind=word,
        amount=amount,
        balance=schemas.cents(balance) if balance is not None else None,
        at=schemas.moment(row, "tranWhen"),
        symbol=str((row.get("instrument") or {}).get("symbol") or ""),
        instrument_id=str((row.get("instrument") or {}).get("id") or ""),
        order_id=str(row.get("orderID") or ""),
        quantity=_quantity(kind, row, comment),
        price=schemas.told(row, "fillPx"),
        fees=sum((schemas.number(row.get(fee) or 0) for fee in FEES), schemas.number(0)),
        acquirer=str((merger.get("acquirer") or {}).get("id") or ""),
        acquiree=str((merger.get("acquiree") or {}).get("id") or ""),
        final=schemas.name_of(merger.get("type") or "") == "EXCHANGE_STOCK_CASH",
        comment=comment,
    )


def _kind(word: str, row: dict[str, Any], amount: Decimal, comment: str) -> str:
    """Return our kind of an entry; what a dividend is of stands in it.

    One that brings no money but names shares, in its fields or in its comment, is of shares.
    """
    kind = KINDS.get(word, "TRANSFER" if word.startswith("ACATS") else "OTHER")
    dividend = row.get("dividend") or {}
    if kind == "DIVIDEND":
        told = schemas.name_of(dividend.get("type") or "")
        shares = dividend.get("totalQty") or SHARES.search(comment)
        if told == "STOCK" or (not amount and shares):
            return "STOCK_DIVIDEND"
        if told == "RETURN_OF_CAPITAL":
            return "CAPITAL_RETURN"
    return kind


def _quantity(kind: str, row: dict[str, Any], comment: str) -> Decimal:
    """Return the shares an entry moved: what filled, what a company's action gave or took.

    Of a stock dividend DriveWealth's own list of fields has no number: its comment tells it.
    """
    if kind in TRADES:
        return schemas.number(row.get("fillQty") or 0)
    moved = row.get("positionDelta") or (row.get("dividend") or {}).get("totalQty")
    if kind == "STOCK_DIVIDEND" and not moved and (match := SHARES.search(comment)):
        moved = match.group(1)
    return schemas.number(moved or 0)
