"""What a person at the desk has to look at, and payers whose debits are paused."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent
from brokerage.models.accounts import BrokerAccount
from brokerage.models.banks import BankAccount
from brokerage.models.rows import Row
from core.stateful import HeldMoves, Stateful


class Case(Row, Stateful):
    """Something compliance decides about; closed with a finding. Holds no personal data."""

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        CLOSED = "CLOSED", _("Closed")

    class Kind(models.TextChoices):
        RETURN_LOSS = "RETURN_LOSS", _("Money went back after shares were bought")
        RETURN_RISK = "RETURN_RISK", _("A return that must be looked into")
        BREAK = "BREAK", _("Our books and the broker's differ")
        MOVEMENT = "MOVEMENT", _("The broker booked something unexplained")
        PARKED = "PARKED", _("Work that failed time and again")
        IDENTITY = "IDENTITY", _("A person's identity")
        ACCOUNT = "ACCOUNT", _("An account the broker restricted")
        CONTACT = "CONTACT", _("A trusted contact the broker did not take")
        NUMBER = "NUMBER", _("A tax number given by two families")
        OWNER = "OWNER", _("A bank account in another name")
        BANK = "BANK", _("A bank account the broker refused")
        DOCUMENT = "DOCUMENT", _("Pictures of an ID the broker refused")
        LOST = "LOST", _("Whether the broker got what we asked for")
        ACTION = "ACTION", _("What shares cost after a company's action")
        NUISANCE = "NUISANCE", _("Gifts a family calls a nuisance")
        ODD = "ODD", _("The broker sent something we can not read")
        PAPER = "PAPER", _("Papers to be sent by mail")

    MOVES: ClassVar = {Status.OPEN: {Status.CLOSED}}

    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    subject = models.CharField(max_length=100, help_text="app.model:id of what it is about")
    summary = models.CharField(max_length=300)
    account = models.ForeignKey(BrokerAccount, models.PROTECT, null=True, related_name="cases")
    parent = models.ForeignKey(Parent, models.PROTECT, null=True, related_name="cases")
    loss = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, help_text="Dollars that somebody has to bear"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    finding = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject", "kind"], condition=Q(status="OPEN"), name="case_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN") | ~Q(finding=""), name="case_closed_has_finding"
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({str(self.pk)[:8]})"


class DebitPause(Row):
    """No money is debited from this parent's banks, or from one of them, until staff lift it."""

    parent = models.ForeignKey(Parent, models.PROTECT, related_name="debit_pauses")
    bank = models.ForeignKey(
        BankAccount,
        models.PROTECT,
        null=True,
        related_name="debit_pauses",
        help_text="Only this one, however often it is linked again; empty: all of them",
    )
    code = models.CharField(max_length=4, help_text="Nacha's return code that caused it")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was lifted")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent"],
                condition=Q(lifted_at__isnull=True, bank__isnull=True),
                name="debit_pause_once",
            ),
            models.UniqueConstraint(
                fields=["bank"], condition=Q(lifted_at__isnull=True), name="debit_pause_bank_once"
            ),
        ]

    def __str__(self) -> str:
        return f"debits paused ({self.code})"
