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
    "FI_COUP": "OTHER",  # bonds, which no account of ours holds: coupon, maturity, call
    "FIMAT": "OTHER",
    "FULCL": "OTHER",
    "PRCAL": "OTHER",
    "DEEM": "TAX",  # of foreigners' options
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
    "CIL": "CASH_IN_LIEU",
    "CASH_IN_LIEU": "CASH_IN_LIEU",
}
# What `dividend.type` says of an entry that brings money, and how `dividend.taxCode` may differ:
# what says both income and own money back, or neither, is for whoever knows more.
DIVIDENDS = {
    "": "DIVIDEND",
    "CASH": "DIVIDEND",
    "DISTRIBUTION_LONG": "DIVIDEND",  # a fund's gains
    "DISTRIBUTION_SHORT": "DIVIDEND",
    "STOCK": "STOCK_DIVIDEND",
    "RETURN_OF_CAPITAL": "CAPITAL_RETURN",
}
CONTRADICTED_BY = {"DIVIDEND": False, "CAPITAL_RETURN": True}
TAXED = {"FULLY_TAXABLE": True, "NON_TAXABLE": False}
FEES = ("feeSec", "feeTaf", "feeBase", "feeXtraShares", "feeExchange")
TRADES = ("BUY", "SELL")
SHARES = re.compile(r"([0-9]+(?:[.][0-9]+)?) shares")


def read_transaction(row: dict[str, Any]) -> Transaction:
    """Read one row of GET /accounts/{id}/transactions; a kind nobody told us of is OTHER."""
    word = schemas.name_of(row["finTranTypeID"])
    amount = schemas.cents(row["accountAmount"])
    balance = row.get("accountBalance")
    comment = str(row.get("comment") or "")
    merger = row.get("mergerAcquisition") or {}
    dividend = row.get("dividend") or {}
    taxed = TAXED.get(schemas.name_of(dividend.get("taxCode") or ""))
    moved = schemas.told(row, "positionDelta") or schemas.told(dividend, "totalQty")
    kind = _kind(word, dividend, amount, taxed, moved=bool(moved or SHARES.search(comment)))
    instrument = row.get("instrument") or _merged(merger)
    quantity, guessed = _quantity(kind, row, moved, comment)
    return Transaction(
        id=schemas.read_id(row, "finTranID"),
        kind=kind,
        vendor_kind=word,
        amount=amount,
        balance=schemas.cents(balance) if balance is not None else None,
        at=schemas.moment(row, "tranWhen"),
        symbol=str(instrument.get("symbol") or ""),
        instrument_id=str(instrument.get("id") or ""),
        order_id=str(row.get("orderID") or ""),
        quantity=quantity,
        price=schemas.told(row, "fillPx"),
        fees=sum((schemas.number(row.get(fee) or 0) for fee in FEES), schemas.number(0)),
        acquirer=str((merger.get("acquirer") or {}).get("id") or ""),
        acquiree=str((merger.get("acquiree") or {}).get("id") or ""),
        final=_is_final(merger),
        taxed=False if kind == "CAPITAL_RETURN" else None if kind == "DISTRIBUTION" else taxed,
        per_share=schemas.told(dividend, "amountPerShare") if amount else None,
        guessed=guessed,
        comment=comment,
    )


def _kind(
    word: str, dividend: dict[str, Any], amount: Decimal, taxed: bool | None, *, moved: bool
) -> str:
    """Return our kind of an entry; what a dividend is of stands in it.

    One that brings no money but names shares, in its fields or in its comment, is of shares.
    """
    kind = KINDS.get(word, "TRANSFER" if word.startswith("ACATS") else "OTHER")
    if word not in KINDS:
        schemas.tell_word("kind of entry", word)
    if word == "DIVM":  # paid by who borrowed the shares: income, whatever the company paid
        return kind
    if kind in ("DIVIDEND", "CAPITAL_RETURN"):
        told = schemas.name_of(dividend.get("type") or "")
        if not amount and moved:
            return "STOCK_DIVIDEND"
        if word == "DIV":
            kind = DIVIDENDS.get(told, "DISTRIBUTION")
        if taxed is not None and CONTRADICTED_BY.get(kind) == taxed:
            return "DISTRIBUTION"
    return kind


def _merged(merger: dict[str, Any]) -> dict[str, Any]:
    """Return whose shares a leg of a merger is of, by what it does with them."""
    adds = schemas.name_of(merger.get("type") or "").startswith("ADD")
    return merger.get("acquirer" if adds else "acquiree") or {}


def _is_final(merger: dict[str, Any]) -> bool:
    """Say whether a company's shares went for cash alone: no shares of another will follow."""
    acquirer, acquiree = (
        (merger.get(name) or {}).get("id") or "" for name in ("acquirer", "acquiree")
    )
    told = schemas.name_of(merger.get("type") or "")
    return told == "EXCHANGE_STOCK_CASH" and acquirer in ("", acquiree)


def _quantity(
    kind: str, row: dict[str, Any], moved: Decimal | None, comment: str
) -> tuple[Decimal, bool]:
    """Return the shares an entry moved, and whether prose alone tells of them.

    They are what filled, or what a company's action gave or took. Of a dividend in shares some
    editions of DriveWealth's description have no number: its comment tells one.
    """
    if kind in TRADES:
        return schemas.number(row.get("fillQty") or 0), False
    if kind == "STOCK_DIVIDEND" and not moved and (match := SHARES.search(comment)):
        return schemas.number(match.group(1)), True
    return moved or schemas.number(0), False
