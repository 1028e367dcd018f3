"""The door to vendors: time-outs, no redirects, a circuit breaker, one log line a call."""

import json
import os
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pybreaker
import requests
import structlog
from django.conf import settings

log = structlog.get_logger()
LARGEST_BODY = 10 * 1024 * 1024


class Unavailable(Exception):
    """No usable answer: lost, late, 429, 5xx, malformed, or the circuit is open.

    The vendor may or may not have acted: try again with the same key, never with a new one.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """A vendor's answer below 500. `body` is parsed JSON (numbers as Decimal) or plain text."""

    status: int
    body: Any
    request_id: str


class Door:
    """One vendor's address, with a connection kept per thread and a breaker per process."""

    def __init__(self, vendor: str, base_url: str, *, request_id_header: str) -> None:
        self.vendor = vendor
        self.base_url = base_url.rstrip("/")
        self.request_id_header = request_id_header
        self.breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30, name=vendor)
        self._local = threading.local()

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: Any = None,
        params: dict[str, str] | None = None,
        label: str,
    ) -> Answer:
        """Make one call.

        :param body: JSON-able value whose Decimals are written as exact JSON numbers
        :param label: the path without identifiers, for the log and metrics
        :raises Unavailable: no usable answer
        """
        try:
            return self.breaker.call(self._send, method, path, headers, body, params, label)
        except pybreaker.CircuitBreakerError as error:
            raise Unavailable(f"{self.vendor} is resting after repeated failures") from error

    def _send(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: Any,
        params: dict[str, str] | None,
        label: str,
    ) -> Answer:
        started = time.monotonic()
        status, request_id = 0, ""
        try:
            response = self._session().request(
                method,
                self.base_url + path,
                headers={"Content-Type": "application/json", "Accept": "application/json"}
                | headers,
                data=None if body is None else dump_json(body).encode(),
                params=params,
                timeout=settings.VENDOR_TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            status = response.status_code
            request_id = response.headers.get(self.request_id_header, "")
            with response:
                return self._read(response, request_id)
        except requests.RequestException as error:
            raise Unavailable(f"{self.vendor}: {type(error).__name__}") from error
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            log.info(
                "vendor_call",
                vendor=self.vendor,
                method=method,
                path=label,
                status=status,
                ms=milliseconds,
                vendor_request=request_id,
            )

    def _read(self, response: requests.Response, request_id: str) -> Answer:
        status = response.status_code
        if status >= 500 or status in {408, 425, 429}:
            raise Unavailable(
                f"{self.vendor} answered {status}", retry_after=_retry_after(response)
            )
        if 300 <= status < 400:
            raise Unavailable(f"{self.vendor} tried to redirect us ({status})")
        content = self._read_content(response)
        try:
            parsed = load_json(content) if content else None
        except (ValueError, RecursionError) as error:
            if status < 400:
                raise Unavailable(f"{self.vendor} sent something that is not JSON") from error
            parsed = content[:500].decode(errors="replace")
        return Answer(status, parsed, request_id)

    def _read_content(self, response: requests.Response) -> bytes:
        """Read the body piece by piece, so that a huge one is left unread."""
        content = bytearray()
        for piece in response.iter_content(64 * 1024):
            content += piece
            if len(content) > LARGEST_BODY:
                raise Unavailable(f"{self.vendor} sent too much")
        return bytes(content)

    def _session(self) -> requests.Session:
        """Return this thread's session; a forked child never shares its parent's sockets."""
        if getattr(self._local, "pid", None) != os.getpid():
            session = requests.Session()
            session.trust_env = False
            self._local.session, self._local.pid = session, os.getpid()
        return self._local.session  # type: ignore[no-any-return]


def dump_json(value: Any) -> str:
    """Write JSON in which a Decimal is a number with exactly its own digits."""
    from simplejson import dumps

    return dumps(value, use_decimal=True)


def load_json(content: bytes | str) -> Any:
    """Read JSON; a number with a fraction becomes a Decimal with exactly its own digits.

    :raises ValueError: not JSON
    """
    return json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
