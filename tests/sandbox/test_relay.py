"""Events on their way: signed and in order, or, on order, as a bad network would bring them."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from sandbox.server import running
from tests.sandbox.partner import MONDAY_NOON, Partner

SECRET = "whisper"


class Receiver:
    """Takes relayed events over HTTP; turns the first two away, and whatever is signed wrongly."""

    def __init__(self) -> None:
        self.turn_away = 2
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.refused: list[bytes] = []
        self.server = make_server("127.0.0.1", 0, Request.application(self.answer))
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"

    def answer(self, request: Request) -> Response:
        if self.turn_away > 0:
            self.turn_away -= 1
            return Response(status=503)
        headers, body = dict(request.headers), request.get_data()
        if headers["X-Relay-Signature"] != signature(headers["X-Relay-Timestamp"], body):
            self.refused.append(body)
            return Response(status=401)
        self.taken.append((headers, body))
        return Response()

    @property
    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for _, body in self.taken]


def signature(timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    threading.Thread(target=receiver.server.serve_forever, args=(0.05,), daemon=True).start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def partner(receiver: Receiver) -> Iterator[Partner]:
    """Return a partner whose sandbox relays to the receiver, which takes everything at once."""
    receiver.turn_away = 0
    with running(relay_url=receiver.url, relay_secret=SECRET, start_at=MONDAY_NOON) as box:
        yield Partner(box)


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def published(partner: Partner) -> list[str]:
    return [event["id"] for event in partner.events()]


def order(partner: Partner, kind: str, **more: Any) -> None:
    partner.control("/faults", {"kind": kind, "event": "users.created"} | more)


def all_relayed(partner: Partner, receiver: Receiver, count: int) -> list[str]:
    """Wait until ``count`` events were taken; return which, numbered as they were published."""
    until(lambda: len(receiver.taken) == count)
    time.sleep(0.05)
    ids = published(partner)
    return [str(ids.index(id_) + 1) for id_ in receiver.ids]


def test_events_are_relayed_signed_in_order_and_retried(receiver: Receiver) -> None:
    with running(relay_url=receiver.url, relay_secret=SECRET, start_at=MONDAY_NOON) as box:
        partner = Partner(box)
        partner.create_parent()
        ids = published(partner)
        until(lambda: len(receiver.taken) == len(ids))

    assert len(ids) > 3
    assert receiver.ids == ids
    for headers, body in receiver.taken:
        timestamp = headers["X-Relay-Timestamp"]
        assert headers["X-Relay-Signature"] == signature(timestamp, body)
        # Real time, although the world stands on a Monday in June.
        assert abs(int(timestamp) - time.time()) < 60


@pytest.mark.parametrize("kind", ["event-duplicate", "event-replay"])
def test_an_event_comes_twice(partner: Partner, receiver: Receiver, kind: str) -> None:
    order(partner, kind)
    partner.create_parent()

    assert all_relayed(partner, receiver, 6) == ["1", "1", "2", "3", "4", "5"]
    assert receiver.taken[0][1] == receiver.taken[1][1]
    assert partner.state()["faults"][0]["answer"] == "taken"


def test_an_event_comes_twice_also_when_it_was_turned_away_at_first(
    partner: Partner, receiver: Receiver
) -> None:
    receiver.turn_away = 1
    order(partner, "event-duplicate")
    partner.create_parent()

    assert all_relayed(partner, receiver, 6) == ["1", "1", "2", "3", "4", "5"]


def test_a_replay_is_the_first_message_to_the_byte(partner: Partner, receiver: Receiver) -> None:
    order(partner, "event-replay")
    partner.create_parent()
    all_relayed(partner, receiver, 6)

    first, second = receiver.taken[0][0], receiver.taken[1][0]

    assert first["X-Relay-Signature"] == second["X-Relay-Signature"]


def test_an_event_is_lost_and_those_after_it_are_not(partner: Partner, receiver: Receiver) -> None:
    order(partner, "event-drop")
    partner.create_parent()

    assert all_relayed(partner, receiver, 4) == ["2", "3", "4", "5"]
    assert len(published(partner)) == 5


def test_an_event_is_overtaken_by_the_next(partner: Partner, receiver: Receiver) -> None:
    order(partner, "event-reorder")
    partner.create_parent()

    assert all_relayed(partner, receiver, 5) == ["2", "1", "3", "4", "5"]


def test_several_events_come_in_the_wrong_order(partner: Partner, receiver: Receiver) -> None:
    order(partner, "event-reorder", event="*", times=3)
    partner.create_parent()

    assert all_relayed(partner, receiver, 5) == ["4", "3", "2", "1", "5"]


def test_an_event_none_follows_comes_in_the_end(partner: Partner, receiver: Receiver) -> None:
    order(partner, "event-reorder", event="users.updated", seconds=600)
    partner.create_parent()
    assert all_relayed(partner, receiver, 4) == ["1", "2", "3", "4"]

    partner.wait(600)

    assert all_relayed(partner, receiver, 5)[-1] == "5"


def test_an_event_comes_late_by_the_worlds_clock(partner: Partner, receiver: Receiver) -> None:
    order(partner, "event-late", seconds=86_400)
    partner.create_parent()
    assert all_relayed(partner, receiver, 4) == ["2", "3", "4", "5"]
    assert partner.state()["events"]["heldBack"] == [1]

    partner.wait(86_000)
    time.sleep(0.1)
    assert len(receiver.taken) == 4
    partner.wait(500)

    assert all_relayed(partner, receiver, 5)[-1] == "1"
    assert partner.state()["events"]["heldBack"] == []


def test_a_forgery_comes_before_the_true_event(partner: Partner, receiver: Receiver) -> None:
    order(partner, "event-forged")
    partner.create_parent()

    assert all_relayed(partner, receiver, 5) == ["1", "2", "3", "4", "5"]
    [forged] = [json.loads(body) for body in receiver.refused]
    assert forged["id"] == receiver.ids[0]
    assert forged["payload"]["forged"] is True
    assert partner.state()["faults"][0]["answer"] == "HTTP 401"


def test_event_faults_leave_requests_alone_and_the_other_way_round(
    partner: Partner, receiver: Receiver
) -> None:
    partner.control("/faults", {"kind": "event-drop", "event": "orders.*", "times": None})
    partner.control("/faults", {"kind": "status", "path": "*/orders"})
    partner.create_parent()

    assert len(all_relayed(partner, receiver, 5)) == 5
    assert [fault["hits"] for fault in partner.state()["faults"]] == [0, 0]
