"""What we ask of a broker, in our words. A broker's own words stay in its folder."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from brokerage.gateway.lists import Listing, OddRow
from brokerage.gateway.values import (
    AccountChange,
    AccountState,
    Address,
    BankDetails,
    BankState,
    Cash,
    Contact,
    Coordinates,
    Custodian,
    DepositInstructions,
    DepositState,
    Envelope,
    KycState,
    Minor,
    News,
    OrderRequest,
    OrderState,
    Paper,
    Person,
    PlaidBank,
    Position,
    Quote,
    Scan,
    ScanState,
    Security,
    SecurityTerms,
    Subject,
    Trace,
    Transaction,
    UserState,
)
from core.vendors import Rejected, Unavailable, Undecided, Unfamiliar

__all__ = [
    "AccountChange",
    "AccountState",
    "Address",
    "BankDetails",
    "BankState",
    "Broker",
    "Cash",
    "Contact",
    "Coordinates",
    "Custodian",
    "DepositInstructions",
    "DepositState",
    "Envelope",
    "KycState",
    "Listing",
    "Malformed",
    "Minor",
    "News",
    "OddRow",
    "OrderRequest",
    "OrderState",
    "Paper",
    "Person",
    "PlaidBank",
    "Position",
    "Quote",
    "Rejected",
    "Scan",
    "ScanState",
    "Security",
    "SecurityTerms",
    "Subject",
    "Trace",
    "Transaction",
    "Unavailable",
    "Undecided",
    "Unfamiliar",
    "UserState",
    "get_broker",
]


class Malformed(Exception):
    """What came is no event of this broker; the text is a plain sentence that says why."""


class Broker(Protocol):
    """A broker. Every method makes at most one business call.

    All raise `Unavailable` (no usable answer; repeat with the same key) and `Rejected`. A list is
    read row by row: one that can not be read spoils no other (`Listing.odd`).
    """

    def sign_in(self) -> None: ...

    def create_user(self, person: Custodian | Minor, *, key: UUID) -> str: ...
    def get_user(self, user_id: str) -> UserState: ...
    def update_user(self, user_id: str, person: Custodian | Minor) -> None: ...
    def get_kyc(self, user_id: str) -> KycState: ...
    def is_same_name(self, written: str, told: str) -> bool: ...
    def upload_document(self, user_id: str, scan: Scan, *, key: UUID) -> ScanState: ...
    def list_documents(self, user_id: str) -> Listing[ScanState]: ...
    def get_document_link(self, document_id: str) -> str: ...

    def create_account(
        self, *, owner_id: str, key: UUID, kind: str = "CUSTODIAL"
    ) -> AccountState: ...
    def get_account(self, account_id: str) -> AccountState: ...
    def update_account(self, account_id: str, change: AccountChange) -> AccountState: ...
    def takes_contact(self) -> bool: ...  # asks nobody
    def tell_contact(self, account_id: str, contact: Contact | None) -> None: ...
    def list_accounts(self, user_id: str) -> Listing[AccountState]: ...
    def get_cash(self, account_id: str) -> Cash: ...
    def list_positions(self, account_id: str) -> Listing[Position]: ...
    def list_transactions(
        self, account_id: str, *, since: datetime, until: datetime
    ) -> Listing[Transaction]: ...

    def create_bank(self, user_id: str, details: BankDetails | PlaidBank, *, key: UUID) -> str: ...
    def get_bank(self, bank_id: str) -> BankState: ...
    def list_banks(self, user_id: str) -> Listing[BankState]: ...
    def remove_bank(self, bank_id: str) -> None: ...

    def create_deposit(
        self, *, account_number: str, bank_id: str, amount: Decimal, key: UUID
    ) -> DepositState: ...
    def get_deposit(self, deposit_id: str) -> DepositState: ...
    def list_deposits(self, account_id: str) -> Listing[DepositState]: ...
    def trace_deposit(
        self, account_id: str, *, key: UUID, amount: Decimal
    ) -> Trace[DepositState]: ...
    def get_deposit_instructions(self, account_id: str) -> DepositInstructions: ...

    def create_order(self, request: OrderRequest, *, key: UUID) -> OrderState: ...
    def get_order(self, order_id: str) -> OrderState: ...
    def get_order_by_number(self, number: str) -> OrderState: ...
    def cancel_order(self, order_id: str) -> None: ...
    def list_resting_orders(self, account_id: str) -> Listing[OrderState]: ...
    def list_closed_orders(
        self, account_id: str, *, since: datetime, until: datetime
    ) -> Listing[OrderState]: ...
    def trace_order(
        self, account_id: str, *, key: UUID, symbol: str, since: datetime, until: datetime
    ) -> Trace[OrderState]: ...

    def list_securities(self) -> Listing[Security]: ...
    def get_security(self, symbol: str) -> SecurityTerms: ...
    def list_quotes(self, symbols: list[str]) -> Listing[Quote]: ...

    def list_statements(self, account_id: str, *, since: date, until: date) -> Listing[Paper]: ...
    def list_confirmations(
        self, account_id: str, *, since: date, until: date
    ) -> Listing[Paper]: ...
    def list_tax_forms(self, account_id: str, *, since: date, until: date) -> Listing[Paper]: ...
    def get_paper_link(self, account_id: str, paper_key: str) -> str: ...

    # Events as they lie in the broker's queue; these two ask nobody and raise Malformed alone.
    def read_envelope(self, message: str) -> Envelope: ...
    def read_news(self, message: str) -> News | None: ...


@cache
def get_broker() -> Broker:
    """Return the configured broker; one client per process."""
    broker: Broker = import_string(settings.BROKER)()
    return broker
