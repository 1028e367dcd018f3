"""Pictures of identity documents on their way to the broker, and papers the broker issued."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from brokerage.models.accounts import BrokerAccount, BrokerUser
from brokerage.models.rows import Row
from core.driven import Driven
from core.fields import EncryptedTextField
from core.stateful import HeldMoves, Stateful


class IdDocument(Row, Driven, Stateful):
    """A picture of an identity document; its content is erased once the broker has it."""

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("About to be sent")
        SENT = "SENT", _("With the broker")
        ACCEPTED = "ACCEPTED", _("Accepted")
        REFUSED = "REFUSED", _("Not accepted")

    class Kind(models.TextChoices):
        DRIVER_LICENSE = "DRIVER_LICENSE", _("Driver's license")
        PASSPORT = "PASSPORT", _("Passport")
        NATIONAL_ID_CARD = "NATIONAL_ID_CARD", _("State or national ID card")
        RESIDENCE_PERMIT = "RESIDENCE_PERMIT", _("Residence permit")
        VISA = "VISA", _("Visa")
        WORK_PERMIT = "WORK_PERMIT", _("Work permit")
        VOTER_ID = "VOTER_ID", _("Voter ID")

    class Side(models.TextChoices):
        FRONT = "FRONT", _("Front")
        BACK = "BACK", _("Back")

    MOVES: ClassVar = {
        Status.INTENDED: {Status.SENT, Status.REFUSED},
        Status.SENT: {Status.ACCEPTED, Status.REFUSED},
    }

    holder = models.ForeignKey(BrokerUser, models.PROTECT, related_name="id_documents")
    kind = models.CharField(max_length=20, choices=Kind)
    side = models.CharField(max_length=5, choices=Side, default=Side.FRONT)
    status = models.CharField(max_length=8, choices=Status, default=Status.INTENDED)
    content = EncryptedTextField(blank=True, help_text="Base64; empty once the broker has it")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the file")
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Idempotency key")
    vendor_id = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True, help_text="In plain words")

    class Meta:
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_side_display().lower()}"


class AccountPaper(models.Model):
    """A statement, trade confirmation or tax form; the file stays with the broker."""

    class Kind(models.TextChoices):
        STATEMENT = "STATEMENT", _("Statement")
        CONFIRMATION = "CONFIRMATION", _("Trade confirmation")
        TAX_FORM = "TAX_FORM", _("Tax form")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=12, choices=Kind)
    vendor_id = models.CharField(max_length=200, help_text="The broker's key of the file")
    name = models.CharField(max_length=200)
    on = models.DateField(null=True)
    noticed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "vendor_id"], name="account_paper_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                "account",
                models.F("on").desc(nulls_last=True),
                models.F("id").desc(),
                name="account_paper_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on or ''}".strip()
