"""What a broker tells us and what we tell it, in our words."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Generic, TypeVar

ZERO = Decimal(0)


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
    position: str = ""


@dataclass(frozen=True)
class Minor(Person):
    """A child, with the broker's id of the custodian."""

    custodian_id: str


@dataclass(frozen=True)
class Contact:
    """Whom a customer trusts (FINRA 4512); one of `phone` (E.164) and `email` may be empty."""

    first_name: str
    last_name: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class UserState:
    """`status`: PENDING, APPROVED, REVOKED or CLOSED; `kind`: CUSTODIAN, MINOR or OTHER.

    What is told of the person is for comparing alone. `date_of_birth`: YYYY-MM-DD.
    """

    id: str
    kind: str
    status: str
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    date_of_birth: str = field(default="", repr=False)


@dataclass(frozen=True)
class Scan:
    """A picture or PDF of an identity document.

    `kind`: DRIVER_LICENSE, PASSPORT, NATIONAL_ID_CARD, VOTER_ID, WORK_PERMIT, VISA or
    RESIDENCE_PERMIT. `side`: FRONT or BACK. `content`: a PNG, JPEG or PDF file, 10 MB at most.
    """

    kind: str
    content: bytes = field(repr=False)
    side: str = "FRONT"


@dataclass(frozen=True)
class ScanState:
    """`status`: NOT_SUBMITTED, PENDING, APPROVED or REJECTED."""

    id: str
    kind: str
    side: str
    status: str


@dataclass(frozen=True)
class KycState:
    """`status` is a value of BrokerUser.Status; `problems` are our names of objections.

    The names are as the broker has them; empty where its answer does not repeat them.
    """

    status: str
    vendor_status: str
    problems: tuple[str, ...] = ()
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)


@dataclass(frozen=True)
class AccountState:
    """`status` is a value of BrokerAccount.Status, or UNCLEAR: a word nobody told us of.

    `kind` is a value of BrokerAccount.Kind, OTHER, or empty where it is not told; `reason` is the
    broker's word, if any.
    """

    UNCLEAR: ClassVar[str] = "UNCLEAR"

    id: str
    number: str
    status: str
    vendor_status: str
    reason: str = ""
    kind: str = ""
    created_at: datetime | None = None

    @property
    def is_unclear(self) -> bool:
        return self.status == self.UNCLEAR


@dataclass(frozen=True)
class AccountChange:
    """What to change of an account; what is None stays.

    `status` is a value of BrokerAccount.Status, `reason` one of DUPLICATE, DECEASED, RESTRICTED.
    """

    nickname: str | None = None
    status: str | None = None
    reason: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Cash:
    """US dollars: what the account holds, and what may buy shares now.

    `unsettled`: the proceeds of sales, in both of them already, by the day they settle, earliest
    first.
    """

    balance: Decimal
    for_trade: Decimal
    unsettled: tuple[tuple[date, Decimal], ...] = ()

    @property
    def settled(self) -> Decimal:
        """Return what of the balance has settled; below zero where unsettled money was spent."""
        return self.balance - self.yet_to_settle

    @property
    def yet_to_settle(self) -> Decimal:
        return sum((dollars for _day, dollars in self.unsettled), ZERO)


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
    """`status` is a value of Deposit.Status; `return_code` is Nacha's, where the bank gave one.

    `pulled`: ordered over the API, not sent by a bank. `reference`: ours, empty where the answer
    tells none. `created_at` and `bank_last4` may be unknown.
    """

    id: str
    status: str
    vendor_status: str
    amount: Decimal
    reference: str = ""
    failure: str = ""
    return_code: str = ""
    notice: str = ""  # Nacha's notice of change, where the bank sent one with the money
    pulled: bool = True
    created_at: datetime | None = None
    bank_last4: str = ""


State = TypeVar("State", DepositState, "OrderState")


@dataclass(frozen=True)
class Trace(Generic[State]):
    """What a broker's lists show of something asked for under our reference.

    `nameless`: what tells no reference at all, so that it may be the one. With neither, the broker
    does not have it.
    """

    found: State | None = None
    nameless: tuple[State, ...] = ()


@dataclass(frozen=True)
class Transaction:
    """One movement of an account's cash or shares; `amount` in dollars, negative going out.

    `quantity` is what filled, or the shares a company's action gave (negative: took).

    `kind`: BUY, SELL or a value of Movement.Kind. Of a merger: `acquirer` and `acquiree`, by the
    broker's ids; `final`: for cash alone, no shares will follow. Of a dividend: `taxed`, None where
    the broker does not say; `per_share`, dollars. `guessed`: the shares are known by prose alone.
    """

    id: str
    kind: str
    vendor_kind: str
    amount: Decimal
    balance: Decimal | None
    at: datetime | None
    symbol: str = ""
    instrument_id: str = ""
    order_id: str = ""
    quantity: Decimal = ZERO
    price: Decimal | None = None
    fees: Decimal = ZERO
    acquirer: str = ""
    acquiree: str = ""
    final: bool = False
    taxed: bool | None = None
    per_share: Decimal | None = None
    guessed: bool = False
    comment: str = ""


@dataclass(frozen=True)
class OrderRequest:
    """What is to be bought or sold; exactly one of `quantity` (shares) and `amount` (dollars).

    `side`: BUY or SELL. `kind`: MARKET, LIMIT, STOP or MARKET_IF_TOUCHED; all but MARKET have a
    `price` and whole shares. `time_in_force`: DAY, GTC or FILL_OR_KILL; empty: the broker's usual.

    :raises ValueError: a request that no broker could take
    """

    account_number: str
    symbol: str
    side: str = "BUY"
    kind: str = "MARKET"
    quantity: Decimal | None = None
    amount: Decimal | None = None
    price: Decimal | None = None
    time_in_force: str = ""
    expires_on: date | None = None

    def __post_init__(self) -> None:
        sizes = [size for size in (self.quantity, self.amount) if size is not None]
        if len(sizes) != 1 or sizes[0] <= 0:
            raise ValueError("An order has either a quantity or an amount, above zero.")
        if (self.kind == "MARKET") != (self.price is None):
            raise ValueError("A market order has no price, every other order has one.")
        if self.kind != "MARKET" and (self.quantity is None or self.quantity % 1):
            raise ValueError("An order with a price is for whole shares.")


@dataclass(frozen=True)
class OrderState:
    """`status` is a value of Order.Status; `quantity` is what filled so far.

    `cost`: dollars of what filled, before `fees`. `canceling`:
    the broker has been asked to cancel and has not said yet what became of it.
    What was asked for: `symbol`, `side`, `kind`, `asked_quantity` or `asked_amount`, `price`. Empty
    where the broker's answer does not repeat it.
    """

    id: str
    number: str
    status: str
    vendor_status: str
    quantity: Decimal = ZERO
    average_price: Decimal | None = None
    cost: Decimal = ZERO
    fees: Decimal = ZERO
    executed_at: datetime | None = None
    failure: str = ""
    symbol: str = ""
    side: str = ""
    kind: str = ""
    asked_quantity: Decimal | None = None
    asked_amount: Decimal | None = None
    price: Decimal | None = None
    reference: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    canceling: bool = False


@dataclass(frozen=True)
class Security:
    """`kind` and `status` are values of Instrument.Kind and Instrument.Status."""

    id: str
    symbol: str
    name: str
    kind: str
    status: str


@dataclass(frozen=True)
class SecurityTerms:
    """How one security trades: sizes in shares, `settlement_days` after the trade.

    Whether it is a stock or an ETF only the catalogue (`list_securities`) tells.
    """

    id: str
    symbol: str
    name: str
    status: str
    smallest_order: Decimal | None = None
    largest_order: Decimal | None = None
    order_step: Decimal | None = None
    settlement_days: int | None = None


@dataclass(frozen=True)
class Quote:
    """`price` is the last trade's; `halted`: the exchange has stopped trading."""

    symbol: str
    price: Decimal
    bid: Decimal | None = None
    ask: Decimal | None = None
    previous_close: Decimal | None = None
    halted: bool = False


@dataclass(frozen=True)
class BankDetails:
    """`kind`: CHECKING or SAVINGS."""

    routing_number: str
    account_number: str
    kind: str
    nickname: str = field(default="")


@dataclass(frozen=True)
class PlaidBank:
    """A bank account by the processor token Plaid made for the broker.

    `account_id` is Plaid's own of the account; `kind`: CHECKING or SAVINGS.
    """

    processor_token: str = field(repr=False)
    nickname: str = ""
    account_id: str = field(default="", repr=False)
    kind: str = ""


@dataclass(frozen=True)
class BankState:
    """`status`: ACTIVE, DISABLED or REMOVED. What the broker does not tell is empty."""

    id: str
    status: str
    last4: str
    bank_name: str = ""
    nickname: str = ""
    routing_number: str = field(default="", repr=False)


@dataclass(frozen=True)
class Coordinates:
    """Where a bank sends money to; what the broker does not tell is empty."""

    beneficiary: str
    beneficiary_address: str
    account_number: str
    routing_number: str
    bank: str
    bank_address: str
    swift: str = ""


@dataclass(frozen=True)
class DepositInstructions:
    """How to push money into an account; None where the broker offers no such way."""

    wire: Coordinates | None
    foreign_wire: Coordinates | None
    ach: Coordinates | None


@dataclass(frozen=True)
class Paper:
    """A statement, trade confirmation or tax form. `key` fetches it; `on`: its day, if told."""

    key: str
    name: str
    on: date | None


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
    BANKS = "banks"  # all of a user's
    DEPOSIT = "deposit"
    ORDER = "order"
    SECURITY = "security"
    PAPERS = "papers"  # statements, confirmations and tax forms of an account


@dataclass(frozen=True)
class News:
    """What to look at again; `id` is the broker's, `reference` ours where the event tells it.

    Of a spin-off: symbols of the company that gave shares, `giver`, and of the shares that `came`.
    """

    subject: Subject
    id: str
    reference: str = ""
    giver: str = ""
    came: str = ""
