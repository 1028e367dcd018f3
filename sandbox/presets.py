"""One tap for what an operator wants most: which buttons each row of the page has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.drivewealth import bank

Row = dict[str, Any]
DAY = 86_400
CLOCK = (
    ("Next market open", {"to": "next-market-open"}),
    ("Next market close", {"to": "next-market-close"}),
    ("Next banking day", {"to": "next-banking-day"}),
    ("A minute passes", {"advanceSeconds": 60}),
    ("A day passes", {"advanceSeconds": DAY}),
    ("A week passes", {"advanceSeconds": 7 * DAY}),
    ("A year passes", {"advanceSeconds": 365 * DAY}),
)
DEPOSITS = (
    ("Settle it", "SUCCESSFUL", ""),
    ("Hold it", "ON_HOLD", ""),
    ("Let it go on", "PENDING", ""),
    ("Return it with R01", "RETURNED", "R01"),
    ("Return it with R10", "RETURNED", "R10"),
    ("Fail it", "FAILED", ""),
)
KYC = (
    ("Verify", "KYC_APPROVED", ""),
    ("Ask for a document", "KYC_DOC_REQUIRED", ""),
    ("Look into it", "KYC_MANUAL_REVIEW", ""),
    ("Deny", "KYC_DENIED", ""),
)
PER_SHARE = "amountPerShare"
DEEDS: tuple[tuple[str, Row], ...] = (
    ("pays $0.50 a share", {"type": "CASH_DIVIDEND", PER_SHARE: "0.50"}),
    ("gives back $1 a share", {"type": "RETURN_OF_CAPITAL", PER_SHARE: "1"}),
    ("pays 5% in shares", {"type": "STOCK_DIVIDEND", PER_SHARE: "0.05"}),
    (
        "pays 5% in shares, taxed",
        {"type": "STOCK_DIVIDEND", PER_SHARE: "0.05", "taxCode": "FULLY_TAXABLE"},
    ),
    ("splits 4 for 1", {"type": "STOCK_SPLIT", "from": 1, "to": 4}),
    (
        "puts 3 together, cash for parts",
        {"type": "STOCK_SPLIT", "from": 3, "to": 1, "wholeShares": "true"},
    ),
    ("becomes SONY", {"type": "MERGER", "into": "SONY", "ratio": "0.5"}),
    (
        "becomes SONY and cash, cost untold",
        {
            "type": "MERGER",
            "into": "SONY",
            "ratio": "0.5",
            "cashPerShare": "20",
            "tellBasis": "false",
        },
    ),
    ("is called KO", {"type": "SYMBOL_CHANGE", "into": "KO"}),
    ("spins off HAS", {"type": "SPINOFF", "into": "HAS", "ratio": "0.25", "basisPart": "0.2"}),
    ("goes private for $140", {"type": "GOING_PRIVATE", "cashPerShare": "140"}),
    ("is delisted", {"type": "DELISTING"}),
)
OPEN_ORDERS = ("NEW", "PARTIAL_FILL")


@dataclass(frozen=True)
class Button:
    """A form of hidden fields under `/_sandbox`."""

    label: str
    address: str
    fields: Row = field(default_factory=dict)


def clock() -> list[Button]:
    return [Button(label, "/clock", order) for label, order in CLOCK]


def bank_moves(row: Row) -> tuple[str, ...]:
    """Return what the bank may make of a deposit that stands so."""
    return bank.MOVES.get(row["status"], ())


def deposit(row: Row) -> list[Button]:
    """Offer what the bank may say of a deposit that stands so."""
    return [
        Button(
            label, f"/deposits/{row['id']}", {"status": status} | ({"code": code} if code else {})
        )
        for label, status, code in DEPOSITS
        if status in bank_moves(row)
    ]


def user(row: Row) -> list[Button]:
    address = f"/users/{row['id']}/kyc"
    return [
        Button(label, address, {"status": status})
        for label, status, _ in KYC
        if status != row["kycStatus"]
    ]


def account(row: Row) -> list[Button]:
    address, status = f"/accounts/{row['id']}", row["status"]
    buttons = []
    if status not in ("OPEN", "CLOSED"):
        buttons.append(Button("Open it", address, {"status": "OPEN"}))
    if status == "OPEN":
        buttons.append(Button("Freeze it", address, {"status": "FROZEN", "reason": "LEGAL_AML"}))
    buttons.append(Button("Issue a statement", f"{address}/papers", {"kind": "statement"}))
    return buttons


def company(position: Row) -> list[Button]:
    """Offer what a company may do to shares that somebody holds."""
    symbol = position["symbol"]
    return [
        Button(f"{symbol} {label}", "/corporate-actions", {"symbol": symbol} | deed)
        for label, deed in DEEDS
        if deed.get("into") != symbol
    ]


def order(row: Row) -> list[Button]:
    if row["status"] not in OPEN_ORDERS:
        return []
    address = f"/orders/{row['id']}"
    buttons = [Button("Fill it", address, {"outcome": "fill"})]
    buttons.append(Button("Cancel it", address, {"outcome": "cancel"}))
    if not row["filled"]:
        buttons.append(Button("Reject it", address, {"outcome": "reject"}))
    return buttons


def next_order() -> list[Button]:
    return [
        Button("Rejects", "/next-order", {"outcome": "reject"}),
        Button("Fills half, then cancels", "/next-order", {"outcome": "partial-then-cancel"}),
        Button("Rests", "/next-order", {"outcome": "rest"}),
    ]


def bank_account(row: Row) -> list[Button]:
    status = "DISABLED" if row["status"] == "ACTIVE" else "ACTIVE"
    label = "Disable it" if status == "DISABLED" else "Make it active"
    address = f"/bank-accounts/{row['id']}"
    return [] if row["status"] == "DELETED" else [Button(label, address, {"status": status})]


def item(row: Row) -> list[Button]:
    if row["removed"]:
        return []
    address = f"/plaid/items/{row['id']}"
    if row["error"]:
        return [Button("Mend it", address, {"error": "HEALTHY"})]
    return [Button("Ask to sign in again", address, {"error": "ITEM_LOGIN_REQUIRED"})]


ODD = (
    ("A share without a symbol", {"path": "*/instruments", "drop": "symbol"}),
    ("A share whose status nobody knows", {"path": "*/instruments", "change": '{"status": "X"}'}),
    ("An order whose status nobody knows",
     {"path": "*/back-office/orders/*", "change": '{"orderStatus": "Q", "status": "Q"}'}),
    ("A deposit whose status nobody knows",
     {"path": "*/funding/deposits/*", "change": '{"status": "SOMETHING_NEW"}'}),
    ("A position in a bond",
     {"path": "*/summary/positions", "inside": "debtPositions", "add": '{"openQty": 1000}'}),
    ("A booking of a kind nobody knows",
     {"path": "*/transactions", "add": '{"finTranTypeID": "NEW", "accountAmount": 5}'}),
)  # fmt: skip


def oddities() -> list[Button]:
    return [Button(label, "/odd", dict(order)) for label, order in ODD]


ROWS = {
    "deposit": deposit,
    "user": user,
    "account": account,
    "order": order,
    "bank_account": bank_account,
    "item": item,
}
