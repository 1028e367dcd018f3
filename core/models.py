"""The audit trail, its seals, the worker's heartbeat, and what we know of vendors."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.fields import EncryptedTextField


def append_only() -> list[pgtrigger.Trigger]:
    """Return the trigger by which PostgreSQL refuses to change, delete or truncate rows."""
    return [
        pgtrigger.Protect(name="no_change", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="no_truncate",
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            func="RAISE EXCEPTION 'append-only: % can not be truncated', TG_TABLE_NAME;",
        ),
    ]


class AuditEntry(models.Model):
    """One fact: who did what to which row, and when. Never holds personal data."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=100, help_text="app.model:id, or the part of the system")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, help_text="app.model:id")
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["subject", "id"], name="audit_subject"),
            models.Index(fields=["actor", "id"], name="audit_actor"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class AuditSeal(models.Model):
    """The link of the hash chain that seals one entry; written in batches by the sealer."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.position}:{self.hash[:12]}"


class IdempotentRequest(models.Model):
    """One request of our API, so that its repeat gets the same answer.

    `status` is empty while the request is being worked on. One that is done in several transactions
    names who does it by `claim`.
    """

    owner = models.CharField(max_length=100, help_text="app.model:id of who asked")
    key = models.CharField(max_length=100, help_text="As the caller sent it")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedTextField(blank=True)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    about = models.UUIDField(
        null=True, db_index=True, help_text="The person in `body`, forgotten with them"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "key"], name="idempotent_request_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotent_by_age")]

    def __str__(self) -> str:
        return f"request {self.pk}"


class Heartbeat(models.Model):
    """When a part of the system last showed that it works."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"


class HaltEnd(models.Model):
    """When staff expect to lift a kill switch, for the people who read that it is on."""

    name = models.CharField(max_length=40, primary_key=True, help_text="Of the switch")
    back_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.back_at:%Y-%m-%d %H:%M} UTC"


class VendorCircuit(models.Model):
    """Whether a vendor is left in peace after repeated failures (`core.vendors.breaker`)."""

    vendor = models.CharField(max_length=40, primary_key=True)
    failures = models.PositiveIntegerField(default=0, db_default=0, help_text="Calls, in a row")
    open_until = models.DateTimeField(
        null=True, blank=True, help_text="No call goes out before; empty while all is well"
    )

    def __str__(self) -> str:
        return f"{self.vendor}: {'resting' if self.open_until else 'working'}"


class VendorAllowance(models.Model):
    """The moments of the last takings from a limited allowance (`core.vendors.allowance`)."""

    name = models.CharField(max_length=200, primary_key=True)
    taken = ArrayField(models.DateTimeField())

    def __str__(self) -> str:
        return self.name
