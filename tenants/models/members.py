"""Who works for a tenant, and as what."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models.tenants import Tenant


class Role(models.TextChoices):
    """What a member may do is in `tenants.rules.PERMISSIONS`."""

    TENANT_ADMIN = "tenant_admin", _("Administrator")
    DEVELOPER = "developer", _("Developer")
    SUPPORT = "support", _("Support")


class Membership(models.Model):
    """One user's place in one tenant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {str(self.pk)[:8]}"
