"""The queue: what is enqueued when, and the worker's processes as they live and die."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from django.db import transaction
from django_q.models import OrmQ

from core.management.commands import run_worker
from core.models import Heartbeat
from core.queue import enqueue
from tests.machines.workers import (
    Worker,
    environment,
    is_alive,
    noted,
    until,
    url_of_test_database,
)
from tests.stage import Stage

GIFT = UUID("11111111-1111-1111-1111-111111111111")


def queued() -> list[dict[str, Any]]:
    return [row.task for row in OrmQ.objects.order_by("id")]


@pytest.mark.django_db(transaction=True)
def test_a_task_is_enqueued_when_the_transaction_commits_not_before() -> None:
    with transaction.atomic():
        enqueue("tests.core.tasks.note", name="once", gift=GIFT)
        assert queued() == []

    (task,) = queued()
    assert task["func"] == "tests.core.tasks.note"
    assert task["kwargs"] == {"name": "once", "gift": str(GIFT)}


@pytest.mark.django_db(transaction=True)
def test_a_task_is_not_enqueued_when_the_transaction_is_rolled_back() -> None:
    with transaction.atomic():
        enqueue("tests.core.tasks.note", name="never")
        transaction.set_rollback(True)

    assert queued() == []


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_away_does_not_fail_what_was_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def is_away(*_task: Any, **_more: Any) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr("django_q.tasks.async_task", is_away)
    heard = []
    with transaction.atomic():
        Heartbeat.objects.create(name="work", at="2026-11-16T17:00Z")
        enqueue("tests.core.tasks.note", name="lost")
        transaction.on_commit(lambda: heard.append("the next in line"))

    assert Heartbeat.objects.filter(name="work").exists()
    assert heard == ["the next in line"]


# --- real processes -----------------------------------------------------------------------------


@pytest.fixture
def worker(live_stage: Stage, tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path / "worker.log", environment(live_stage))
    yield worker
    worker.end()


def test_the_worker_runs_tasks_and_ends_cleanly_with_the_running_step_finished(
    worker: Worker,
) -> None:
    enqueue("tests.core.tasks.note", name="quick")
    enqueue("tests.core.tasks.note_slowly", name="slow")
    until(lambda: noted("quick") and noted("slow begun"), worker)
    until(lambda: noted("queue"), worker)  # the watchdog's own beat
    assert len(worker.family()) > 2

    worker.process.send_signal(signal.SIGTERM)
    worker.process.wait(30)

    assert noted("slow ended"), worker.log.read_text()[-3000:]
    assert worker.process.returncode == 0
    assert worker.living() == []


@pytest.mark.slow
def test_a_killed_cluster_is_started_anew_and_leaves_nobody_behind(worker: Worker) -> None:
    enqueue("tests.core.tasks.note", name="before")
    until(lambda: noted("before"), worker)

    first, old = worker.cluster(), worker.family()
    assert first is not None
    first.kill()  # its children live on

    until(lambda: worker.cluster() not in (None, first), worker)
    enqueue("tests.core.tasks.note", name="after one")
    until(lambda: noted("after one"), worker)
    until(lambda: not any(map(is_alive, old)), worker, seconds=3)

    second = worker.cluster()
    assert second is not None
    os.killpg(second.pid, signal.SIGKILL)

    enqueue("tests.core.tasks.note", name="after all")
    until(lambda: noted("after all"), worker)
    worker.family()
    worker.process.send_signal(signal.SIGTERM)
    worker.process.wait(30)
    assert worker.living() == []


@pytest.mark.django_db(transaction=True)
def test_a_cluster_from_which_nothing_comes_is_replaced(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", url_of_test_database())
    cluster = run_worker.Cluster()
    try:
        cluster.watch()
        first = psutil.Process(cluster._process.pid)  # type: ignore[union-attr]
        cluster.watch()
        assert is_alive(first)
        os.killpg(first.pid, signal.SIGSTOP)  # wedged

        settings.QUEUE_SILENT_SECONDS = 0.0
        cluster.watch()

        assert not is_alive(first)
        second = psutil.Process(cluster._process.pid)  # type: ignore[union-attr]
        assert second.pid != first.pid
        assert is_alive(second)
    finally:
        cluster.stop()
    assert not is_alive(second)
