"""One vendor's address: each call is one HTTP request, or for a read at most two."""

import os
import random
import threading
import time
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from core.vendors.allowance import Pace
from core.vendors.answers import (
    Answer,
    Cut,
    Unavailable,
    dump_json,
    load_json,
    read_retry_after,
)
from core.vendors.breaker import Breaker
from core.vendors.budget import timeouts
from core.vendors.watch import check_status, guarded, join_pieces, logged

QUICK = 1.0  # seconds: a failure that took longer is not tried again on the spot


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent, as often as need be."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    params: dict[str, str] | None
    label: str


class Door:
    """One vendor's address, with a connection kept per thread.

    Who tries again, and when: a read whose connection broke or that met a 5xx at once is repeated
    here, once, within a second; that heals a restarted server or a stale connection unseen. All
    else is left to the row the call belongs to: its back-off starts with the vendor's 1, 3, 10
    and 30 seconds (`core.driven`), obeys `Unavailable.retry_after` to the second, survives the
    process, and keeps nobody's web request hanging for 44 seconds. A POST is never repeated here:
    its key is the row's, and so is the decision.
    """

    def __init__(
        self, vendor: str, base_url: str, *, request_id_header: str, pace: Pace | None = None
    ) -> None:
        self.vendor = vendor
        self.base_url = base_url.rstrip("/")
        self.request_id_header = request_id_header
        self._breaker = Breaker(vendor)
        self._pace = pace
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
        :raises RuntimeError: called inside a transaction
        """
        with guarded(self._breaker, self._pace):
            return self._send_or_repeat(Call(method, path, headers, body, params, label))

    def _send_or_repeat(self, call: Call) -> Answer:
        started = time.monotonic()
        try:
            return self._send(call)
        except Unavailable as error:
            passing = isinstance(error, Cut) or (error.status >= 500 and error.retry_after is None)
            quick = time.monotonic() - started < QUICK
            if call.method != "GET" or not passing or not quick:
                raise
        time.sleep(random.uniform(0.1, 0.4))  # noqa: S311
        if self._pace:
            self._pace.wait()
        return self._send(call)

    def _send(self, call: Call) -> Answer:
        with logged(self.vendor, call.method, call.label) as line:
            try:
                response = self._session().request(
                    call.method,
                    self.base_url + call.path,
                    headers={"Content-Type": "application/json", "Accept": "application/json"}
                    | call.headers,
                    data=None if call.body is None else dump_json(call.body).encode(),
                    params=call.params,
                    timeout=timeouts(),
                    allow_redirects=False,
                    stream=True,
                )
                line.status = response.status_code
                line.request_id = response.headers.get(self.request_id_header, "")
                with response:
                    return self._read(response, line.request_id)
            except requests.RequestException as error:
                raise self._explain(error, line.status) from error

    def _explain(self, error: requests.RequestException, status: int) -> Unavailable:
        """Return what to raise for a failed connection; `status` where an answer had begun."""
        reason = f"{self.vendor}: {type(error).__name__}"
        if isinstance(error, requests.ConnectTimeout):
            return Unavailable(reason, sent=False)
        if isinstance(error, requests.Timeout):
            return Unavailable(reason, status=status)
        if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
            cause = getattr(error.args[0] if error.args else None, "reason", None)
            return Cut(reason, status=status, sent=not isinstance(cause, NewConnectionError))
        return Unavailable(reason, status=status)

    def _read(self, response: requests.Response, request_id: str) -> Answer:
        status = response.status_code
        check_status(self.vendor, status, read_retry_after(response.headers))
        content = join_pieces(self.vendor, status, response.iter_content(64 * 1024))
        try:
            parsed = load_json(content) if content else None
        except (ValueError, RecursionError) as error:
            if status < 400:
                raise Unavailable(
                    f"{self.vendor} sent something that is not JSON", status=status
                ) from error
            parsed = content[:500].decode(errors="replace")
        return Answer(status, parsed, request_id)

    def _session(self) -> requests.Session:
        """Return this thread's session; a forked child never shares its parent's sockets."""
        if getattr(self._local, "pid", None) != os.getpid():
            session = requests.Session()
            session.trust_env = False
            self._local.session, self._local.pid = session, os.getpid()
        return self._local.session  # type: ignore[no-any-return]
