"""DriveWealth's session token: one for all processes, encrypted in the cache, renewed early."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache

from core import encryption
from core.vendors import Unavailable

CONTEXT = "drivewealth.token"
EARLY = 300  # seconds before its end a token is renewed
LOCK_SECONDS = 30
WAIT_SECONDS = 5  # for the token another process is minting
REST_SECONDS = 60  # without another try after the vendor refused our credentials


class CredentialsRefused(Unavailable):
    """The vendor does not take our credentials; asking again at once will not help."""


@dataclass(frozen=True)
class Minted:
    """A fresh token and how many seconds it lives (60 minutes at DriveWealth)."""

    token: str
    seconds: int


class TokenStore:
    """Hand out the shared token; let one process at a time mint a new one."""

    def __init__(self, name: str, mint: Callable[[], Minted]) -> None:
        self._token_key = f"token:{name}"
        self._lock_key = f"token-lock:{name}"
        self._rest_key = f"token-rest:{name}"
        self._mint = mint

    def get(self) -> str:
        """Return a token that lives for five minutes at least.

        :raises Unavailable: none could be minted
        """
        return self._read() or self._renew()

    def drop(self, token: str) -> None:
        """Forget a token the vendor refused, unless another process renewed it already."""
        if self._read() == token:
            cache.delete(self._token_key)

    def _read(self) -> str | None:
        sealed = cache.get(self._token_key)
        try:
            return encryption.decrypt(sealed, context=CONTEXT) if sealed else None
        except encryption.UnknownKey:
            return None  # encrypted with a key that has been dropped since

    def _renew(self) -> str:
        with self._alone() as mine:
            token = self._read()
            if token:
                return token
            if not mine:
                raise Unavailable("another process is renewing the token")
            if cache.get(self._rest_key):
                raise CredentialsRefused("our credentials were refused a moment ago")
            try:
                minted = self._mint()
            except CredentialsRefused:
                cache.set(self._rest_key, True, timeout=REST_SECONDS)
                raise
            sealed = encryption.encrypt(minted.token, context=CONTEXT)
            cache.set(self._token_key, sealed, timeout=max(minted.seconds - EARLY, 1))
            return minted.token

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Wait for the lock or for the token another holder brings, not for ever."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not (mine := cache.add(self._lock_key, 1, timeout=LOCK_SECONDS)):
            if self._read() or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        try:
            yield mine
        finally:
            if mine:
                cache.delete(self._lock_key)
