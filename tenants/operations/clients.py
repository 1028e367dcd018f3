"""Making tokens for browsers."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed
from tenants.models import ApiKey, ClientToken
from tenants.models.keys import CLIENT_SCOPES
from tenants.secrets import CLIENT_TOKEN, make_key

LIFETIME = timedelta(minutes=30)


@transaction.atomic
def create_client_token(*, key: ApiKey, subject: UUID, at: datetime) -> tuple[ClientToken, str]:
    """Make a token for one person's browser; return it and its text, which is kept nowhere.

    :param subject: the only person it may touch; the caller knows that it is the tenant's
    :raises NotAllowed: the key may do nothing that a browser should
    """
    if not CLIENT_SCOPES.intersection(key.scopes):
        message = _("A client token needs a key with one of the scopes phone, plaid and prefill.")
        raise NotAllowed(message, code="insufficient_scope")
    new = make_key(key.mode, kind=CLIENT_TOKEN)
    token = ClientToken.objects.create(
        tenant_id=key.tenant_id,
        key=key,
        subject=subject,
        prefix=new.prefix,
        digest=new.digest,
        created_at=at,
        expires_at=at + LIFETIME,
    )
    audit.record("client_token.created", token, by=key, at=at, person=subject)
    return token, new.text
