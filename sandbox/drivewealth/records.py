"""What DriveWealth keeps. Amounts are dollars, quantities shares, moments UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

ADULT = "INDIVIDUAL_TRADER"
CHILD = "CUSTODIAL"
ZERO = Decimal(0)


@dataclass
class Token:
    """A bearer token; several may live at once."""

    expires: datetime


@dataclass
class User:
    """An adult, or the minor an UTMA account is for."""

    id: str
    user_type: str
    username: str
    documents: dict[str, dict[str, Any]]
    metadata: dict[str, Any]
    created: datetime
    updated: datetime
    status: str = "PENDING"
    kyc_status: str = "KYC_NOT_READY"
    kyc_errors: list[str] = field(default_factory=list)
    kyc_round: int = 0
    # What the operator has the vendor say in place of its own words, as they stand in its answer.
    kyc_said: dict[str, Any] = field(default_factory=dict)
    uploads: list[dict[str, str]] = field(default_factory=list)

    @property
    def basic(self) -> dict[str, Any]:
        return self.documents["BASIC_INFO"]

    @property
    def identity_number(self) -> str:
        return str(self.documents["IDENTIFICATION_INFO"]["value"])

    @property
    def masked_number(self) -> str:
        return f"****-{self.identity_number[-4:]}"

    @property
    def born(self) -> date:
        person = self.documents["PERSONAL_INFO"]
        return date(person["birthYear"], person["birthMonth"], person["birthDay"])

    @property
    def custodian_id(self) -> str:
        """Return the custodian's user id, "" for an adult."""
        return str(self.documents.get("CUSTODIAN_INFO", {}).get("userID", ""))


@dataclass
class File:
    """An uploaded file, in base64, and what its first bytes say it is."""

    content_type: str
    content: str


@dataclass
class Link:
    """A short-lived address of a file or of a paper."""

    kind: str
    key: str
    expires: datetime


@dataclass
class Paper:
    """A statement, a trade confirmation or a tax form: one page of text."""

    account_id: str
    kind: str
    file_key: str
    display_name: str
    lines: list[str]


@dataclass
class Account:
    """A brokerage account; ``cash`` is exact to the cent and may fall below zero."""

    id: str
    number: str
    user_id: str
    management_type: str
    trading_type: str
    ignore_market_hours: bool
    metadata: dict[str, Any]
    created: datetime
    nickname: str = ""
    status: str = "PENDING"
    status_comment: str = ""
    status_reason: str = ""
    restricted: bool = False
    cash: Decimal = ZERO
    opened: datetime | None = None
    confirm_due: bool = False
    trusted_contact: dict[str, str] | None = None


@dataclass
class Position:
    """Shares of one instrument in one account; ``cost`` is what they took out of cash."""

    account_id: str
    instrument_id: str
    quantity: Decimal
    cost: Decimal


@dataclass
class Transaction:
    """One movement of an account's cash; a split's is of shares, ``delta``, and of no cash."""

    id: str
    account_id: str
    kind: str
    amount: Decimal
    balance: Decimal
    comment: str
    at: datetime
    instrument_id: str = ""
    order_id: str = ""
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    order_number: str = ""
    delta: Decimal = ZERO
    per_share: Decimal = ZERO
    fees: dict[str, Decimal] = field(default_factory=dict)
    stock_dividend: Decimal = ZERO
    dividend_type: str = ""
    tax_code: str = ""
    merger: dict[str, Any] = field(default_factory=dict)


@dataclass
class Habits:
    """How the broker books: what it charges for an order, and what an ACH return is called.

    ``per_order`` and ``per_share`` are dollars of commission; ``regulatory``: sales bear the
    regulators' fees too. ``returns_as``: CADJ, as the vendor's page says, or CSR below zero.
    """

    per_order: Decimal = ZERO
    per_share: Decimal = ZERO
    regulatory: bool = False
    returns_as: str = "CADJ"


@dataclass
class Proceeds:
    """Cash of a sale, in the balance at once and settled on T+1."""

    account_id: str
    amount: Decimal
    settles: datetime


@dataclass
class Wish:
    """What the operator wants to become of the next order that fits; "" fits every one."""

    number: int
    symbol: str
    account_number: str
    outcome: str
    fraction: Decimal
    seconds: Decimal
    reason: str


@dataclass
class Oddity:
    """What the operator wants to be odd in answers to GETs of paths like ``path``.

    ``add`` holds a row under ``row``; ``change`` and ``drop`` apply to the rows ``which`` names
    (a place, from the end below zero, or ``all``) of the list ``inside`` the answer.
    """

    path: str
    which: str = "0"
    inside: str = ""
    add: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)


@dataclass
class BankAccount:
    """A linked bank account. Only the last four digits are kept."""

    id: str
    user_id: str
    nickname: str
    last_four: str
    routing_number: str
    kind: str
    created: datetime
    updated: datetime
    status: str = "ACTIVE"


@dataclass
class Deposit:
    """Money pulled from a linked bank account by ACH.

    ``ahead`` is what the bank was told to say later: moment, status, code and what came of it.
    """

    id: str
    account_id: str
    account_number: str
    user_id: str
    bank_account_id: str
    amount: Decimal
    note: str
    metadata: dict[str, Any]
    created: datetime
    updated: datetime
    settles: datetime
    status: str = "STARTED"
    comment: str = ""
    credited: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    transaction_id: str = ""
    ahead: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Order:
    """An order, by ``quantity`` or by ``amount_cash``, and what has come of it.

    ``gross`` is the exact sum of quantity times price; ``total`` is that sum in cents, which is
    what cash moved by. ``reserved`` is the buying power it still holds back. ``planned`` is how
    many shares it is for, known from when its execution was planned. ``wish`` is the operator's.
    """

    id: str
    number: str
    account_id: str
    user_id: str
    instrument_id: str
    type: str
    side: str
    quantity: Decimal | None
    amount_cash: Decimal | None
    price: Decimal | None
    time_in_force: str
    prevent_queuing: bool
    client_order_id: str
    client_notes: str
    metadata: dict[str, Any]
    created: datetime
    expires: datetime
    reserved: Decimal
    status: str = "NEW"
    message: dict[str, str] | None = None
    filled: Decimal = ZERO
    gross: Decimal = ZERO
    total: Decimal = ZERO
    fees: Decimal = ZERO
    last_price: Decimal = ZERO
    last_quantity: Decimal = ZERO
    last_executed: datetime | None = None
    updated: datetime | None = None
    steps: list[dict[str, Decimal]] = field(default_factory=list)
    ending: str = ""
    planned: Decimal | None = None
    watch_round: int = 0
    extended_hours: bool = False
    wish: dict[str, Any] | None = None

    @property
    def has_price(self) -> bool:
        """Whether it waits for the market to reach its price."""
        return self.type != "MARKET"

    @property
    def is_open(self) -> bool:
        return self.status in ("NEW", "PARTIAL_FILL", "PENDING_CANCEL")
