"""Accounts whose address nobody has proven yet: no password of theirs is good for anything.

Anybody can sign up any address. The password is whoever's who opens the link in the mail: in the
browser (or app) that signed up last it is the one chosen there, anywhere else a new one is chosen.
So nobody waits in an account for its owner to prove it ("pre-hijacking", Sudhodanan and Paverd,
USENIX Security 2022).
"""

from datetime import datetime, timedelta

from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import User
from core import audit
from core.turns import take_turn

SIGNED_UP = "signed_up"  # in the session: under which password
BATCH = 100
LOOK_EVERY = timedelta(minutes=10)
LAPSES_AFTER = timedelta(days=settings.UNPROVEN_DAYS)


def list_unproven() -> QuerySet[User]:
    """Return who has signed up, and never proven an address nor signed in."""
    proven = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    return User.objects.filter(~Exists(proven), last_login=None, is_staff=False)


def replace(email: str, password: str, *, at: datetime) -> User | None:
    """Give an unproven account the password of its newest sign-up; None where it is none.

    As costly whoever it is, so that the time does not tell which addresses have accounts.
    """
    hashed = make_password(password)
    with transaction.atomic():
        user = list_unproven().select_for_update(of=("self",)).filter(email__iexact=email).first()
        if user is None:
            return None
        user.password = hashed
        user.save(update_fields=["password"])
        audit.record("sign_up.replaced", user, by=user, at=at)
    return user


def note_sign_up(request: HttpRequest, user: User) -> None:
    """Remember in the session who signed up here, and with which password."""
    request.session[SIGNED_UP] = user.get_session_auth_hash()


def on_proof(request: HttpRequest, user: User, *, at: datetime) -> None:
    """Drop the password of an account just proven, unless this very session chose it."""
    if user.last_login is not None:
        return
    chosen = str(request.session.pop(SIGNED_UP, ""))
    if user.has_usable_password() and constant_time_compare(chosen, user.get_session_auth_hash()):
        return
    user.set_unusable_password()
    user.save(update_fields=["password"])
    clear_login(request)
    audit.record("password.dropped", user, by=user, at=at)


def lapse(at: datetime) -> int:
    """Drop passwords of accounts nobody has proven for days, now and then; return how many."""
    if not take_turn("unproven", every=LOOK_EVERY, at=at):
        return 0
    with transaction.atomic():
        late = list_unproven().filter(parent__created_at__lt=at - LAPSES_AFTER)
        chosen = late.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        users = list(chosen.select_for_update(of=("self",))[:BATCH])
        for user in users:
            user.set_unusable_password()
            user.save(update_fields=["password"])
            audit.record("password.lapsed", user, by="accounts.unproven", at=at)
    return len(users)
