"""Bank accounts that pay in."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent
from brokerage.models.rows import Row
from core.driven import Driven
from core.fields import EncryptedCharField
from core.stateful import HeldMoves, Stateful


class BankAccount(Row, Driven, Stateful):
    """A bank account that pays in, held by a parent."""

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("Being linked")
        VERIFYING = "VERIFYING", _("Waiting for you to confirm it")
        ACTIVE = "ACTIVE", _("Linked")
        REFUSED = "REFUSED", _("Not accepted")
        DISABLED = "DISABLED", _("Disabled")
        REMOVED = "REMOVED", _("Removed")

    class Source(models.TextChoices):
        NUMBERS = "NUMBERS", _("Typed numbers")
        PLAID = "PLAID", _("Plaid")

    class Kind(models.TextChoices):
        CHECKING = "CHECKING", _("Checking")
        SAVINGS = "SAVINGS", _("Savings")

    MOVES: ClassVar = {
        Status.INTENDED: {Status.VERIFYING, Status.ACTIVE, Status.REFUSED, Status.REMOVED},
        Status.VERIFYING: {Status.INTENDED, Status.ACTIVE, Status.REFUSED, Status.REMOVED},
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
    is_primary = models.BooleanField(default=False)
    refusal = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent"], condition=Q(is_primary=True), name="bank_one_primary"
            ),
            models.UniqueConstraint(
                fields=["parent", "number_index"],
                condition=Q(status__in=["INTENDED", "VERIFYING", "ACTIVE", "DISABLED"]),
                name="bank_linked_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE") | ~Q(vendor_id=""), name="bank_active_is_known"
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ••{self.last4}"


class MicroDeposits(Row, Driven):
    """Two small amounts sent to a bank account; who can name them can see into it."""

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
