"""What one to-do is, and what is read once for all kinds of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from accounts.models import Child, Parent
from brokerage.models import BankAccount, BrokerAccount, BrokerUser
from prefill.models import PlaidItem


class Kind(StrEnum):
    """What waits, in words that stay the same for programs."""

    EMAIL_UNCONFIRMED = "email_unconfirmed"
    IDENTITY_START = "identity_start"
    IDENTITY = "identity"
    ADD_CHILD = "add_child"
    CHILD_IDENTITY = "child_identity"
    ACCOUNT_RESTRICTED = "account_restricted"
    BANK_CONFIRM = "bank_confirm"
    BANK_RESEND = "bank_resend"
    BANK_EXPIRED = "bank_expired"
    BANK_HELD = "bank_held"
    BANK_DISABLED = "bank_disabled"
    BANK_REFUSED = "bank_refused"
    BANK_RECONNECT = "bank_reconnect"
    BANK_ACCESS_ENDED = "bank_access_ended"
    BANK_CHOOSE = "bank_choose"
    BANK_LINK = "bank_link"
    DEBITS_PAUSED = "debits_paused"
    GIFT_WAITING = "gift_waiting"
    GIFTS_ALIKE = "gifts_alike"
    GIFT_FAILED = "gift_failed"
    DEPOSIT_FAILED = "deposit_failed"
    ORDER_ENDED = "order_ended"
    TRUSTED_CONTACT = "trusted_contact"


@dataclass(frozen=True)
class ToDo:
    """One thing that waits. `id` stays the same while it waits; `kind` is stable for programs."""

    id: str
    kind: Kind
    title: str
    text: str
    url: str
    action: str
    in_setup: bool = False  # a step of "Getting ready"
    can_put_away: bool = False
    number: int = 1

    @property
    def icon(self) -> str:
        """Return the picture beside it: a gift, a bank, or a warning."""
        about = self.kind.partition("_")[0]
        return {"gift": "gift", "gifts": "gift", "bank": "bank"}.get(about, "alert")


@dataclass
class Family:
    """What is read once for all kinds."""

    parent: Parent
    children: list[Child]
    accounts: dict[UUID, BrokerAccount]
    banks: list[BankAccount]
    items: list[PlaidItem]
    user: BrokerUser | None
    at: datetime

    @property
    def is_known(self) -> bool:
        return hasattr(self.parent, "profile")
