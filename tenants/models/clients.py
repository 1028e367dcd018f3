"""What a browser calls `/api/v1/` with."""

import uuid

from django.db import models

from tenants.models.keys import CLIENT_SCOPES, ApiKey
from tenants.models.tenants import Tenant


class ClientToken(models.Model):
    """A token for one person's browser, made with a key and working no longer than that key.

    `subject` is the person; who that is we are not told here. Kept without its secret, like a key,
    and like a key it stands for the caller: `request.user` of a request that carries it.
    """

    is_authenticated = True
    is_anonymous = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="client_tokens")
    subject = models.UUIDField(help_text="The only person it may touch")
    prefix = models.CharField(max_length=20, unique=True, help_text="How the token begins")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole token")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def idempotency_owner(self) -> str:
        """Whose `Idempotency-Key`s it sends: this one person's, never another's of the tenant."""
        return f"{self.key.idempotency_owner}:{self.subject}"

    @property
    def scopes(self) -> list[str]:
        """What it may be used for: what its key may, as far as a browser should."""
        return sorted(CLIENT_SCOPES.intersection(self.key.scopes))
