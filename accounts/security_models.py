"""What keeps a sign-in safe: browsers a user has signed in with, and mail about changes."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from core.driven import Driven
from core.fields import EncryptedCharField, EncryptedTextField


class KnownBrowser(models.Model):
    """A browser or app a user has signed in with; it is known by its cookie, or by its traces.

    Holds keyed hashes only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_browsers"
    )
    token_hash = models.CharField(max_length=64, unique=True, help_text="Of its cookie")
    traces = models.CharField(max_length=64, help_text="Keyed hash of address and browser")
    address = models.CharField(max_length=64, help_text="Keyed hash of the address")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "address"], name="known_by_address")]

    def __str__(self) -> str:
        return f"browser {str(self.pk)[:8]}"


class SecurityNote(Driven):
    """One mail about the safety of somebody's sign-in, as it was written; sent once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="security_notes"
    )
    kind = models.CharField(max_length=40)
    to = EncryptedCharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = EncryptedTextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} to {self.user}"
