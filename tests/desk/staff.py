"""Staff at the compliance desk, with their authenticator app."""

import base64
import hashlib
import hmac
import struct
import time

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.models import User
from tests.cast import make_user

EMAIL = "compliance@stocksprout.example"


def code_of(secret: str, *, steps_ahead: int = 0) -> str:
    """Return what an authenticator app shows (RFC 6238: SHA-1, 30 seconds, six digits)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps_ahead)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def make_staff() -> User:
    """Make the most powerful member of staff."""
    user = make_user(EMAIL)
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    user.refresh_from_db()
    return user


def give_app(user: User) -> str:
    """Pair an authenticator app; return its secret."""
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def at_the_desk() -> Client:
    """Return staff who have signed in and shown a code."""
    user = make_staff()
    secret = give_app(user)
    client = Client()
    client.force_login(user)
    client.post("/account/2fa/reauthenticate/", {"code": code_of(secret)})
    return client
