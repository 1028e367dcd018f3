"""What we ask of whoever sends micro-deposits for us, in our words.

A micro-deposit is an ACH credit of less than a dollar; whoever can name two of them can see into
the account (Nacha's Micro-Entry rule). The broker verifies no bank account, so we do.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

__all__ = ["Order", "Sender", "Sent", "get_sender", "is_sending_possible"]


@dataclass(frozen=True)
class Order:
    """Two amounts in dollars, and where they go. `kind`: CHECKING or SAVINGS."""

    routing_number: str = field(repr=False)
    account_number: str = field(repr=False)
    kind: str
    amounts: tuple[Decimal, Decimal] = field(repr=False)


@dataclass(frozen=True)
class Sent:
    """How an order stands: PENDING, POSTED or RETURNED, the last with Nacha's code, e.g. R03."""

    id: str
    status: str
    expected_on: date | None = None
    return_code: str = ""


class Sender(Protocol):
    """Sends micro-deposits.

    All raise `Unavailable` (no usable answer; repeat with the same key) and `Rejected` of
    `brokerage.gateway`.
    """

    def send(self, order: Order, *, key: UUID) -> Sent: ...
    def get(self, order_id: str) -> Sent: ...
    def find(self, *, key: UUID) -> Sent | None: ...


def is_sending_possible() -> bool:
    """Say whether this site has a sender; without one no bank is linked by typed numbers."""
    return bool(settings.MICRO_DEPOSITS_URL)


@cache
def get_sender() -> Sender:
    """Return the configured sender; one client per process."""
    sender: Sender = import_string(settings.MICRO_DEPOSITS_SENDER)()
    return sender
