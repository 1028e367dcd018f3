"""What follows when somebody signs up, signs in, or changes how they sign in."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest

from accounts import agreements, known
from accounts.adapter import tell
from accounts.models import Consent, User
from accounts.operations import create_parent, give_consent
from accounts.unproven import note_sign_up, on_proof
from core import clock
from tenants.models import get_default_tenant


def on_user_signed_up(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Make the parent, and keep what was agreed to by signing up, on a page or in the app."""
    at = clock.now()
    note_sign_up(request, user)
    with transaction.atomic():
        parent = create_parent(user=user, tenant=get_default_tenant(), at=at)
        give_consent(
            parent=parent,
            kind=Consent.Kind.TERMS,
            text=str(agreements.TERMS),
            at=at,
            ip_address=get_adapter().get_client_ip(request),
        )


def on_signed_in(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Remember the browser or app; tell the user of a new one."""
    if not request.META.get("REMOTE_ADDR"):
        return  # nobody: a program of ours
    if known.remember(request, user, at=clock.now()):
        tell(request, user, "new_sign_in")


def on_email_added(*, request: HttpRequest, user: User, email_address: Any, **_kwargs: Any) -> None:
    """Tell the address in use that another one was added."""
    tell(request, user, "email_added", added_email=email_address.email)


def on_email_confirmed(*, request: HttpRequest, email_address: Any, **_kwargs: Any) -> None:
    """Tell the address in use that another one was confirmed; the first one is just signing up."""
    user = email_address.user
    on_proof(request, user, at=clock.now())
    if email_address.email.lower() != user.email.lower():
        tell(request, user, "email_confirm", confirmed_email=email_address.email)


def on_password_reset(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Know the browser of who has proven by mail that the account is theirs."""
    known.remember(request, user, at=clock.now())
