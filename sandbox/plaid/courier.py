"""Carries webhooks to the partner's addresses, signed, with Plaid's own schedule of retries.

Unless a fault is on order: then one goes out twice, late, out of order, not at all, or after one
whose signature does not hold.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import timedelta

from sandbox.faults import (
    WEBHOOK_DROP,
    WEBHOOK_DUPLICATE,
    WEBHOOK_LATE,
    WEBHOOK_REORDER,
    WEBHOOK_STALE,
    WEBHOOK_UNKNOWN_KID,
    WEBHOOK_WRONG_HASH,
    Fault,
)
from sandbox.plaid.records import Key, Webhook
from sandbox.plaid.webhooks import HEADER, sign, signing_key, write_body
from sandbox.world import World

TIMEOUT = 10.0
FIRST_PAUSE = timedelta(seconds=30)
GROWTH = 4
LONGEST_PAUSE = timedelta(hours=24)
STALE_BY = 600
TAKEN = "200"
IDLE = 1.0
BAD = (WEBHOOK_STALE, WEBHOOK_WRONG_HASH, WEBHOOK_UNKNOWN_KID)


class Courier:
    """One background thread. A retry waits by world time, so moving the clock brings it about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-courier", daemon=True)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._world.plaid.news.set()
        self._thread.join(timeout=TIMEOUT)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._deliver_next():
                self._world.plaid.news.wait(timeout=IDLE)

    def _deliver_next(self) -> bool:
        """Send the webhook whose turn it is; False when there is none."""
        world, plaid = self._world, self._world.plaid
        with world.lock:
            plaid.news.clear()
            webhook = self._next()
            if webhook is None:
                return False
            fault = None
            if not webhook.disturbed:
                webhook.disturbed = True
                fault = world.faults.take_webhook(f"{webhook.type}.{webhook.code}")
                if fault is not None and self._keep_back(webhook, fault):
                    world.state.changed = True
                    return True
            key, body = signing_key(plaid), write_body(webhook.body)
        if fault is not None and fault.kind in BAD:
            fault.answer = self._post(webhook.url, body, _bad_signature(key, body, fault.kind))
        answer = self._post(webhook.url, body, _signature(key, body))
        if fault is not None and fault.kind == WEBHOOK_DUPLICATE:
            fault.answer = self._post(webhook.url, body, _signature(key, body))
        with world.lock:
            self._note(webhook, answer)
        return True

    def _next(self) -> Webhook | None:
        now, sent = self._world.clock.now(), self._world.state.number("plaid.webhooks sent")
        due = [
            webhook
            for webhook in self._world.plaid.webhooks
            if webhook.status == "WAITING"
            and (webhook.next_try <= now or _overtaken(webhook, sent))
        ]
        return min(due, key=lambda webhook: webhook.next_try, default=None)

    def _keep_back(self, webhook: Webhook, fault: Fault) -> bool:
        """Do what a fault says instead of sending; False when it only changes how we send."""
        if fault.kind == WEBHOOK_DROP:
            webhook.status = "DROPPED"
        elif fault.kind in (WEBHOOK_LATE, WEBHOOK_REORDER):
            webhook.next_try = self._world.clock.now() + timedelta(seconds=fault.seconds)
            if fault.kind == WEBHOOK_REORDER:
                webhook.sent_before = self._world.state.number("plaid.webhooks sent")
        else:
            return False
        return True

    def _note(self, webhook: Webhook, answer: str) -> None:
        webhook.answers.append(answer)
        webhook.sent_before = None
        self._world.state.changed = True
        if answer == TAKEN:
            webhook.status = "DELIVERED"
            self._world.state.next_number("plaid.webhooks sent")
            return
        pause = FIRST_PAUSE * GROWTH ** (len(webhook.answers) - 1)
        if pause > LONGEST_PAUSE:
            webhook.status = "GIVEN_UP"
        webhook.next_try = self._world.clock.now() + pause

    def _post(self, url: str, body: bytes, signature: str) -> str:
        """Send one message; return the status it got, or why it got none."""
        headers = {"Content-Type": "application/json", HEADER: signature}
        try:
            request = urllib.request.Request(  # noqa: S310 - the partner named the address
                url, data=body, method="POST", headers=headers
            )
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                answer.read()
                return str(answer.status)
        except urllib.error.HTTPError as error:
            return str(error.code)
        except (OSError, ValueError) as error:
            return str(error) or type(error).__name__


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _overtaken(webhook: Webhook, sent: int) -> bool:
    return webhook.sent_before is not None and sent > webhook.sent_before


def _signature(key: Key, body: bytes) -> str:
    # Freshness is judged by the receiver's own clock, so this is real time, not world time.
    return sign(key, body, int(time.time()))


def _bad_signature(key: Key, body: bytes, kind: str) -> str:
    now = int(time.time())
    if kind == WEBHOOK_STALE:
        return sign(key, body, now - STALE_BY)
    if kind == WEBHOOK_WRONG_HASH:
        return sign(key, body, now, digest="0" * 64)
    return sign(key, body, now, key_id=str(uuid.uuid4()))
