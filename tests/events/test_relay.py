"""The signed door: who gets in, with what, and what everybody else is told."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from brokerage import relay
from brokerage.models import BrokerEvent
from core.throttle import Throttle
from tests.cast import Family
from tests.events.sender import ADDRESS, SECRET, Sender, envelope, signature
from tests.stage import Stage

EVENT = envelope("users.created", {"userID": "u-1", "firstName": "Pat", "email": "pat@family.test"})


def rows() -> int:
    return BrokerEvent.objects.count()


def check_problem(answer: Any, status: int) -> None:
    """Expect a problem document and nothing stored."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert rows() == 0


def test_a_signed_event_is_stored_and_answered_with_nothing(sender: Sender, stage: Stage) -> None:
    answer = sender.post(EVENT)

    assert (answer.status_code, answer.content) == (200, b"")
    event = BrokerEvent.objects.get()
    assert (event.event_id, event.type, event.source) == (EVENT["id"], "users.created", "relay")
    assert event.happened_at == datetime(2026, 11, 16, 17, 0, 0, 239726, tzinfo=UTC)
    assert event.status == "RECEIVED"
    assert json.loads(event.payload) == EVENT


def test_the_names_in_an_event_are_not_in_the_database(sender: Sender, stage: Stage) -> None:
    sender.post(EVENT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT b.*::text, b.payload FROM brokerage_brokerevent b")
        row = cursor.fetchone()
    text, payload = row[-2], bytes(row[-1])
    assert b"pat@family.test" not in payload
    assert "pat@family.test" not in str(row)
    assert "pat@family.test" not in text


def test_accepting_is_one_insert_and_no_other_question(sender: Sender, stage: Stage) -> None:
    sender.post(EVENT)

    with CaptureQueriesContext(connection) as asked:
        sender.post(envelope("orders.updated", {"id": "o-1"}))

    real = [q["sql"] for q in asked if not re.match("SAVEPOINT|RELEASE|BEGIN|COMMIT", q["sql"])]
    assert len(real) == 1
    assert real[0].startswith("INSERT")


def test_a_repeat_is_answered_the_same_and_stored_once(sender: Sender, stage: Stage) -> None:
    answers = [sender.post(EVENT) for _time in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert rows() == 1


def test_a_replay_with_another_content_does_not_overwrite(sender: Sender, stage: Stage) -> None:
    sender.post(EVENT)
    sender.post(EVENT | {"type": "orders.completed"})

    assert BrokerEvent.objects.get().type == "users.created"


@pytest.mark.parametrize(
    "forgery",
    [
        {"secret": "another-secret-altogether-for-the-tests"},
        {"X_Relay_Signature": "v1=" + "0" * 64},
        {"X_Relay_Signature": ""},
        {"X_Relay_Signature": "v1=é"},
        {"X_Relay_Signature": "v2=" + "0" * 64},
        {"X_Relay_Timestamp": ""},
        {"X_Relay_Timestamp": "soon"},
        {"X_Relay_Timestamp": "-1"},
        {"X_Relay_Timestamp": "²"},
        {"X_Relay_Timestamp": "9" * 5000},
        {"signed": b"{}"},
        {"age": 301},
        {"age": -302},
    ],
)
def test_a_forged_or_stale_event_is_refused(
    sender: Sender, stage: Stage, forgery: dict[str, Any]
) -> None:
    check_problem(sender.post(EVENT, **forgery), 401)


def test_a_signature_is_good_for_five_minutes(sender: Sender, stage: Stage) -> None:
    assert sender.post(EVENT, age=298).status_code == 200
    assert sender.post(EVENT, age=-298).status_code == 200


def test_a_body_written_anew_does_not_fit_its_signature(sender: Sender, stage: Stage) -> None:
    compact = json.dumps(EVENT, separators=(",", ":")).encode()
    pretty = json.dumps(EVENT, indent=1).encode()

    check_problem(sender.post(pretty, signed=compact), 401)


def test_a_stamp_moved_to_now_does_not_fit_the_signature(sender: Sender, stage: Stage) -> None:
    body = json.dumps(EVENT).encode()
    old = signature(body, str(int(time.time()) - 4000))

    check_problem(sender.post(body, X_Relay_Signature=old), 401)


def test_freshness_is_judged_by_real_time(sender: Sender, stage: Stage) -> None:
    stage.advance(86_400)

    assert sender.post(EVENT).status_code == 200
    assert BrokerEvent.objects.get().received_at > datetime(2026, 11, 17, 16, 0, tzinfo=UTC)


def test_the_old_secret_is_good_until_it_is_taken_away(
    sender: Sender, stage: Stage, settings: Any
) -> None:
    settings.DRIVEWEALTH_WEBHOOK_SECRET = ["a-new-secret-for-the-tests-of-the-relay", SECRET]
    assert sender.post(EVENT).status_code == 200

    settings.DRIVEWEALTH_WEBHOOK_SECRET = ["a-new-secret-for-the-tests-of-the-relay"]
    assert sender.post(EVENT).status_code == 401


def test_without_a_secret_there_is_no_such_address(
    sender: Sender, stage: Stage, settings: Any
) -> None:
    settings.DRIVEWEALTH_WEBHOOK_SECRET = []

    assert sender.post(EVENT).status_code == 404
    assert sender.post(EVENT, secret="").status_code == 404
    assert rows() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_post_is_understood(sender: Sender, stage: Stage, method: str) -> None:
    answer = sender.client.generic(method, ADDRESS)

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


def test_64_kb_are_taken_and_one_byte_more_is_not(sender: Sender, stage: Stage) -> None:
    spare = 64 * 1024 - len(json.dumps(envelope("x", {"pad": ""})))
    fitting = json.dumps(envelope("x", {"pad": "p" * spare})).encode()
    assert len(fitting) == 64 * 1024

    check_problem(sender.post(fitting + b" "), 413)
    assert sender.post(fitting).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"event"',
        b"{",
        b"\xff\xfe{\x00}\x00",
        b"[" * 60_000,
        json.dumps(envelope("x", {}, payload=float("nan"))).encode(),
        envelope("x", {}, id=""),
        envelope("x", {}, id=7),
        envelope("x", {}, id="e" * 101),
        envelope("x", {}, id="event\x00"),
        envelope("x", {}, id="\ud800"),
        envelope("x", {}, type=None),
        envelope("t" * 61, {}),
        envelope("x", {}, payload=[]),
        envelope("x", {}, payload=None),
        envelope("x", {}, timestamp=1789000000),
        envelope("x", {}, timestamp="yesterday"),
        envelope("x", {}, timestamp="0001-01-01T00:00:00+23:00"),
        [envelope("x", {})],
    ],
)
def test_what_is_no_event_is_refused(
    sender: Sender, stage: Stage, body: dict[str, Any] | list[Any] | bytes
) -> None:
    check_problem(sender.post(body), 400)


@pytest.mark.parametrize("missing", ["id", "type", "timestamp", "payload"])
def test_every_part_of_an_event_is_needed(sender: Sender, stage: Stage, missing: str) -> None:
    event = {name: value for name, value in EVENT.items() if name != missing}

    check_problem(sender.post(event), 400)


def test_a_flood_is_slowed_down(
    sender: Sender, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "throttle", Throttle(0.001))

    answers = [sender.post(envelope("x", {})) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1]["Retry-After"] == "1"
    assert rows() == 1


def test_a_flood_of_forgeries_does_not_shut_the_relay_out(
    sender: Sender, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "throttle", Throttle(0.001))

    forged = [sender.post(EVENT, secret="x" * 40) for _time in range(3)]

    assert [answer.status_code for answer in forged] == [401, 429, 429]
    assert sender.post(EVENT).status_code == 200


def test_no_session_is_begun(sender: Sender, stage: Stage) -> None:
    answer = sender.post(EVENT)

    assert not answer.cookies


def test_the_same_event_from_eight_threads_is_one_row(sender: Sender, live_stage: Stage) -> None:
    def post(_number: int) -> int:
        try:
            status: int = Sender().post(EVENT).status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))

    assert answers == [200] * 16
    assert rows() == 1


def test_a_connection_that_died_meanwhile_costs_no_event(sender: Sender, live_stage: Stage) -> None:
    """As after a restart of the database: the insert finds it out and is made once more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as another:
        another.execute("SELECT pg_terminate_backend(%s)", [backend])

    assert sender.post(EVENT).status_code == 200
    assert rows() == 1


def test_a_parent_who_is_signed_in_is_a_stranger_here(family: Family, sender: Sender) -> None:
    answer = family.client.post(ADDRESS, EVENT, content_type="application/json")

    check_problem(answer, 401)
