"""Carries events from the outbox to the application, signed, in order, until it takes them.

Unless a fault is on order: then an event goes out twice, late, forged, out of order or not at all.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
import urllib.error
import urllib.request
from typing import Any

from sandbox.faults import DROP, DUPLICATE, FORGED, LATE, REORDER, REPLAY, Fault
from sandbox.outbox import Event
from sandbox.wire import write_json
from sandbox.world import World

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
TIMEOUT = 10.0
TAKEN = "taken"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature header for ``body`` sent at ``timestamp`` (Unix seconds)."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Relay:
    """One background thread; a request never waits for it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._faults: dict[int, Fault | None] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-relay", daemon=True)
        # The world delivers to whoever the operator named, never through a proxy of the host.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._world.outbox.news.set()
        self._thread.join(timeout=TIMEOUT)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            outcome = self._deliver_next()
            if outcome is None:
                self._world.outbox.news.wait(timeout=1.0)
            elif outcome:
                pause = FIRST_PAUSE
            else:
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _deliver_next(self) -> bool | None:
        """Send the event whose turn it is; None when there is none."""
        world = self._world
        with world.lock:
            world.outbox.news.clear()
            event = world.outbox.first_released() or self._next_in_order()
            if event is None:
                return None
            fault = self._faults.get(event.sequence)
            envelope = event.envelope()
        if fault is not None and fault.kind == FORGED:
            self._post_forgery(fault, envelope)
        body = write_json(envelope).encode()
        headers = self._headers(body)
        problem = self._post(body, headers)
        if problem == "" and fault is not None and fault.kind in (DUPLICATE, REPLAY):
            again = headers if fault.kind == REPLAY else self._headers(body)
            fault.answer = self._post(body, again) or TAKEN
        with world.lock:
            world.relay_problem = problem
            if problem == "":
                world.outbox.count_sent()
                world.outbox.release(event.sequence)
                world.outbox.mark_delivered(event.sequence)
                self._faults.pop(event.sequence, None)
                world.state.changed = True
        return problem == ""

    def _next_in_order(self) -> Event | None:
        """Return the oldest event not sent yet that no fault holds back. Under the lock."""
        outbox = self._world.outbox
        while (event := outbox.first_undelivered()) is not None:
            # One fault for one event, however often it has to be sent until it is taken.
            if event.sequence not in self._faults:
                self._faults[event.sequence] = self._world.faults.take_event(event.type)
            fault = self._faults[event.sequence]
            if fault is None or fault.kind not in (DROP, LATE, REORDER):
                return event
            if fault.kind != DROP:
                outbox.hold(event, fault.seconds, or_until_next=fault.kind == REORDER)
            outbox.mark_delivered(event.sequence)
            del self._faults[event.sequence]
            self._world.state.changed = True
        return None

    def _post_forgery(self, fault: Fault, envelope: dict[str, Any]) -> None:
        """Send what a stranger would: the event's own id, another content, no key of ours."""
        forged = envelope | {"payload": {**envelope["payload"], "forged": True}}
        body = write_json(forged).encode()
        fault.answer = self._post(body, self._headers(body, secret=secrets.token_hex())) or TAKEN

    def _headers(self, body: bytes, secret: str = "") -> dict[str, str]:
        # Freshness is judged by the receiver's own clock, so this is real time, not world time.
        timestamp = str(int(time.time()))
        return {
            "Content-Type": "application/json",
            "X-Relay-Timestamp": timestamp,
            "X-Relay-Signature": sign(secret or self._world.config.relay_secret, timestamp, body),
        }

    def _post(self, body: bytes, headers: dict[str, str]) -> str:
        """Send one message; return "" when it was taken, else what went wrong."""
        request = urllib.request.Request(  # noqa: S310 - the operator chose the address
            self._world.config.relay_url, data=body, method="POST", headers=headers
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            return f"HTTP {error.code}"
        except OSError as error:
            return str(error)
        return ""
