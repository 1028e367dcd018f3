"""The SQS consumer against a queue of moto's."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from moto.server import ThreadedMotoServer

from brokerage.drivewealth import queue as sqs
from brokerage.inbox import accept
from brokerage.management.commands import consume_broker_events as command
from brokerage.models import BrokerEvent
from tests.events.sender import envelope

ROOT = Path(__file__).parent.parent.parent


class Queue:
    """The broker's end of the queue."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = boto3.client("sqs", region_name="us-east-1", endpoint_url=address)
        made = self.client.create_queue(
            QueueName="broker-events", Attributes={"VisibilityTimeout": "0"}
        )
        self.url: str = made["QueueUrl"]

    def put(self, message: dict[str, Any] | str) -> None:
        body = message if isinstance(message, str) else json.dumps(message)
        self.client.send_message(QueueUrl=self.url, MessageBody=body)

    @property
    def length(self) -> int:
        names = ["ApproximateNumberOfMessages"]
        answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return int(answer["Attributes"][names[0]])


@pytest.fixture
def queue(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    """An SQS queue on loopback; what is not deleted can be received again at once."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setattr(sqs, "LONG_POLL", 0)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = Queue(f"http://{host}:{port}")
    settings.BROKER_EVENTS_QUEUE_URL = made.url
    settings.BROKER_EVENTS_ENDPOINT_URL = made.address
    yield made
    made.client.close()
    server.stop()


@pytest.fixture
def consumer() -> command.Command:
    consumer = command.Command()
    consumer._stopping = consumer._waiting = False
    return consumer


def ids() -> list[str]:
    return sorted(BrokerEvent.objects.values_list("event_id", flat=True))


@pytest.mark.slow
def test_events_go_from_the_queue_into_the_inbox(
    db: None, queue: Queue, consumer: command.Command
) -> None:
    told = [envelope("orders.updated", {"id": "o-1"}) for _number in range(25)]
    for event in told:
        queue.put(event)

    reader = sqs.EventQueue()
    taken = sum(consumer._round(reader) for _time in range(10))

    assert taken == 25
    assert ids() == sorted(event["id"] for event in told)
    assert queue.length == 0
    assert set(BrokerEvent.objects.values_list("source", "status")) == {("sqs", "RECEIVED")}


def test_a_message_delivered_twice_is_one_row(
    db: None, queue: Queue, consumer: command.Command
) -> None:
    event = envelope("orders.updated", {"id": "o-1"})
    for _time in range(3):
        queue.put(event)

    consumer._round(sqs.EventQueue())

    assert ids() == [event["id"]]
    assert queue.length == 0


def test_nothing_is_deleted_before_it_is_stored(
    db: None, queue: Queue, consumer: command.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (envelope("orders.updated", {"id": "o-1"}, id=f"e-{n}") for n in (1, 2))
    queue.put(first)
    queue.put(second)

    def lose_the_database(message: str, **rest: Any) -> None:
        if "e-2" in message:
            raise DatabaseError("the row: Pat Sample, 123-45-6789")
        accept(message, **rest)

    with monkeypatch.context() as broken:
        broken.setattr(f"{command.__name__}.accept", lose_the_database)
        with pytest.raises(DatabaseError):
            consumer._round(sqs.EventQueue())
    assert "e-2" not in ids()
    left = queue.length

    assert left >= 1
    for _time in range(3):
        consumer._round(sqs.EventQueue())
    assert ids() == ["e-1", "e-2"]
    assert queue.length == 0


def test_what_could_not_be_deleted_comes_again_and_changes_nothing(
    db: None, queue: Queue, consumer: command.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.put(envelope("orders.updated", {"id": "o-1"}))

    def fail(*_args: Any) -> int:
        raise sqs.QueueUnavailable("EndpointConnectionError")

    with monkeypatch.context() as cut:
        cut.setattr(sqs.EventQueue, "delete", fail)
        with pytest.raises(sqs.QueueUnavailable):
            consumer._round(sqs.EventQueue())
    assert (len(ids()), queue.length) == (1, 1)
    consumer._round(sqs.EventQueue())

    assert (len(ids()), queue.length) == (1, 0)


@pytest.mark.parametrize("poison", ["{", "[]", '{"id": 7}', "not JSON at all"])
def test_a_message_that_is_no_event_is_kept_once_and_blocks_nothing(
    db: None, queue: Queue, consumer: command.Command, poison: str
) -> None:
    queue.put(poison)
    queue.put(poison)
    queue.put(envelope("orders.updated", {"id": "o-1"}, id="good"))

    consumer._round(sqs.EventQueue())

    assert queue.length == 0
    parked = BrokerEvent.objects.get(type="malformed")
    assert (parked.status, parked.next_step_at, parked.payload) == ("PARKED", None, poison)
    assert BrokerEvent.objects.get(event_id="good").status == "RECEIVED"


def test_an_empty_queue_is_no_work(db: None, queue: Queue, consumer: command.Command) -> None:
    assert consumer._round(sqs.EventQueue()) == 0


def test_a_queue_that_is_away_is_waited_for_longer_each_time(
    transactional_db: None, queue: Queue, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BROKER_EVENTS_ENDPOINT_URL = "http://127.0.0.1:1"
    waits: list[float] = []

    def rest(consumer: command.Command, seconds: float) -> None:
        waits.append(seconds)
        consumer._stopping = len(waits) == 9

    monkeypatch.setattr(command.Command, "_rest", rest)
    monkeypatch.setattr(f"{command.__name__}.call_when_told_to_end", lambda _act: None)
    call_command("consume_broker_events")

    assert len(waits) == 9
    assert waits[0] <= 2
    assert waits[4] > waits[0]
    assert max(waits) <= 60


def test_without_a_queue_the_command_says_what_to_set(settings: Any) -> None:
    settings.BROKER_EVENTS_QUEUE_URL = ""

    with pytest.raises(CommandError, match="BROKER_EVENTS_QUEUE_URL"):
        call_command("consume_broker_events")


@pytest.mark.slow
def test_sigterm_ends_the_consumer_without_waiting_out_the_poll(
    transactional_db: None, queue: Queue
) -> None:
    event = envelope("orders.updated", {"id": "o-1"})
    queue.put(event)
    parameters = connection.get_connection_params()
    address = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    environment = os.environ | {
        "DATABASE_URL": address,
        "BROKER_EVENTS_QUEUE_URL": queue.url,
        "BROKER_EVENTS_ENDPOINT_URL": queue.address,
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "consume_broker_events"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (ids() and queue.length == 0):
            time.sleep(0.1)
        time.sleep(0.5)  # it is waiting for the next message now
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    finally:
        process.kill()
        process.wait()

    assert ids() == [event["id"]]
    assert process.returncode == 0
    assert time.monotonic() - asked < 5
