"""Whom the broker was told to be a customer's trusted contact, account by account."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TrustedContact
from brokerage.models.accounts import BrokerAccount
from brokerage.models.rows import Row
from core.driven import Driven
from core.stateful import HeldMoves, Stateful


class ContactNotice(Row, Driven, Stateful):
    """The customer's answer of whom they trust, on its way to one account at the broker.

    `answer` is what is to be told; a newer one makes the row due again.
    """

    class Status(models.TextChoices):
        DUE = "DUE", _("To be told to the broker")
        TOLD = "TOLD", _("The broker has it")
        REFUSED = "REFUSED", _("The broker did not take it")

    MOVES: ClassVar = {
        Status.DUE: {Status.TOLD, Status.REFUSED},
        Status.TOLD: {Status.DUE},
        Status.REFUSED: {Status.DUE},
    }

    account = models.OneToOneField(BrokerAccount, models.PROTECT, related_name="contact_notice")
    answer = models.ForeignKey(TrustedContact, models.PROTECT, related_name="notices")
    status = models.CharField(max_length=8, choices=Status, default=Status.DUE)
    told_at = models.DateTimeField(null=True, help_text="When the broker last took an answer")
    refusal = models.CharField(max_length=20, blank=True, help_text="The broker's code")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status="TOLD") | Q(told_at__isnull=False), name="contact_told_when"
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"trusted contact of {self.account}"
