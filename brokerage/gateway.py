"""What we ask of a broker, in our words. A broker's own words stay in its folder."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from core.vendors import Unavailable

__all__ = ["Broker", "Malformed", "Rejected", "Unavailable", "get_broker"]


class Rejected(Exception):
    """The broker understood and said no; asking again the same way is pointless.

    `code` is the broker's; `reason` is a plain sentence of ours; `problems` are our names of
    what it objects to in a person's details.
    """

    def __init__(self, reason: str, *, code: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.reason = reason
        self.code = code
        self.problems = problems


class Malformed(Exception):
    """What came is no event of this broker; the text is a plain sentence that says why."""


@dataclass(frozen=True)
class Address:
    street1: str
    street2: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True)
class Person:
    """Somebody to make known to the broker. `ssn`: nine digits; `phone`: E.164."""

    first_name: str
    last_name: str
    date_of_birth: date
    ssn: str
    email: str
    phone: str
    address: Address


@dataclass(frozen=True)
class Custodian(Person):
    """An adult with what suitability rules ask; values are those of `accounts.choices`."""

    employment_status: str
    employer: str
    industry: str
    annual_income: int
    net_worth: int
    liquid_net_worth: int
    investment_experience: str
    risk_tolerance: str
    objective: str
    works_at_broker: bool
    director_of: str
    politically_exposed: str


@dataclass(frozen=True)
class Minor(Person):
    """A child, with the broker's id of the custodian."""

    custodian_id: str


@dataclass(frozen=True)
class KycState:
    """`status` is a value of BrokerUser.Status; `problems` are our names of objections."""

    status: str
    vendor_status: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class AccountState:
    """`status` is a value of BrokerAccount.Status."""

    id: str
    number: str
    status: str
    vendor_status: str


@dataclass(frozen=True)
class Cash:
    """US dollars: what the account holds, and what may buy shares now."""

    balance: Decimal
    for_trade: Decimal


@dataclass(frozen=True)
class Position:
    symbol: str
    instrument_id: str
    quantity: Decimal
    average_price: Decimal
    cost_basis: Decimal
    price: Decimal
    market_value: Decimal
    unrealized_gain: Decimal


@dataclass(frozen=True)
class DepositState:
    """`status` is a value of Deposit.Status."""

    id: str
    status: str
    vendor_status: str
    amount: Decimal
    reference: str = ""
    failure: str = ""


@dataclass(frozen=True)
class OrderState:
    """`status` is a value of Order.Status; `cost` in dollars, `quantity` what filled so far."""

    id: str
    number: str
    status: str
    vendor_status: str
    quantity: Decimal = Decimal(0)
    average_price: Decimal | None = None
    cost: Decimal = Decimal(0)
    executed_at: datetime | None = None
    failure: str = ""


@dataclass(frozen=True)
class Security:
    """`kind` and `status` are values of Instrument.Kind and Instrument.Status."""

    id: str
    symbol: str
    name: str
    kind: str
    status: str


@dataclass(frozen=True)
class Quote:
    symbol: str
    price: Decimal


@dataclass(frozen=True)
class BankDetails:
    """`kind`: CHECKING or SAVINGS."""

    routing_number: str
    account_number: str
    kind: str
    nickname: str = field(default="")


@dataclass(frozen=True)
class Envelope:
    """What is written on the outside of an event; `type` is the broker's word."""

    id: str
    type: str
    happened_at: datetime


class Subject(Enum):
    """What an event can be about."""

    USER = "user"
    ACCOUNT = "account"
    CONTENTS = "contents"  # cash and positions of an account
    BANK = "bank"
    DEPOSIT = "deposit"
    ORDER = "order"
    SECURITY = "security"


@dataclass(frozen=True)
class News:
    """What to look at again; `id` is the broker's."""

    subject: Subject
    id: str


class Broker(Protocol):
    """A broker. Every method makes at most one business call.

    All raise `Unavailable` (no usable answer; repeat with the same key) and `Rejected`.
    """

    def create_user(self, person: Custodian | Minor, *, key: UUID) -> str: ...
    def update_user(self, user_id: str, person: Custodian | Minor) -> None: ...
    def get_kyc(self, user_id: str) -> KycState: ...

    def create_account(self, *, owner_id: str, key: UUID) -> AccountState: ...
    def get_account(self, account_id: str) -> AccountState: ...
    def get_cash(self, account_id: str) -> Cash: ...
    def list_positions(self, account_id: str) -> list[Position]: ...

    def create_bank(self, user_id: str, details: BankDetails, *, key: UUID) -> str: ...

    def create_deposit(
        self, *, account_number: str, bank_id: str, amount: Decimal, key: UUID
    ) -> DepositState: ...
    def get_deposit(self, deposit_id: str) -> DepositState: ...
    def find_deposit(self, account_id: str, *, key: UUID) -> DepositState | None: ...

    def create_order(
        self, *, account_number: str, symbol: str, amount: Decimal, key: UUID
    ) -> OrderState: ...
    def get_order(self, order_id: str) -> OrderState: ...
    def find_order(
        self, account_id: str, *, key: UUID, since: datetime, until: datetime
    ) -> OrderState | None: ...

    def get_security(self, security_id: str) -> Security: ...
    def list_securities(self) -> list[Security]: ...
    def list_quotes(self, symbols: list[str]) -> list[Quote]: ...

    # Events as they lie in the broker's queue; these two ask nobody and raise Malformed alone.
    def read_envelope(self, message: str) -> Envelope: ...
    def read_news(self, message: str) -> News | None: ...


@cache
def get_broker() -> Broker:
    """Return the configured broker; one client per process."""
    broker: Broker = import_string(settings.BROKER)()
    return broker
