"""How a key looks, and how it is told from another without keeping it.

`ssk_live_` or `ssk_test_` (a client token: `sct_live_` or `sct_test_`), then 46 letters and
digits: 8 that name the key, 32 that are the secret (190 bits), 6 of checksum. The fixed beginning
and the checksum let scanners of source code find a leaked key and tell it from noise without asking
us; no sign in it ends a word, so that a double click takes the whole.
(https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/)
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
NAMED, SECRET, CHECKED = 8, 32, 6
KEY, CLIENT_TOKEN = "ssk", "sct"
SHAPE = re.compile(r"(?P<kind>ssk|sct)_(?:test|live)_[0-9A-Za-z]{46}", re.ASCII)
PREFIX_LENGTH = len("ssk_live_") + NAMED
NOBODYS = hashlib.sha256(b"nobody's key").hexdigest()


@dataclass(frozen=True)
class NewKey:
    """A key just made: `text` is shown once, `prefix` and `digest` are kept."""

    text: str
    prefix: str
    digest: str


def make_key(mode: str, *, kind: str = KEY) -> NewKey:
    """Return a new random key, or a client token.

    :param mode: `test` or `live`
    """
    body = "".join(secrets.choice(ALPHABET) for _ in range(NAMED + SECRET))
    start = f"{kind}_{mode}_{body}"
    text = start + checksum(start)
    return NewKey(text, prefix_of(text), digest_of(text))


def is_wellformed(text: str, *, kind: str = KEY) -> bool:
    """Say whether this can be a key of ours, by its shape and checksum alone."""
    shape = SHAPE.fullmatch(text)
    if not shape or shape["kind"] != kind:
        return False
    return text[-CHECKED:] == checksum(text[:-CHECKED])


def prefix_of(text: str) -> str:
    """Return the part of a key by which it is found and shown."""
    return text[:PREFIX_LENGTH]


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_same(text: str, digest: str | None) -> bool:
    """Compare a key with a kept hash, or with nobody's, in the same time whatever they are."""
    return hmac.compare_digest(digest_of(text), digest or NOBODYS)


def checksum(text: str) -> str:
    """Return CRC-32 as six digits of base 62."""
    rest, digits = zlib.crc32(text.encode()), ""
    for _place in range(CHECKED):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
