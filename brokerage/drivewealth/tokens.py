"""DriveWealth's session token: one for all processes, encrypted in the cache, renewed early.

A token lives an hour and is renewed five minutes before its end by one process, while the others
go on with the old one. Tokens are asked for at most five times an hour, however many processes
start (DriveWealth's FAQ: 5 to 10): the count lies in the database and is exact. Up to three of the
five may replace tokens the vendor refused, so that an endpoint that answers 401 for ever can not
use up what the others live on. Once all are spent, work waits.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.core.cache import cache

from core import clock, encryption
from core.vendors import Allowance, Unavailable, kept

CONTEXT = "drivewealth.token"
EARLY = timedelta(minutes=5)  # before its end a token is renewed
MOST_MINTS = 5
MOST_REPLACEMENTS = 3
HOUR = timedelta(hours=1)
LOCK_SECONDS = 60  # longer than the slowest mint
REST_SECONDS = 60  # without another try after the vendor refused our credentials
WAIT_SECONDS = 5.0  # for the token another process is minting
LOOK_AGAIN = 300.0
log = structlog.get_logger()


class CredentialsRefused(Unavailable):
    """The vendor does not take our credentials; asking again at once will not help."""


@dataclass(frozen=True)
class Minted:
    """A fresh token and how many seconds it lives (60 minutes at DriveWealth)."""

    token: str
    seconds: int


@dataclass(frozen=True)
class Held:
    """The token in use, when to renew it, and when it ends."""

    token: str
    renew_at: datetime
    ends_at: datetime


class TokenStore:
    """Hand out the shared token; let one process at a time mint a new one."""

    def __init__(self, name: str, mint: Callable[[], Minted]) -> None:
        self._token_key = f"held-token:{name}"
        self._lock_key = f"token-lock:{name}"
        self._rest_key = f"token-rest:{name}"
        self._mint = mint
        self._opened: tuple[bytes, Held | None] = (b"", None)  # the last one read, sealed and open
        self._mints = Allowance(f"token-mints:{name}", most=MOST_MINTS, period=HOUR)
        self._replacements = Allowance(
            f"token-replacements:{name}", most=MOST_REPLACEMENTS, period=HOUR
        )

    def get(self) -> str:
        """Return the token in use; renew it where its end is near.

        :raises Unavailable: there is none, and none could be minted
        """
        held = kept.keep(self._token_key, self._read)
        if held and clock.now() < held.renew_at:
            return held.token
        kept.forget(self._token_key)
        spare = held.token if held and clock.now() < held.ends_at else None
        return self._renew(spare)

    def drop(self, token: str) -> None:
        """Forget a token the vendor refused, unless another process renewed it already.

        :raises Unavailable: too many were refused within the hour; the token is kept
        """
        kept.forget(self._token_key)
        held = self._read()
        if held is None or held.token != token:
            return
        # Many processes hear of one refusal at once; it counts once.
        name = encryption.blind_index(token, context=CONTEXT)[:32]
        if not cache.add(f"token-dropped:{name}", 1, timeout=LOCK_SECONDS):
            return
        if wait := self._replacements.take(at=clock.now()):
            cache.delete(f"token-dropped:{name}")
            # A regular renewal may come before a replacement is free: look again soon.
            raise Unavailable(
                "the broker refuses our tokens too often", retry_after=min(wait, LOOK_AGAIN)
            )
        cache.delete(self._token_key)

    def _read(self) -> Held | None:
        sealed = cache.get(self._token_key)
        if not sealed:
            return None
        known, held = self._opened
        if sealed == known:
            return held  # deciphered before, and every call asks
        try:
            token, renew_at, ends_at = json.loads(encryption.decrypt(sealed, context=CONTEXT))
        except encryption.UnknownKey:
            return None  # encrypted with a key that has been dropped since
        held = Held(
            token, datetime.fromtimestamp(renew_at, UTC), datetime.fromtimestamp(ends_at, UTC)
        )
        self._opened = (sealed, held)
        return held

    def _renew(self, spare: str | None) -> str:
        with self._alone(patience=0 if spare else WAIT_SECONDS) as mine:
            held = self._read()
            if held and clock.now() < held.renew_at:
                return held.token
            if not mine:
                if spare:
                    return spare
                raise Unavailable("another process is renewing the token", sent=False)
            try:
                return self._mint_one(rest_on_failure=spare is not None)
            except Unavailable as error:
                if spare is None:
                    raise
                log.warning("token_not_renewed", reason=error.reason)
                return spare

    def _mint_one(self, *, rest_on_failure: bool) -> str:
        """Ask the vendor for a token, within what the hour allows, and keep it."""
        if reason := cache.get(self._rest_key):
            raise CredentialsRefused(reason, retry_after=REST_SECONDS, sent=False)
        now = clock.now()
        if wait := self._mints.take(at=now):
            raise Unavailable("no more tokens this hour", retry_after=wait, sent=False)
        try:
            minted = self._mint()
        except CredentialsRefused:
            reason = "our credentials were refused a moment ago"
            cache.set(self._rest_key, reason, timeout=REST_SECONDS)
            raise
        except Unavailable as error:
            if not error.sent or error.status >= 400:
                self._mints.give_back(now)  # no token was made: only a lost answer may hide one
            if rest_on_failure:
                cache.set(self._rest_key, "no token a moment ago", timeout=REST_SECONDS)
            raise
        self._keep(minted)
        return minted.token

    def _keep(self, minted: Minted) -> None:
        life = timedelta(seconds=minted.seconds)
        ends_at = clock.now() + life
        renew_at = ends_at - min(EARLY, life / 2)
        value = json.dumps([minted.token, renew_at.timestamp(), ends_at.timestamp()])
        sealed = encryption.encrypt(value, context=CONTEXT)
        cache.set(self._token_key, sealed, timeout=max(minted.seconds, 1))

    @contextmanager
    def _alone(self, *, patience: float) -> Iterator[bool]:
        """Wait for the lock or for the token another holder brings."""
        deadline = time.monotonic() + patience
        while not (mine := cache.add(self._lock_key, 1, timeout=LOCK_SECONDS)):
            held = self._read()
            if (held and clock.now() < held.renew_at) or time.monotonic() >= deadline:
                break
            time.sleep(0.05)
        try:
            yield mine
        finally:
            if mine:
                cache.delete(self._lock_key)
