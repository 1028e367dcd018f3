"""Workers that are killed, whole or in part, and several machines at once."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import psutil
import pytest

from brokerage.models import BrokerAccount, Purchase
from core.models import Heartbeat
from core.queue import enqueue
from tests.cast import Family
from tests.machines.workers import Worker, environment, is_alive, noted, until
from tests.money import auditor
from tests.stage import Stage


@pytest.fixture
def worker(live_stage: Stage, tmp_path: Path) -> Iterator[Worker]:
    quick = environment(live_stage, QUEUE_SILENT_SECONDS="4")
    worker = Worker(tmp_path / "worker.log", quick)
    yield worker
    worker.end()


def test_a_worker_killed_outright_leaves_no_process_behind(worker: Worker) -> None:
    enqueue("tests.core.tasks.note", name="before")
    until(lambda: noted("before"), worker)
    assert len(worker.family()) >= 6  # head, sentinel, two workers, monitor, pusher

    worker.process.kill()
    worker.process.wait(10)

    until(lambda: worker.living() == [], worker, seconds=5)


@pytest.mark.slow
def test_every_process_of_the_queue_may_be_killed_while_idle(worker: Worker) -> None:
    enqueue("tests.core.tasks.note", name="before")
    until(lambda: noted("before"), worker)
    places = len(children_of_sentinel(worker))
    assert places == 4  # two workers, the monitor, the pusher

    for place in range(places):
        until(lambda: len(children_of_sentinel(worker)) == places, worker)
        children_of_sentinel(worker)[place].kill()
        until(partial(works_again, f"after {place}", count()), worker, seconds=40)

    assert worker.process.poll() is None


def works_again(name: str, numbers: Iterator[int]) -> bool:
    """Enqueue until something is done: what a killed process had in hand comes again much later."""
    enqueue("tests.core.tasks.note", name=f"{name} {next(numbers)}")
    time.sleep(0.5)
    return Heartbeat.objects.filter(name__startswith=name).exists()


def children_of_sentinel(worker: Worker) -> list[psutil.Process]:
    """Return the processes that do the queue's work, oldest first."""
    worker.family()
    with suppress(psutil.NoSuchProcess, IndexError):
        (head,) = psutil.Process(worker.process.pid).children()
        (sentinel,) = head.children()
        return sorted(filter(is_alive, sentinel.children()), key=lambda one: one.pid)
    return []


@pytest.mark.slow
def test_two_machines_drive_the_same_purchases_and_double_nothing(
    live_family: Family, tmp_path: Path
) -> None:
    gifts = [live_family.give("10.00") for _number in range(6)]
    settings = environment(live_family.stage, POLL_SECONDS="1", SWEEP_SECONDS="0.05")
    machines = [Worker(tmp_path / f"{name}.log", settings) for name in ("one", "two")]
    try:
        for gift in gifts:
            live_family.approve(gift)
        until(lambda: all_are("FUNDING") and all_sent(live_family), machines[0], seconds=40)
        live_family.stage.settle_ach()
        until(lambda: nudge(live_family) and all_are("EXECUTED"), machines[0], seconds=60)
        until(lambda: is_checked(live_family), machines[1], seconds=30)
    finally:
        for machine in machines:
            os.kill(machine.process.pid, signal.SIGTERM)
        for machine in machines:
            machine.process.wait(40)
            machine.end()

    state = live_family.stage.state()
    calls = state["calls"]
    assert (calls["POST /funding/deposits"], calls["POST /orders"]) == (6, 6)
    assert len(state["deposits"]) == len(state["orders"]) == 6
    auditor.check_books(live_family)
    auditor.check_trail()


def all_are(status: str) -> bool:
    return not Purchase.objects.exclude(status=status).exists()


def all_sent(family: Family) -> bool:
    return len(family.stage.state()["deposits"]) == Purchase.objects.count()


def nudge(family: Family) -> bool:
    """Let a few seconds of the market pass."""
    family.stage.advance(2)
    return True


def is_checked(family: Family) -> bool:
    account: BrokerAccount = family.account
    last = max(p.ended_at for p in Purchase.objects.all() if p.ended_at)
    family.stage.advance(30)
    return bool(account.checked_at and account.checked_at > last)
