"""One proof of a phone number by a code."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedCharField, EncryptedDateField
from core.stateful import HeldMoves, Stateful
from prefill.models.applicants import Applicant
from tenants.models import Mode
from tenants.models.tenants import MAX_ATTEMPTS


class PhoneSession(Stateful):
    """A number, the codes sent to it, and the tries.

    `FAILED` is a session without tries left or refused by the vendor. A correct code proves the
    number (`VERIFIED`); whether the person behind it was found as well is `identified`.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Waiting for the code")
        VERIFIED = "VERIFIED", _("Verified")
        FAILED = "FAILED", _("Failed")
        EXPIRED = "EXPIRED", _("Expired")

    MOVES: ClassVar = {Status.PENDING: {Status.VERIFIED, Status.FAILED, Status.EXPIRED}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    mode = models.CharField(max_length=4, choices=Mode)
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="phone_sessions")
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    method = models.CharField(max_length=11, default="sms", help_text="sms or preverified")
    phone = EncryptedCharField(max_length=16, null=True, help_text="E.164")
    phone_index = models.CharField(max_length=64, help_text="Keyed hash of the number")
    date_of_birth = EncryptedDateField(null=True)
    max_attempts = models.PositiveSmallIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    sends = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Texts asked for, answered or not"
    )
    sent_at = models.DateTimeField(null=True, help_text="When the last text was asked for")
    delivery = models.CharField(
        max_length=7, blank=True, help_text="Of the last text: sent, unknown or refused"
    )
    resend_at = models.DateTimeField(null=True, help_text="No text goes out before")
    expires_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    identified = models.BooleanField(null=True, help_text="Empty until a code was correct")
    reason = models.CharField(max_length=40, blank=True, help_text="Why not; a stable word")
    spinwheel_user_id = models.CharField(max_length=100, blank=True)
    spinwheel_connection_id = models.CharField(max_length=100, blank=True)
    ip_address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [HeldMoves()]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(max_attempts__range=(1, MAX_ATTEMPTS))
                & models.Q(attempts__lte=models.F("max_attempts")),
                name="phone_session_attempts",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="VERIFIED") | models.Q(verified_at__isnull=False),
                name="phone_session_verified_at",
            ),
            models.UniqueConstraint(
                fields=["applicant"],
                condition=models.Q(status="PENDING"),
                name="phone_session_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"phone session {str(self.pk)[:8]}"
