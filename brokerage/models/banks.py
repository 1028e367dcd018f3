"""Bank accounts that pay in."""

import hmac
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent
from brokerage.models.rows import Row
from brokerage.models.traced import Asked
from core.clock import NEW_YORK
from core.driven import Driven
from core.fields import EncryptedCharField
from core.stateful import HeldMoves, Stateful


class BankAccount(Row, Driven, Asked, Stateful):
    """A bank account that pays in, held by a parent."""

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("Being linked")
        VERIFYING = "VERIFYING", _("Waiting for you to confirm it")
        HELD = "HELD", _("In another name")
        ACTIVE = "ACTIVE", _("Linked")
        REFUSED = "REFUSED", _("Not accepted")
        DISABLED = "DISABLED", _("Disabled")
        REMOVED = "REMOVED", _("Removed")

    class Source(models.TextChoices):
        NUMBERS = "NUMBERS", _("Typed numbers")
        PLAID = "PLAID", _("Plaid")

    class Owner(models.TextChoices):
        """How the names its bank has for it compare with the parent's legal name."""

        MATCHES = "MATCHES", _("In the parent's name")
        UNKNOWN = "UNKNOWN", _("The bank tells no name")
        DIFFERS = "DIFFERS", _("In another name")
        ACCEPTED = "ACCEPTED", _("In another name, accepted by staff")
        REFUSED = "REFUSED", _("In another name, refused by staff")

    class Kind(models.TextChoices):
        CHECKING = "CHECKING", _("Checking")
        SAVINGS = "SAVINGS", _("Savings")

    MOVES: ClassVar = {
        Status.INTENDED: {
            Status.VERIFYING,
            Status.HELD,
            Status.ACTIVE,
            Status.REFUSED,
            Status.REMOVED,
        },
        Status.VERIFYING: {Status.INTENDED, Status.ACTIVE, Status.REFUSED, Status.REMOVED},
        Status.HELD: {Status.INTENDED, Status.REFUSED, Status.REMOVED},
        Status.ACTIVE: {Status.DISABLED, Status.REMOVED},
        Status.DISABLED: {Status.ACTIVE, Status.REMOVED},
        Status.REFUSED: {Status.REMOVED},
    }

    parent = models.ForeignKey(Parent, models.PROTECT, related_name="banks")
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    kind = models.CharField(max_length=10, choices=Kind)
    nickname = models.CharField(max_length=40, blank=True)
    source = models.CharField(
        max_length=8, choices=Source, default=Source.NUMBERS, db_default="NUMBERS"
    )
    routing_number = EncryptedCharField(max_length=9, blank=True)
    account_number = EncryptedCharField(max_length=17, blank=True)
    processor_token = EncryptedCharField(
        max_length=200, null=True, blank=True, help_text="Plaid's, for the broker; used once"
    )
    bank_name = models.CharField(max_length=100, blank=True, db_default="")
    last4 = models.CharField(max_length=4)
    number_index = models.CharField(max_length=64, help_text="Keyed hash, to find one linked twice")
    key = models.UUIDField(default=uuid.uuid4, help_text="Idempotency key of its creation")
    vendor_id = models.CharField(max_length=100, blank=True)
    verified_at = models.DateTimeField(null=True, help_text="Shown to be the parent's own")
    owner = models.CharField(
        max_length=8, choices=Owner, blank=True, db_default="", help_text="Of those by Plaid only"
    )
    owner_index = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        help_text="Keyed hash of the names staff decided about",
    )
    is_primary = models.BooleanField(default=False)
    refusal = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent"], condition=Q(is_primary=True), name="bank_one_primary"
            ),
            models.UniqueConstraint(
                fields=["parent", "number_index"],
                condition=Q(status__in=["INTENDED", "VERIFYING", "HELD", "ACTIVE", "DISABLED"]),
                name="bank_linked_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE") | ~Q(vendor_id=""), name="bank_active_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE") | ~Q(owner__in=["DIFFERS", "REFUSED"]),
                name="bank_active_is_the_parents",
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        shown = f"••{self.last4}" if self.last4 else self.bank_name
        return f"{self.get_kind_display()} {shown}".strip()

    @property
    def resends_left(self) -> int:
        """Return how often new amounts may still be sent to it."""
        left: int = 1 + settings.MICRO_DEPOSITS_RESENDS - self.micro_deposits.count()
        return left


class MicroDeposits(Row, Driven):
    """Two small amounts sent to a bank account; who can name them can see into it."""

    TRIES: ClassVar = 3

    bank = models.ForeignKey(BankAccount, models.PROTECT, related_name="micro_deposits")
    amounts = EncryptedCharField(max_length=20, help_text="Two numbers of cents, e.g. 12,34")
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Idempotency key")
    vendor_id = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True)
    expected_on = models.DateField(null=True, help_text="Banking day on which they should arrive")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Wrong guesses")
    ended_at = models.DateTimeField(null=True, help_text="Confirmed, or no more tries")

    class Meta:
        verbose_name_plural = "micro-deposits"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bank"], condition=Q(ended_at__isnull=True), name="micro_deposits_one_open"
            ),
            models.CheckConstraint(condition=Q(tries__lte=3), name="micro_deposits_three_tries"),
        ]

    def __str__(self) -> str:
        return f"micro-deposits {str(self.pk)[:8]}"

    @staticmethod
    def write(cents: tuple[int, int]) -> str:
        """Return two amounts as they are stored: always five characters, the smaller one first."""
        return ",".join(f"{amount:02d}" for amount in sorted(cents))

    def are(self, cents: tuple[int, int]) -> bool:
        """Say whether these are the amounts, in either order, in constant time."""
        return hmac.compare_digest(self.amounts.encode(), self.write(cents).encode())

    def in_dollars(self) -> tuple[Decimal, Decimal]:
        """Return the amounts in dollars."""
        first, second = (Decimal(cents) / 100 for cents in self.amounts.split(","))
        return first, second

    def can_be_replaced(self, at: datetime) -> bool:
        """Say whether new amounts may be sent: the day after these should have come, or expired."""
        if self.ended_at:
            return True
        arrives = self.expected_on
        return arrives is not None and at.astimezone(NEW_YORK).date() > arrives

    @property
    def tries_left(self) -> int:
        return self.TRIES - self.tries

    @property
    def expires_at(self) -> datetime | None:
        """Return until when the amounts can be named; None while they are not sent."""
        if self.sent_at is None:
            return None
        return self.sent_at + timedelta(days=settings.MICRO_DEPOSITS_DAYS)
