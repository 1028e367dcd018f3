"""`manage.py run_worker` as a process, and what becomes of it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
from django.conf import settings as site
from django.db import connection

from core.models import Heartbeat
from stocksprout.postgres import database_url
from tests.stage import Stage


def url_of_test_database() -> str:
    address = urlsplit(database_url(site.BASE_DIR))
    return urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))


class Worker:
    """`manage.py run_worker` on the test's database."""

    def __init__(self, log: Path, environment: dict[str, str]) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_worker"],
                cwd=site.BASE_DIR,
                env=environment,
                stdout=output,
                stderr=output,
            )
        self.seen: set[psutil.Process] = set()

    def family(self) -> list[psutil.Process]:
        """Return every process the worker has now, and remember it."""
        with suppress(psutil.NoSuchProcess):
            self.seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        return self.living()

    def living(self) -> list[psutil.Process]:
        return [one for one in self.seen if is_alive(one)]

    def cluster(self) -> psutil.Process | None:
        children = psutil.Process(self.process.pid).children()
        return children[0] if children else None

    def end(self) -> None:
        self.family()
        for process in [*self.living(), self.process]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def until(happens: Callable[[], Any], worker: Worker, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, worker.log.read_text()[-3000:]
        time.sleep(0.05)


def environment(stage: Stage, **changes: str) -> dict[str, str]:
    """Return what a worker of the test's site is started with."""
    return (
        os.environ
        | {
            "DATABASE_URL": url_of_test_database(),
            "DRIVEWEALTH_BASE_URL": f"{stage.box.url}/drivewealth",
            "CLOCK_FILE": str(site.CLOCK_FILE),
            "SWEEP_SECONDS": "0.1",
            "QUEUE_WORKERS": "2",
        }
        | changes
    )


def noted(name: str) -> bool:
    return Heartbeat.objects.filter(name=name).exists()
