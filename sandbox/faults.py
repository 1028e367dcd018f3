"""Misbehaviour to order: what the wires do to the requests an operator picks."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sandbox.plaid.errors import fault_body as plaid_fault
from sandbox.spinwheel.errors import fault_body as spinwheel_fault
from sandbox.wire import write_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WIRE_KINDS = (
    "status",
    "drop-before",
    "drop-after",
    "delay",
    "delay-after",
    "html",
    "malformed",
    "429",
)
DUPLICATE, REPLAY, FORGED = "event-duplicate", "event-replay", "event-forged"
REORDER, LATE, DROP = "event-reorder", "event-late", "event-drop"
EVENT_KINDS = (DUPLICATE, REPLAY, FORGED, REORDER, LATE, DROP)
# The same on Plaid's webhooks; the last three send one whose signature does not hold beforehand.
WEBHOOK_DUPLICATE, WEBHOOK_REORDER = "webhook-duplicate", "webhook-reorder"
WEBHOOK_LATE, WEBHOOK_DROP = "webhook-late", "webhook-drop"
WEBHOOK_STALE, WEBHOOK_WRONG_HASH = "webhook-stale", "webhook-wrong-hash"
WEBHOOK_UNKNOWN_KID = "webhook-unknown-kid"
WEBHOOK_KINDS = (
    WEBHOOK_DUPLICATE,
    WEBHOOK_REORDER,
    WEBHOOK_LATE,
    WEBHOOK_DROP,
    WEBHOOK_STALE,
    WEBHOOK_WRONG_HASH,
    WEBHOOK_UNKNOWN_KID,
)
NEWS_KINDS = EVENT_KINDS + WEBHOOK_KINDS
KINDS = WIRE_KINDS + NEWS_KINDS

HTML_PAGE = "<html><body><h1>Bad Gateway</h1><p>The upstream did not answer.</p></body></html>"
ERROR_BODY = '{"errorCode": "E099", "message": "A fault ordered from the sandbox."}'
VENDORS = {
    "/plaid/": plaid_fault,
    "/plaid-ui/": plaid_fault,
    "/spinwheel/": spinwheel_fault,
}
LIMIT_BODY = '{"errorCode": "E099", "message": "Too many requests. Slow down and try again."}'


def too_many_requests(seconds: int) -> Response:
    """Return a 429. The vendor documents neither its body nor its Retry-After; both are ours."""
    headers = {"Retry-After": str(seconds), "dw-request-id": f"request_{uuid.uuid4()}"}
    return Response(LIMIT_BODY, 429, headers, content_type="application/json")


class WireCut(ConnectionError):
    """The connection is to be closed without another byte."""


@dataclass
class Fault:
    """One order: which requests or events, what happens to them, how often still (None: always).

    ``seconds`` are of real time on the wire and of world time for events. ``answer`` is what the
    receiver said to the last event we sent and should not have. ``code`` is the vendor's word for
    an error, where it has one.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    status: int = 500
    seconds: float = 1.0
    times: int | None = 1
    event: str = "*"
    code: str = ""
    hits: int = 0
    answer: str = ""

    def matches(self, method: str, path: str) -> bool:
        if self._used_up or self.kind not in WIRE_KINDS:
            return False
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)

    def matches_event(self, type_: str) -> bool:
        return not self._used_up and self.kind in EVENT_KINDS and fnmatchcase(type_, self.event)

    def matches_webhook(self, type_: str) -> bool:
        return not self._used_up and self.kind in WEBHOOK_KINDS and fnmatchcase(type_, self.event)

    @property
    def _used_up(self) -> bool:
        return self.times is not None and self.hits >= self.times

    def describe(self) -> dict[str, Any]:
        left = None if self.times is None else self.times - self.hits
        return {
            "kind": self.kind,
            "method": self.method,
            "path": self.path,
            "event": self.event,
            "code": self.code,
            "status": self.status,
            "seconds": str(self.seconds),
            "times": self.times,
            "hits": self.hits,
            "left": left,
            "answer": self.answer,
        }


class FaultBook:
    """The faults on order; the first that matches a request is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._faults))

    def order(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        return self._take(lambda fault: fault.matches(method, path))

    def take_event(self, type_: str) -> Fault | None:
        return self._take(lambda fault: fault.matches_event(type_))

    def take_webhook(self, type_: str) -> Fault | None:
        return self._take(lambda fault: fault.matches_webhook(type_))

    def _take(self, matches: Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if matches(fault):
                    fault.hits += 1
                    return fault
        return None


class FaultyWires:
    """WSGI middleware between the socket and the vendors; control pages are never disturbed."""

    def __init__(self, app: WSGIApplication, faults: FaultBook) -> None:
        self._app = app
        self._faults = faults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        fault = None
        if not path.startswith("/_sandbox"):
            fault = self._faults.take(environ["REQUEST_METHOD"], path)
        if fault is None:
            return self._app(environ, start_response)
        return self._misbehave(fault, environ)(environ, start_response)

    def _misbehave(self, fault: Fault, environ: WSGIEnvironment) -> WSGIApplication:
        """Return the answer to give; some kinds let the vendor act first."""
        match fault.kind:
            case "drop-before":
                raise WireCut
            case "drop-after":
                self._act(environ)
                raise WireCut
            case "delay":
                time.sleep(fault.seconds)
                return self._app
            case "delay-after":
                answer = self._act(environ)
                time.sleep(fault.seconds)
                return answer
            case "html":
                return Response(HTML_PAGE, fault.status, content_type="text/html; charset=utf-8")
            case "malformed":
                answer = self._act(environ)
                whole = answer.get_data()
                answer.set_data(whole[: max(1, len(whole) // 2)])
                return answer
            case "429":
                return self._refuse(fault, environ, 429, math.ceil(fault.seconds))
            case _:
                return self._refuse(fault, environ, fault.status)

    def _refuse(
        self, fault: Fault, environ: WSGIEnvironment, status: int, wait: int | None = None
    ) -> Response:
        """Return an error in the words of the vendor who was asked."""
        headers = {} if wait is None else {"Retry-After": str(wait)}
        for prefix, write in VENDORS.items():
            if environ.get("PATH_INFO", "").startswith(prefix):
                body = write_json(write(status, fault.code))
                return Response(body, status, headers, content_type="application/json")
        if wait is not None:
            return too_many_requests(wait)
        body = ERROR_BODY.replace("E099", fault.code) if fault.code else ERROR_BODY
        return Response(body, status, content_type="application/json")

    def _act(self, environ: WSGIEnvironment) -> Response:
        return Response.from_app(self._app, environ, buffered=True)
