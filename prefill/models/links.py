"""What a browser opens Plaid with."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedCharField
from core.stateful import HeldMoves, Stateful
from prefill.models.applicants import Applicant
from tenants.models import Mode


class LinkSession(Stateful):
    """One link token: a Layer session, a new bank by Link, or the repair of an Item.

    Plaid's webhooks name a session by its link token only; `token_index` finds it.
    """

    class Kind(models.TextChoices):
        LAYER = "layer", _("Layer")
        LINK = "link", _("Link")
        UPDATE = "update", _("Repair")

    class Status(models.TextChoices):
        CREATED = "CREATED", _("Created")
        FINISHING = "FINISHING", _("Being exchanged")
        FINISHED = "FINISHED", _("Finished")
        EXITED = "EXITED", _("Left")

    MOVES: ClassVar = {
        Status.CREATED: {Status.FINISHING, Status.FINISHED, Status.EXITED},
        Status.EXITED: {Status.FINISHING, Status.FINISHED},
        Status.FINISHING: {Status.FINISHED, Status.CREATED},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    mode = models.CharField(max_length=4, choices=Mode)
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="link_sessions")
    kind = models.CharField(max_length=6, choices=Kind)
    status = models.CharField(max_length=9, choices=Status, default=Status.CREATED)
    item = models.ForeignKey(
        "prefill.PlaidItem", models.PROTECT, null=True, related_name="repairs"
    )  # of an UPDATE
    link_token = EncryptedCharField(max_length=200)
    token_index = models.CharField(max_length=64, unique=True, help_text="Keyed hash of it")
    redirect_uri = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Where a bank leads back to"
    )
    public_token_index = models.CharField(
        max_length=64, blank=True, help_text="Keyed hash of the public token it ended with"
    )
    proven_at = models.DateTimeField(
        null=True, help_text="When Plaid said that the phone is the person's"
    )
    claimed_at = models.DateTimeField(null=True, help_text="When the exchange began")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        triggers: ClassVar = [HeldMoves()]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["public_token_index"],
                condition=~models.Q(public_token_index=""),
                name="public_token_once",
            ),
        ]

    def is_open_at(self, at: datetime) -> bool:
        """Say whether a browser can still go on with it."""
        is_begun = self.status == self.Status.CREATED and not self.public_token_index
        return is_begun and self.expires_at > at

    def __str__(self) -> str:
        return f"{self.kind} session {str(self.pk)[:8]}"
