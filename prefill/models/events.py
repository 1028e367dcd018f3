"""The inbox of Plaid's webhooks."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.driven import Driven
from core.fields import EncryptedTextField
from core.stateful import HeldMoves, Stateful
from tenants.models import Mode


class PlaidEvent(Driven, Stateful):
    """One verified webhook, as it came. A hint: what it names is read again at Plaid."""

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        DONE = "DONE", _("Done")
        IGNORED = "IGNORED", _("Not for us")

    MOVES: ClassVar = {Status.RECEIVED: {Status.DONE, Status.IGNORED}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mode = models.CharField(max_length=4, choices=Mode)
    digest = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of the signature: a replay has the same"
    )
    type = models.CharField(max_length=100, help_text="E.g. ITEM.ERROR")
    status = models.CharField(max_length=8, choices=Status, default=Status.RECEIVED)
    payload = EncryptedTextField(help_text="The raw body")
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-received_at"], name="plaid_event_newest")]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.type} {str(self.pk)[:8]}"
