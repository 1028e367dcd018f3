"""How long somebody is signed in, and whether they still are where they were."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User


def is_signed_in(user: User, session_key: str) -> bool:
    """Say whether this session is there and this user's, with the password as it is now."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return (
        user.is_active
        and session.get(SESSION_KEY) == str(user.pk)
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )


def end_in_time(request: HttpRequest) -> None:
    """Have a session on the web end half a day after its beginning, used or not."""
    request.session.set_expiry(timezone.now() + settings.WEB_SESSION_AGE)
