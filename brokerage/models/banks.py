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
        ACTIVE = "ACTIVE", _("Linked")
        REFUSED = "REFUSED", _("Not accepted")
        DISABLED = "DISABLED", _("Disabled")
        REMOVED = "REMOVED", _("Removed")

    class Kind(models.TextChoices):
        CHECKING = "CHECKING", _("Checking")
        SAVINGS = "SAVINGS", _("Savings")

    MOVES: ClassVar = {
        Status.INTENDED: {Status.ACTIVE, Status.REFUSED},
        Status.ACTIVE: {Status.DISABLED, Status.REMOVED},
        Status.DISABLED: {Status.ACTIVE, Status.REMOVED},
        Status.REFUSED: {Status.REMOVED},
    }

    parent = models.ForeignKey(Parent, models.PROTECT, related_name="banks")
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    kind = models.CharField(max_length=10, choices=Kind)
    nickname = models.CharField(max_length=40, blank=True)
    routing_number = EncryptedCharField(max_length=9)
    account_number = EncryptedCharField(max_length=17)
    last4 = models.CharField(max_length=4)
    number_index = models.CharField(max_length=64, help_text="Keyed hash, to find one linked twice")
    key = models.UUIDField(default=uuid.uuid4, help_text="Idempotency key of its creation")
    vendor_id = models.CharField(max_length=100, blank=True)
    is_primary = models.BooleanField(default=False)
    refusal = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent"], condition=Q(is_primary=True), name="bank_one_primary"
            ),
            models.UniqueConstraint(
                fields=["parent", "number_index"],
                condition=Q(status__in=["INTENDED", "ACTIVE", "DISABLED"]),
                name="bank_linked_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE") | ~Q(vendor_id=""), name="bank_active_is_known"
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ••{self.last4}"
