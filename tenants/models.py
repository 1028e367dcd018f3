"""Tenants."""

import uuid

from django.db import models

DEFAULT_SLUG = "stocksprout"


class Tenant(models.Model):
    """A company whose parents use the platform; StockSprout itself is `stocksprout`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


def get_default_tenant() -> Tenant:
    """Return StockSprout's own tenant, which a migration makes."""
    return Tenant.objects.get(slug=DEFAULT_SLUG)
