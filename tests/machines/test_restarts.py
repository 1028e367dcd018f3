"""Database, worker and site are restarted or killed under a purchase: it ends once."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg.conninfo import conninfo_to_dict

from tests.cast import Family, make_family
from tests.machines.server import Server
from tests.machines.site import Site
from tests.machines.workers import Worker, environment, until
from tests.money import auditor
from tests.money.processes import wait_for_fault
from tests.stage import Stage

pytestmark = pytest.mark.slow


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """A server of one's own with a database for the test, which speaks to it."""
    server = Server(tmp_path / "postgres")
    address = server.make_database("restarts")
    options = connection.settings_dict
    kept = {name: options[name] for name in ("NAME", "HOST")}
    connection.close()
    host = str(conninfo_to_dict(address)["host"])
    options |= {"NAME": "restarts", "HOST": host}
    server.url = address
    yield server
    connection.close()
    options |= kept
    with suppress(ProcessLookupError):
        server.stop_at_once()


@pytest.fixture
def family(server: Server, live_stage: Stage) -> Family:
    return make_family(live_stage, "custodian@family.example")


@pytest.fixture
def start(family: Family, server: Server, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Start worker and site on the test's own server."""
    running: list[Any] = []

    def run() -> tuple[Worker, Site]:
        settings = environment(
            family.stage, DATABASE_URL=server.url, POLL_SECONDS="1", QUEUE_SILENT_SECONDS="10"
        )
        worker = Worker(tmp_path / f"worker{len(running)}.log", settings)
        web = Site(settings, tmp_path / f"site{len(running)}.log")
        running.append((worker, web))
        return worker, web

    yield run
    for worker, web in running:
        worker.end()
        web.kill()


def finish(family: Family, worker: Worker) -> None:
    """Let the days pass until the purchase has ended and is compared with the broker.

    Not before we have noted what the broker holds: a deposit that is sent again after those days
    is answered as it stood when it was sent first, and then is only asked for every hour.
    """
    until(lambda: step(family) and is_noted(family), worker, seconds=60)
    family.stage.settle_ach()
    until(lambda: step(family) and is_done(family), worker, seconds=60)


def step(family: Family) -> bool:
    """Let half a minute pass: leases of the dead run out."""
    family.stage.advance(30)
    time.sleep(0.2)
    return True


def is_noted(family: Family) -> bool:
    return ask(lambda: family.account.deposits.exclude(vendor_id="").exists())


def is_done(family: Family) -> bool:
    return ask(lambda: is_checked(family))


def is_checked(family: Family) -> bool:
    purchase, checked = family.purchase(), family.account.checked_at
    return bool(purchase.ended_at and checked and checked > purchase.ended_at)


def ask(question: Callable[[], bool]) -> bool:
    """Ask the database; one that is away says no."""
    try:
        return question()
    except OperationalError:
        connection.close()
        return False


def test_a_database_restarted_under_a_running_site_and_worker_loses_nothing(
    family: Family, server: Server, start: Callable[[], tuple[Worker, Site]]
) -> None:
    worker, web = start()
    until(web.is_healthy, worker)
    gift = family.give()
    family.approve(gift)
    until(lambda: family.stage.state()["deposits"], worker, seconds=30)

    for _time in range(2):
        connection.close()
        server.stop_at_once()
        assert not web.is_healthy()
        time.sleep(1)  # sweeps, tasks and requests meet a database that is not there
        server.start()
        until(web.is_healthy, worker)
    finish(family, worker)

    assert worker.process.poll() is None
    auditor.check_bought_once(family, gift)


def test_everything_killed_at_once_amid_a_deposit_ends_in_one(
    family: Family, server: Server, start: Callable[[], tuple[Worker, Site]]
) -> None:
    family.stage.fault(method="POST", path="*/funding/deposits", kind="delay-after", seconds=2)
    gift = family.give()
    family.approve(gift)
    worker, web = start()
    wait_for_fault(family.stage)  # the broker has acted, and the answer is on its way

    worker.family()
    worker.process.kill()
    web.kill()
    connection.close()
    server.kill()
    worker.end()
    server.start()
    again, web = start()
    until(web.is_healthy, again)
    finish(family, again)

    auditor.check_bought_once(family, gift)
