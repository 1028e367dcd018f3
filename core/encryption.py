"""Authenticated encryption of single values, and blind indexes to look them up by.

Layout of a token: version byte `0x01` | key id (4 bytes) | nonce (12 bytes) | AES-256-GCM
ciphertext and tag. The additional data is `app.model.field`, so a value copied into another column
does not decrypt. `FERNET_KEYS` lists the keys, newest first: the first encrypts, all decrypt.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from django.conf import settings
from django.utils.encoding import force_bytes

VERSION = b"\x01"
KEY_ID = slice(1, 5)
NONCE = slice(5, 17)


class UnknownKey(Exception):
    """No key in `FERNET_KEYS` can open this value, or the value was altered."""


def encrypt(value: str, *, context: str) -> bytes:
    """Return the token for `value`, bound to `context` (`app.model.field`)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = _keys()[0]
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, value.encode(), context.encode())
    return VERSION + _key_id(key) + nonce + sealed


def decrypt(token: bytes, *, context: str) -> str:
    """Return what was encrypted under the same `context`.

    :raises UnknownKey: no configured key opens it
    """
    if token[:1] != VERSION:
        return _decrypt_fernet(token)
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    for key in _keys():
        if _key_id(key) == token[KEY_ID]:
            try:
                return AESGCM(key).decrypt(token[NONCE], token[17:], context.encode()).decode()
            except (InvalidTag, ValueError) as error:  # ValueError: cut short
                raise UnknownKey(f"A value of {context} was altered or moved.") from error
    raise UnknownKey(f"No key in FERNET_KEYS opens a value of {context}.")


def is_current(token: bytes) -> bool:
    """Say whether the token was made with the newest key."""
    return token[:1] == VERSION and token[KEY_ID] == _key_id(_keys()[0])


def blind_index(value: str, *, context: str) -> str:
    """Return a keyed hash (64 hex digits) by which an encrypted value can be found, not read."""
    message = f"{context}\0{value}".encode()
    return hmac.new(settings.BLIND_INDEX_KEY.encode(), message, hashlib.sha256).hexdigest()


def _keys() -> list[bytes]:
    return [_derive(key) for key in settings.FERNET_KEYS]


@lru_cache(maxsize=64)
def _derive(key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt=None, info=b"stocksprout aes-256-gcm").derive(key.encode())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:4]


def _decrypt_fernet(token: bytes) -> str:
    """Open a token written by django-fernet-fields before our own layout."""
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet
    from fernet_fields.hkdf import derive_fernet_key

    ring = MultiFernet([Fernet(derive_fernet_key(key)) for key in settings.FERNET_KEYS])
    try:
        return ring.decrypt(force_bytes(token)).decode()
    except InvalidToken as error:
        raise UnknownKey("No key in FERNET_KEYS opens this Fernet token.") from error
