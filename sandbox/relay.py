"""Carries events from the outbox to the application, signed, in order, until it takes them."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
import urllib.error
import urllib.request

from sandbox.wire import write_json
from sandbox.world import World

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
TIMEOUT = 10.0


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature header for ``body`` sent at ``timestamp`` (Unix seconds)."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Relay:
    """One background thread; a request never waits for it."""

    def __init__(self, world: World) -> None:
        self._world = world
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
        """Send the oldest undelivered event; None when there is none."""
        world = self._world
        with world.lock:
            world.outbox.news.clear()
            event = world.outbox.first_undelivered()
            if event is None:
                return None
            body = write_json(event.envelope()).encode()
        problem = self._post(body)
        with world.lock:
            world.relay_problem = problem
            if problem == "":
                world.outbox.mark_delivered(event.sequence)
                world.state.changed = True
        return problem == ""

    def _post(self, body: bytes) -> str:
        """Send one message; return "" when it was taken, else what went wrong."""
        # Freshness is judged by the receiver's own clock, so this is real time, not world time.
        timestamp = str(int(time.time()))
        request = urllib.request.Request(  # noqa: S310 - the operator chose the address
            self._world.config.relay_url,
            data=body,
            method="POST",
            headers={
                "Content-Type": "application/json",
                "X-Relay-Timestamp": timestamp,
                "X-Relay-Signature": sign(self._world.config.relay_secret, timestamp, body),
            },
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            return f"HTTP {error.code}"
        except OSError as error:
            return str(error)
        return ""
