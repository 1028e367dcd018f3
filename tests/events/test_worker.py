"""The worker as it really runs, between two sweeps."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from brokerage.inbox import accept
from brokerage.models import BrokerEvent
from core.models import Heartbeat
from tests.events.sender import envelope

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def worker(transactional_db: None) -> Iterator[subprocess.Popen[bytes]]:
    """A worker between two sweeps; its queue has shown that it delivers."""
    parameters = connection.get_connection_params()
    address = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address, "SWEEP_SECONDS": "60"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not Heartbeat.objects.filter(name="queue").exists():
        time.sleep(0.2)
    yield process
    process.terminate()
    process.wait(40)  # told to end, it does not wait for its next sweep either


@pytest.mark.slow
def test_an_event_does_not_wait_for_the_sweep(worker: subprocess.Popen[bytes]) -> None:
    names = []
    for _number in range(20):
        event = envelope("auth.tokens.created", {})
        names.append(event["id"])
        accept(json.dumps(event), source=BrokerEvent.Source.SQS, at=datetime.now(UTC))
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and BrokerEvent.objects.filter(status="RECEIVED").exists():
        time.sleep(0.1)

    events = BrokerEvent.objects.filter(event_id__in=names)
    assert {event.status for event in events} == {"IGNORED"}
    assert worker.poll() is None
