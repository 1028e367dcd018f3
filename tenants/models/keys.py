"""Keys with which tenants' servers call `/api/v1/`."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models.tenants import Tenant


class Mode(models.TextChoices):
    """Whether a key works on practice data or on real people's."""

    TEST = "test", _("Sandbox")
    LIVE = "live", _("Live")


class Scope(models.TextChoices):
    """What a key may be used for."""

    TENANT_READ = "tenant:read", _("Read branding and settings")
    PHONE = "phone", _("Verify phone numbers")
    PLAID = "plaid", _("Link banks through Plaid")
    PREFILL = "prefill", _("Prefill forms")
    USERS_READ = "users:read", _("Read your users")
    USERS_WRITE = "users:write", _("Change your users")


CLIENT_SCOPES = frozenset({Scope.PHONE, Scope.PLAID, Scope.PREFILL})  # a browser may have


class ApiKey(models.Model):
    """A key without its secret, of which we keep a hash only (`tenants.secrets`).

    It also stands for the caller: `request.user` of a request that carries the key.
    """

    is_authenticated = True
    is_anonymous = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=60)
    mode = models.CharField(max_length=4, choices=Mode)
    prefix = models.CharField(max_length=20, unique=True, help_text="How the key begins")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole key")
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    form_key = models.UUIDField(unique=True, help_text="Of the request that made it: a repeat")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Works until then, once a new key has taken its place"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute")
    replaced_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces"
    )

    class Meta:
        verbose_name = "API key"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(replaced_by__isnull=True) | models.Q(expires_at__isnull=False),
                name="api_key_replaced_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def idempotency_owner(self) -> str:
        """Whose `Idempotency-Key`s it sends: its tenant's, and a rotated key's repeat is one."""
        return f"tenants.tenant:{self.tenant_id}:{self.mode}"

    def works_at(self, at: datetime) -> bool:
        """Say whether the key opens anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class KeyUse(models.Model):
    """How often a key was used in the present minute: the counter of its rate limit."""

    key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="use")
    window = models.DateTimeField(help_text="The beginning of the minute")
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.used} since {self.window:%H:%M}"
