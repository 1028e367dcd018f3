"""Purchases: one intent each, of which the engine makes a deposit and an order."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent
from brokerage.models.accounts import BrokerAccount
from brokerage.models.banks import BankAccount
from brokerage.models.positions import Instrument
from brokerage.models.rows import Row
from core.driven import Driven
from core.stateful import HeldMoves, Stateful


class Purchase(Row, Driven, Stateful):
    """One intent: buy $amount of an instrument for an account, paid by a bank, for a reference."""

    class Status(models.TextChoices):
        QUEUED = "QUEUED", _("Waiting to start")
        FUNDING = "FUNDING", _("Money is on its way")
        FUNDED = "FUNDED", _("Money has arrived")
        ORDERING = "ORDERING", _("Shares are being bought")
        EXECUTED = "EXECUTED", _("Shares bought")
        FAILED = "FAILED", _("Did not work")
        CANCELED = "CANCELED", _("Canceled")
        RETURNED = "RETURNED", _("The bank took the money back")

    MOVES: ClassVar = {
        Status.QUEUED: {Status.FUNDING, Status.FAILED, Status.CANCELED},
        Status.FUNDING: {Status.FUNDED, Status.FAILED, Status.RETURNED},
        Status.FUNDED: {Status.ORDERING, Status.FAILED, Status.RETURNED},
        Status.ORDERING: {Status.EXECUTED, Status.FAILED, Status.RETURNED},
        Status.EXECUTED: {Status.RETURNED},
        Status.FAILED: {Status.RETURNED},
    }

    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="purchases")
    bank = models.ForeignKey(BankAccount, models.PROTECT, related_name="purchases")
    instrument = models.ForeignKey(Instrument, models.PROTECT)
    authorization = models.OneToOneField(Consent, models.PROTECT, related_name="purchase")
    reference = models.UUIDField(unique=True, help_text="Whom it is for, e.g. the gift's id")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    failure = models.CharField(max_length=200, blank=True, help_text="In plain words")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="purchase_amount_positive"),
            models.CheckConstraint(
                condition=~Q(status__in=["FAILED", "CANCELED", "RETURNED"]) | ~Q(failure=""),
                name="purchase_end_has_reason",
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"purchase {str(self.pk)[:8]}"
