"""The demo as a process among others: whoever tells it to end, all that it started ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from django.conf import settings as site

NAME = "told_to_end"
FOLDER = Path(site.BASE_DIR) / "var" / NAME
COMMAND = [
    sys.executable, "-m", "stocksprout.postgres", sys.executable, "-m", "demo", "--name", NAME,
]  # fmt: skip


class Demo:
    """`make demo`, as a script starts it in the background: deaf to Ctrl-C."""

    def __init__(self) -> None:
        # So does a shell without job control: SIGINT and SIGQUIT are ignored behind an `&`.
        self.shell = subprocess.Popen(
            ["/bin/sh", "-c", '"$@" & wait', "sh", *COMMAND],
            cwd=site.BASE_DIR,
            env={name: v for name, v in os.environ.items() if name != "DATABASE_URL"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.seen: set[psutil.Process] = set()

    def family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            self.seen |= set(psutil.Process(self.shell.pid).children(recursive=True))
        return [one for one in self.seen if one.is_running() and one.status() != "zombie"]

    def find(self, *words: str) -> psutil.Process | None:
        found = [one for one in self.family() if words == tuple(_words(one)[1 : 1 + len(words)])]
        return found[0] if found else None


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def until(done: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def demo() -> Iterator[Demo]:
    demo = Demo()
    yield demo
    for process in demo.family():
        process.kill()
    demo.shell.wait(10)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "whom"),
    [
        (signal.SIGINT, "stocksprout.postgres"),
        pytest.param(signal.SIGINT, "demo", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, "stocksprout.postgres", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, "demo", marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, "stocksprout.postgres", marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, "demo", marks=pytest.mark.slow),
    ],
)
def test_a_demo_in_the_background_ends_with_all_it_started(
    demo: Demo, number: signal.Signals, whom: str
) -> None:
    until(lambda: (FOLDER / "web.log").exists() and demo.find("-m", "granian"))
    told = demo.find("-m", whom)
    assert told is not None
    assert demo.find("-m", "sandbox")
    assert demo.find("manage.py", "run_worker")

    told.send_signal(number)

    until(lambda: demo.family() == [], seconds=40)
    assert demo.shell.wait(10) == 0


@pytest.mark.daily(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize(
    "command",
    [
        ("-m", "sandbox", "--port", "0", "--quiet"),
        ("manage.py", "run_worker"),
    ],
)
def test_what_runs_until_told_to_end_hears_it_in_the_background_too(
    tmp_path: Path, command: tuple[str, ...], number: signal.Signals
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", sys.executable, *command],
            cwd=site.BASE_DIR,
            env=os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    until(lambda: _hears(process.pid, number))

    process.send_signal(number)

    assert process.wait(40) == 0, log.read_text()


def _hears(pid: int, number: signal.Signals) -> bool:
    """Say whether a process has a handler of its own for a signal (Linux tells, proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(line for line in lines if line.startswith("SigCgt")).split()[1]
    return bool(int(caught, 16) >> (number - 1) & 1)
