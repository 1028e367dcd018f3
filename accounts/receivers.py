"""A new user becomes a parent of the default tenant."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest

from accounts import agreements
from accounts.models import Consent, User
from accounts.operations import create_parent, give_consent
from core import clock
from tenants.models import get_default_tenant


def on_user_signed_up(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Make the parent, and keep what was agreed to by signing up, on a page or in the app."""
    at = clock.now()
    with transaction.atomic():
        parent = create_parent(user=user, tenant=get_default_tenant(), at=at)
        give_consent(
            parent=parent,
            kind=Consent.Kind.TERMS,
            text=str(agreements.TERMS),
            at=at,
            ip_address=get_adapter().get_client_ip(request),
        )
