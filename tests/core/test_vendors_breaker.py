"""After repeated failures a vendor is left in peace, by every process alike."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses
import time_machine
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

from core.models import VendorCircuit
from core.vendors import Answer, Unavailable
from tests.core.vendor import THING, ask, at_once, door

NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


@pytest.fixture
def noon() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def fail(times: int) -> list[str]:
    """Fail by as many processes as calls; return what each was told."""
    reasons = []
    for _ in range(times):
        with pytest.raises(Unavailable) as error:
            ask(door(), "POST")
        reasons.append(error.value.reason)
    return reasons


@pytest.mark.django_db
def test_five_failures_in_a_row_of_any_processes_stop_all(
    wire: responses.RequestsMock, noon: Any
) -> None:
    sent = wire.post(THING, status=500)

    reasons = fail(8)

    assert sent.call_count == 5
    assert ["resting" in reason for reason in reasons] == [False] * 4 + [True] * 4
    assert "answered 500" in reasons[4]


@pytest.mark.django_db
def test_an_answer_in_between_starts_the_count_anew(
    wire: responses.RequestsMock, noon: Any
) -> None:
    sent = wire.post(THING, status=500)
    wire.get(THING, json={})
    for _ in range(3):
        fail(4)
        ask(door())

    assert sent.call_count == 12


@pytest.mark.django_db
def test_who_is_kept_back_is_told_for_how_long(wire: responses.RequestsMock, noon: Any) -> None:
    wire.post(THING, status=500)
    fail(5)
    noon.shift(10)

    with pytest.raises(Unavailable) as error:
        ask(door())

    assert error.value.retry_after is not None
    assert 20 <= error.value.retry_after <= 23
    assert not error.value.sent


@pytest.mark.django_db
def test_after_the_rest_one_call_tries_and_its_answer_lets_all_go_on(
    wire: responses.RequestsMock, noon: Any
) -> None:
    wire.post(THING, status=500)
    tried = wire.get(THING, json={})
    fail(5)
    noon.shift(31)

    ask(door())
    ask(door())

    assert tried.call_count == 2
    assert VendorCircuit.objects.get().open_until is None


@pytest.mark.django_db
def test_a_try_that_fails_doubles_the_rest_up_to_five_minutes(
    wire: responses.RequestsMock, noon: Any
) -> None:
    wire.post(THING, status=500)
    fail(5)

    rests = []
    for _ in range(6):
        circuit = VendorCircuit.objects.get()
        assert circuit.open_until is not None
        rests.append((circuit.open_until - datetime.now(UTC)).total_seconds())
        noon.move_to(circuit.open_until + SECOND)
        fail(1)

    assert rests == [30, 60, 120, 240, 300, 300]


@pytest.mark.django_db
def test_a_prober_that_died_is_replaced_after_a_minute(
    wire: responses.RequestsMock, noon: Any
) -> None:
    wire.post(THING, status=500)
    wire.get(THING, json={})
    fail(5)
    noon.shift(31)
    door()._breaker.enter()  # a process takes its turn, and is killed

    with pytest.raises(Unavailable, match="resting"):
        ask(door())
    noon.shift(61)

    assert ask(door()).status == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_tries(wire: responses.RequestsMock) -> None:
    VendorCircuit.objects.create(
        vendor="acme", failures=5, open_until=datetime.now(UTC) - timedelta(seconds=1)
    )
    released, sent = threading.Event(), []

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        sent.append(request)
        released.wait(20)
        return 200, {}, "{}"

    wire.add_callback("GET", THING, answer)
    kept_back: list[Exception] = []

    def one() -> Answer:
        try:
            return ask(door())
        except Unavailable as error:
            kept_back.append(error)
            if len(kept_back) == 7:
                released.set()
            raise

    answers = at_once(8, one)

    assert len(sent) == 1
    assert sum(isinstance(answer, Answer) for answer in answers) == 1


@pytest.mark.django_db
def test_a_vendor_that_asks_for_fewer_calls_works(wire: responses.RequestsMock) -> None:
    sent = wire.post(THING, status=429)

    fail(9)

    assert sent.call_count == 9


@pytest.mark.django_db
def test_a_refusal_is_an_answer(wire: responses.RequestsMock) -> None:
    sent = wire.post(THING, status=404, json={"errorCode": "E050"})

    for _ in range(9):
        ask(door(), "POST")

    assert sent.call_count == 9
    assert not VendorCircuit.objects.exists()


@pytest.mark.django_db
def test_while_all_is_well_a_call_costs_one_read_and_no_write(
    wire: responses.RequestsMock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    wire.get(THING, json={})

    with django_assert_num_queries(1) as asked:
        ask(door())

    assert asked.captured_queries[0]["sql"].startswith("SELECT")


@pytest.mark.django_db
def test_every_change_writes_the_gauge(wire: responses.RequestsMock, noon: Any) -> None:
    wire.post(THING, status=500)
    wire.get(THING, json={})

    with capture_logs() as lines:
        fail(6)
        noon.shift(31)
        fail(1)
        noon.shift(61)
        ask(door())

    changes = [line for line in lines if line["event"] == "vendor_circuit"]
    assert [(line["state"], line["gauge"]) for line in changes] == [
        ("open", 1), ("half-open", 0.5), ("open", 1), ("half-open", 0.5), ("closed", 0),
    ]  # fmt: skip
    assert {line["vendor"] for line in changes} == {"acme"}
