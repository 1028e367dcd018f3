"""Whether somebody still is signed in where they were."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
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
