"""The purchase engine's rows: one intent, its deposit, its order."""

import uuid
from decimal import Decimal
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


class Deposit(Row, Stateful):
    """A bank debit into a child's account, written before the broker hears of it."""

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("About to be sent")
        PENDING = "PENDING", _("On its way")
        ON_HOLD = "ON_HOLD", _("Held by the broker")
        SETTLED = "SETTLED", _("Arrived")
        FAILED = "FAILED", _("Did not work")
        RETURNED = "RETURNED", _("Returned by the bank")

    MOVES: ClassVar = {
        Status.INTENDED: {
            Status.PENDING,
            Status.ON_HOLD,
            Status.SETTLED,
            Status.FAILED,
            Status.RETURNED,
        },
        Status.PENDING: {Status.ON_HOLD, Status.SETTLED, Status.FAILED, Status.RETURNED},
        Status.ON_HOLD: {Status.PENDING, Status.SETTLED, Status.FAILED, Status.RETURNED},
        Status.SETTLED: {Status.RETURNED},
    }
    LIVE: ClassVar = (Status.INTENDED, Status.PENDING, Status.ON_HOLD, Status.SETTLED)

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="deposits")
    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="deposits")
    bank = models.ForeignKey(BankAccount, models.PROTECT, related_name="deposits")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Idempotency key")
    vendor_id = models.CharField(max_length=100, blank=True)
    vendor_status = models.CharField(max_length=40, blank=True, help_text="As the broker says it")
    sent_at = models.DateTimeField(null=True)
    expected_on = models.DateField(null=True, help_text="Banking day on which it should arrive")
    settled_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["purchase"],
                condition=Q(status__in=["INTENDED", "PENDING", "ON_HOLD", "SETTLED"]),
                name="deposit_one_live",
            ),
            models.UniqueConstraint(
                fields=["vendor_id"], condition=~Q(vendor_id=""), name="deposit_vendor_id"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="deposit_amount_positive"),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"deposit {str(self.pk)[:8]}"


class Order(Row, Stateful):
    """An order for shares, written before the broker hears of it."""

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("About to be sent")
        NEW = "NEW", _("Placed")
        PARTIAL_FILL = "PARTIAL_FILL", _("Partly filled")
        FILLED = "FILLED", _("Filled")
        CANCELED = "CANCELED", _("Canceled")
        REJECTED = "REJECTED", _("Rejected")

    MOVES: ClassVar = {
        Status.INTENDED: set(Status) - {Status.INTENDED},
        Status.NEW: {Status.PARTIAL_FILL, Status.FILLED, Status.CANCELED, Status.REJECTED},
        Status.PARTIAL_FILL: {Status.FILLED, Status.CANCELED},
    }

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="orders")
    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="orders")
    instrument = models.ForeignKey(Instrument, models.PROTECT)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Idempotency key")
    vendor_id = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=40, blank=True)
    vendor_status = models.CharField(max_length=40, blank=True, help_text="As the broker says it")
    sent_at = models.DateTimeField(null=True)
    expected_on = models.DateField(null=True, help_text="Trading day on which it should fill")
    filled_at = models.DateTimeField(null=True)
    quantity = models.DecimalField(max_digits=24, decimal_places=8, default=Decimal(0))
    average_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    cost = models.DecimalField(max_digits=18, decimal_places=2, default=Decimal(0))
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["purchase"],
                condition=Q(status__in=["INTENDED", "NEW", "PARTIAL_FILL", "FILLED"]),
                name="order_one_live",
            ),
            models.UniqueConstraint(
                fields=["vendor_id"], condition=~Q(vendor_id=""), name="order_vendor_id"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_amount_positive"),
            models.CheckConstraint(
                condition=~Q(status="FILLED") | Q(quantity__gt=0), name="order_filled_has_shares"
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"order {str(self.pk)[:8]}"
