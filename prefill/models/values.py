"""What is known for a form: raw answers, values with their source, and how well they were."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedCharField, EncryptedTextField
from prefill.models.applicants import Applicant
from tenants.models import Mode


class Source(models.TextChoices):
    """Where a value comes from, as a person reads it."""

    USER = "user", _("you typed this")
    PHONE = "phone", _("your verified phone")
    LAYER = "layer", _("from Plaid")
    BANK = "bank", _("from your bank")
    BUREAU = "bureau", _("from your credit file")
    TENANT = "tenant", _("from the company")


class RawImport(models.Model):
    """A vendor's answer, word for word but for full SSNs; deleted after PREFILL_RAW_DAYS."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="imports")
    source = models.CharField(max_length=8, choices=Source)
    kind = models.CharField(max_length=30, help_text="Which answer: layer, identity, profile, …")
    origin = models.CharField(max_length=100, blank=True, help_text="The Item or session it is of")
    payload = EncryptedTextField(help_text="JSON")
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["received_at"], name="raw_import_by_age")]

    def __str__(self) -> str:
        return f"{self.kind} import {str(self.pk)[:8]}"


class FieldValue(models.Model):
    """One field's value by one source. `prefill.engine.conflicts` says which is shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="values")
    path = models.CharField(max_length=60, help_text="E.g. personal_info.first_name")
    source = models.CharField(max_length=8, choices=Source)
    value = EncryptedTextField(help_text="JSON")
    confidence = models.DecimalField(max_digits=3, decimal_places=2)
    obtained_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, help_text="When it was first given out as the value")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["applicant", "path", "source"], name="value_once"),
            models.CheckConstraint(
                condition=models.Q(confidence__range=(0, 1)), name="value_confidence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} by {self.source}"


class FieldTally(models.Model):
    """How often values of a source were shown on one day, and how often a person changed them."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    mode = models.CharField(max_length=4, choices=Mode)
    day = models.DateField()
    source = models.CharField(max_length=8, choices=Source)
    path = models.CharField(max_length=60)
    shown = models.PositiveIntegerField(default=0, db_default=0)
    edited = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "field tallies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mode", "day", "source", "path"], name="tally_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} by {self.source} on {self.day}"


class HeldSsn(models.Model):
    """A full number that Plaid gave while its owner was filling in the KYC form; held for hours."""

    applicant = models.OneToOneField(
        Applicant, models.CASCADE, primary_key=True, related_name="held_ssn"
    )
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    ssn = EncryptedCharField(max_length=9, help_text="Nine digits")
    held_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"held number of {self.applicant_id}"
