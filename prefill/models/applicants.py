"""People whose form is filled in, what they agreed to, and how far down the ladder they are."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.driven import Driven
from core.fields import EncryptedCharField
from core.models import append_only
from core.stateful import HeldMoves, Stateful
from tenants.models import Mode


class Applicant(Driven, Stateful):
    """Somebody a tenant's form is filled for: one of its users, or a parent of ours.

    Live people and the practice people of a tenant's sandbox keys never meet. `id` is also what
    vendors know the person by: it says nothing. After erasure the row is an empty shell, driven
    until the vendors have forgotten the person too.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        ERASED = "ERASED", _("Erased")

    MOVES: ClassVar = {Status.ACTIVE: {Status.ERASED}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="applicants")
    mode = models.CharField(max_length=4, choices=Mode)
    external_id = models.CharField(
        max_length=255, blank=True, help_text="The tenant's own name of the person"
    )
    parent = models.OneToOneField(
        "accounts.Parent", models.PROTECT, null=True, blank=True, related_name="applicant"
    )
    status = models.CharField(max_length=6, choices=Status, default=Status.ACTIVE)
    phone = EncryptedCharField(max_length=16, blank=True, help_text="E.164; the last one shown")
    phone_verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When `phone` was proven to be theirs"
    )
    spinwheel_user_id = models.CharField(max_length=100, blank=True)
    metadata = models.JSONField(default=dict, help_text="The tenant's own; no personal data")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        triggers: ClassVar = [HeldMoves()]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mode", "external_id"],
                condition=~models.Q(external_id=""),
                name="applicant_external_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status="ACTIVE")
                | models.Q(external_id="", parent=None, erased_at__isnull=False),
                name="applicant_erased_is_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"applicant {str(self.pk)[:8]}"

    @property
    def is_phone_verified(self) -> bool:
        return self.phone_verified_at is not None


class ApplicantConsent(models.Model):
    """One agreement of an applicant, word for word. Never changed."""

    class Kind(models.TextChoices):
        WRITTEN_INSTRUCTIONS = "WRITTEN_INSTRUCTIONS", _("Written instructions (FCRA)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=24, choices=Kind)
    text_version = models.CharField(max_length=20)
    text = models.TextField()
    given_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} {self.text_version}"


class Rung(models.Model):
    """How one rung of the ladder (`prefill.ladder`) stands for one applicant."""

    class Name(models.TextChoices):
        LAYER = "LAYER", _("Plaid Layer by phone")
        LAYER_DOB = "LAYER_DOB", _("Plaid Layer by phone and date of birth")
        SMS = "SMS", _("Code by text message")
        LINK = "LINK", _("Plaid Link")

    class State(models.TextChoices):
        OFFERED = "OFFERED", _("Offered")
        DONE = "DONE", _("Done")
        CLOSED = "CLOSED", _("Not possible, or not wanted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    applicant = models.ForeignKey(Applicant, models.CASCADE, related_name="rungs")
    name = models.CharField(max_length=9, choices=Name)
    state = models.CharField(max_length=7, choices=State)
    reason = models.CharField(
        max_length=40, blank=True, help_text="A stable word, e.g. vendor_down"
    )
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["applicant", "name"], name="rung_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class ResumeLink(models.Model):
    """A link by which a parent goes on with the form on another device, once and soon."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey("accounts.Parent", models.PROTECT, related_name="resume_links")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    session_key = EncryptedCharField(
        max_length=40, null=True, help_text="Of the session it was made in, whose end is its own"
    )

    def __str__(self) -> str:
        return f"resume link {str(self.pk)[:8]}"
