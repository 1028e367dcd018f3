"""Bank debits into accounts, for a purchase or asked for by the custodian."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent
from brokerage.models.accounts import BrokerAccount
from brokerage.models.banks import BankAccount
from brokerage.models.purchases import Purchase
from brokerage.models.rows import Row
from brokerage.models.traced import Traced
from core.driven import Driven
from core.stateful import HeldMoves, Stateful


class Deposit(Row, Driven, Traced, Stateful):
    """A bank debit into a child's account, written before the broker hears of it.

    One of a purchase is driven by the purchase; one a custodian asked for drives itself.
    """

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

    purchase = models.ForeignKey(Purchase, models.PROTECT, null=True, related_name="deposits")
    authorization = models.OneToOneField(
        Consent, models.PROTECT, null=True, related_name="deposit", help_text="Of one outside gifts"
    )
    form_key = models.UUIDField(
        null=True, unique=True, help_text="One per form shown: a repeat is one deposit"
    )
    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="deposits")
    bank = models.ForeignKey(BankAccount, models.PROTECT, related_name="deposits")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Idempotency key")
    vendor_id = models.CharField(max_length=100, blank=True)
    vendor_status = models.CharField(max_length=40, blank=True, help_text="As the broker says it")
    asked_at = models.DateTimeField(
        null=True, help_text="Written before the first call: the broker may know it since"
    )
    sent_at = models.DateTimeField(null=True)
    expected_on = models.DateField(null=True, help_text="Banking day on which it should arrive")
    settled_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True, help_text="When we heard of the return")
    return_code = models.CharField(
        max_length=4, blank=True, db_default="", help_text="Nacha's, e.g. R01"
    )
    taken_back_by = models.CharField(
        max_length=100, blank=True, db_default="", help_text="The ledger's entry of the return"
    )
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
            models.CheckConstraint(
                condition=Q(purchase__isnull=True) ^ Q(authorization__isnull=True),
                name="deposit_of_purchase_or_authorized",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-created_at", "-id"], name="deposit_newest"),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"deposit {str(self.pk)[:8]}"
