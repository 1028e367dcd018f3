"""What we ask of who verifies phones and of who links banks, in our words.

Both come in two, by `tenants.models.Mode`: live, and the vendors' sandboxes for test keys. Every
method makes one call. All raise `Unavailable` (no usable answer) and `Rejected` (understood and
refused); the codes of `Rejected` are ours.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from django.utils.module_loading import import_string

from core.vendors import Rejected, Unavailable

__all__ = [
    "AccountState",
    "BankLinker",
    "CodeSent",
    "Confirmation",
    "InstructionsGiven",
    "ItemGrant",
    "ItemState",
    "LayerResult",
    "LinkToken",
    "MovementPage",
    "PhoneVerifier",
    "Rejected",
    "Unavailable",
    "get_bank_linker",
    "get_phone_verifier",
]

PHONE_VERIFIER = "prefill.spinwheel.client.Spinwheel"
BANK_LINKER = "prefill.plaid.client.Plaid"


@dataclass(frozen=True)
class InstructionsGiven:
    """When a person gave their written instructions (15 U.S.C. 1681b(a)(2))."""

    at: datetime


@dataclass(frozen=True)
class CodeSent:
    """A code is on its way. `user_id` and `connection_id` are the vendor's."""

    user_id: str
    connection_id: str
    expires_at: datetime | None


@dataclass(frozen=True)
class Confirmation:
    """A code was right. `identified` only where a person was found; `reason` why not: not_found,
    mismatch or ineligible. `profile` is the vendor's record, for the importer.
    """

    identified: bool
    reason: str = ""
    profile: dict[str, Any] = field(default_factory=dict, repr=False)


class PhoneVerifier(Protocol):
    """`Rejected.code`: unsupported_number, too_soon, locked_number, wrong_code, expired,
    too_many_attempts, unknown_user, unclear, misconfigured.

    too_soon: nothing was sent or judged, wait; locked_number: no text to it for a day; unclear: a
    code was judged in words that are not known. It is used, and proves nothing.
    """

    @property
    def preverified(self) -> bool:
        """Say whether it finds people by a number that somebody else proved."""
        ...  # fmt: skip

    def send_code(
        self,
        *,
        phone: str,
        date_of_birth: date,
        reference: str,
        user_id: str,
        instructions: InstructionsGiven,
    ) -> CodeSent:
        """Text a code. Never repeat it by itself: it may have been sent.

        :param phone: E.164
        :param reference: our id of the person; `user_id`: the vendor's, where it is known
        """
        ...  # fmt: skip

    def check_code(self, *, user_id: str, phone: str, code: str) -> Confirmation:
        """Have the code judged that was last texted to the user at this number."""
        ...  # fmt: skip

    def find_by_proven_phone(
        self,
        *,
        phone: str,
        date_of_birth: date,
        reference: str,
        user_id: str,
        instructions: InstructionsGiven,
        proven_at: datetime,
    ) -> tuple[str, Confirmation]:
        """Find the person behind a number somebody else proved already, without a text."""
        ...  # fmt: skip

    def forget(self, user_id: str) -> None:
        """Have the vendor delete the person; forgotten twice is fine."""


@dataclass(frozen=True)
class LinkToken:
    """What a browser opens the linker with."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class ItemGrant:
    """Access to one bank login."""

    item_id: str
    access_token: str = field(repr=False)


@dataclass(frozen=True)
class LayerResult:
    """What a person shared. `raw` holds no full SSN; `ssn` is empty unless it was asked for."""

    phone: str
    items: tuple[ItemGrant, ...]
    raw: dict[str, Any] = field(repr=False)
    ssn: str = field(default="", repr=False)


@dataclass(frozen=True)
class ItemState:
    """A login: at which bank, and for which of the vendor's products."""

    institution_id: str
    products: tuple[str, ...]


@dataclass(frozen=True)
class AccountState:
    """One account as its bank shows it. Amounts in `currency`; None where it tells none.

    `persistent_id` is the same in every login, where the vendor has one; `number_index` is a keyed
    hash of its routing and account numbers, where they were asked for.
    """

    account_id: str
    name: str
    official_name: str
    type: str
    subtype: str
    mask: str
    available: Decimal | None
    current: Decimal | None
    limit: Decimal | None
    currency: str
    persistent_id: str = ""
    number_index: str = ""


@dataclass(frozen=True)
class Movement:
    """One transaction; a positive amount left the account."""

    transaction_id: str
    account_id: str
    amount: Decimal
    currency: str
    happened_on: date
    name: str = field(repr=False)
    category: str
    is_pending: bool


@dataclass(frozen=True)
class MovementPage:
    changed: tuple[Movement, ...]
    removed: tuple[str, ...]
    cursor: str
    has_more: bool


class BankLinker(Protocol):
    """`Rejected.code`: needs_user, gone, used_token, not_ready, mutated, unsupported,
    unknown_key, bad_identity, redirect_refused, misconfigured; its `problems` name the vendor's own
    code. An Item that is in trouble of its own refuses every question about it.

    needs_user: the person must reconnect; gone: access was withdrawn; used_token: a public token
    that is used, expired or unknown; mutated: start the paging over; unknown_key: no webhook is
    signed by it; redirect_refused: the address was not accepted, most likely not registered.

    :param redirect_uri: where a bank that has people sign in on its own site leads back to; empty
        for none
    :param consents: products to be agreed to in addition, as of an Item that lacks them
    """

    @property
    def has_layer(self) -> bool: ...

    def start_layer(self, *, reference: str, redirect_uri: str) -> LinkToken: ...

    def start_link(
        self, *, reference: str, company: str, products: tuple[str, ...],
        countries: tuple[str, ...], language: str, phone: str, redirect_uri: str,
    ) -> LinkToken: ...  # fmt: skip

    def start_repair(
        self, *, reference: str, company: str, countries: tuple[str, ...], language: str,
        access_token: str, redirect_uri: str, consents: tuple[str, ...] = (),
    ) -> LinkToken: ...  # fmt: skip

    def finish_layer(self, public_token: str, *, keep_ssn: bool) -> LayerResult: ...
    def exchange(self, public_token: str) -> ItemGrant: ...
    def get_item(self, access_token: str) -> ItemState: ...
    def list_accounts(self, access_token: str) -> tuple[AccountState, ...]: ...
    def get_identity(self, access_token: str) -> dict[str, Any]: ...
    def takes_debits(self, access_token: str, account_id: str) -> bool: ...
    def index_numbers(self, access_token: str) -> dict[str, str]: ...
    def list_movements(self, access_token: str, cursor: str) -> MovementPage: ...
    def create_processor_token(self, access_token: str, account_id: str) -> str: ...
    def get_institution_name(self, institution_id: str, countries: tuple[str, ...]) -> str: ...
    def remove_item(self, access_token: str) -> None: ...
    def get_webhook_key(self, kid: str) -> dict[str, Any]: ...


@cache
def get_phone_verifier(mode: str) -> PhoneVerifier | None:
    """Return who verifies phones in this mode; None where nobody is configured."""
    verifier: PhoneVerifier | None = import_string(PHONE_VERIFIER).configured(mode)
    return verifier


@cache
def get_bank_linker(mode: str) -> BankLinker | None:
    """Return who links banks in this mode; None where nobody is configured."""
    linker: BankLinker | None = import_string(BANK_LINKER).configured(mode)
    return linker
