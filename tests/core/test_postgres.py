"""The database address, and the embedded server that is started where none is given."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

import psutil
import psycopg
import pytest
from django.conf import settings as site


class Machine:
    """A home of its own; each call is a process of its own, as the site's are."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.roots: list[Path] = []

    def address(self, root: Path, **environment: str) -> str:
        """Return what a process that starts the site would connect to."""
        if root not in self.roots:
            self.roots.append(root)
        done = self.run("print(database_url(root))", root, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def servers(self) -> list[psutil.Process]:
        """Return the servers that run in our folders."""
        numbers = [
            int(file.read_text().split()[0])
            for folder in [*self.roots, self.home]
            for file in folder.rglob("postmaster.pid")
        ]
        alive = [psutil.Process(number) for number in numbers if psutil.pid_exists(number)]
        return [process for process in alive if process.name() == "postgres"]

    def stop(self) -> None:
        for server in self.servers():
            server.send_signal(signal.SIGINT)
            server.wait(30)

    def run(self, call: str, root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        code = (
            "import sys, pathlib; from stocksprout.postgres import database_url, main; "
            f"root = pathlib.Path(sys.argv[1]); {call}"
        )
        return subprocess.run(
            [sys.executable, "-c", code, str(root)],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home)} | environment,
            cwd=site.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of our own: where root runs the tests, pytest's are closed to the server's user."""
    with TemporaryDirectory(prefix="stocksprout-") as folder:
        yield Path(folder)


@pytest.fixture
def machine(place: Path) -> Iterator[Machine]:
    home = place / "home"
    home.mkdir()
    machine = Machine(home)
    yield machine
    machine.stop()


def make_root(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def ask(address: str, question: str) -> str:
    with psycopg.connect(address, autocommit=True) as database:
        row = database.execute(question).fetchone()
    assert row is not None
    return str(row[0])


def data_folder(address: str) -> Path:
    return Path(ask(address, "SHOW data_directory"))


def test_an_address_that_is_given_wins(machine: Machine, place: Path) -> None:
    root = make_root(place / "site")

    address = machine.address(root, DATABASE_URL="postgresql://elsewhere/site")

    assert address == "postgresql://elsewhere/site"
    assert list(root.iterdir()) == []


def test_a_server_is_started_once_and_found_again(machine: Machine, place: Path) -> None:
    root = make_root(place / "site")

    first = machine.address(root)
    started = ask(first, "SELECT pg_postmaster_start_time()")
    second = machine.address(root)

    assert first == second
    assert ask(second, "SELECT pg_postmaster_start_time()") == started
    assert data_folder(first) == root / "var" / "postgres"
    assert ask(first, "SHOW listen_addresses") == ""


@pytest.mark.slow
def test_a_server_that_died_leaves_nothing_that_confuses_the_next(
    machine: Machine, place: Path
) -> None:
    root = make_root(place / "site")
    address = machine.address(root)
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    (server,) = machine.servers()

    server.kill()
    server.wait(30)
    again = machine.address(root)

    assert ask(again, "SELECT answer FROM kept") == "42"


@pytest.mark.slow
def test_a_pid_file_whose_number_another_process_has_now_does_not_confuse_it(
    machine: Machine, place: Path
) -> None:
    root = make_root(place / "site")
    machine.address(root)
    pid_file = root / "var" / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    owner = pid_file.stat()
    machine.stop()

    pid_file.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    again = machine.address(root)

    assert ask(again, "SELECT 1") == "1"


@pytest.mark.slow
def test_a_folder_with_a_blank_is_served_from_a_plain_place(machine: Machine, place: Path) -> None:
    root = make_root(place / "Pat's site")

    address = machine.address(root)

    assert data_folder(address).is_relative_to(machine.home / ".local" / "share" / "stocksprout")
    assert machine.address(root) == address


@pytest.mark.slow
def test_a_folder_deep_down_is_served_although_sockets_need_short_names(
    machine: Machine, place: Path
) -> None:
    root = make_root(place.joinpath(*["deep-down-in-the-tree"] * 8))

    address = machine.address(root)

    assert data_folder(address) == root / "var" / "postgres"
    assert len(unquote(address.partition("host=")[2])) < 90
    assert machine.address(root) == address


CLIENT = (
    "import psycopg, sys, pathlib; from stocksprout.postgres import database_url; "
    "psycopg.connect(database_url(pathlib.Path(sys.argv[1]))).close(); sys.exit(7)"
)
AS_COMMAND = f"sys.exit(main(root, [sys.executable, '-c', {CLIENT!r}, str(root)]))"


def test_a_command_that_had_to_start_the_server_leaves_none_behind(
    machine: Machine, place: Path
) -> None:
    root = make_root(place / "site")
    machine.roots.append(root)

    done = machine.run(AS_COMMAND, root)

    assert done.returncode == 7, done.stderr
    assert (root / "var" / "postgres" / "PG_VERSION").exists()
    assert machine.servers() == []


@pytest.mark.slow
def test_a_command_that_found_the_server_running_leaves_it_running(
    machine: Machine, place: Path
) -> None:
    root = make_root(place / "site")
    address = machine.address(root)
    before = machine.servers()

    done = machine.run(AS_COMMAND, root)

    assert done.returncode == 7, done.stderr
    assert machine.servers() == before
    assert ask(address, "SELECT 1") == "1"


SLEEPER = (
    "import pathlib, signal, sys, time; from stocksprout.postgres import database_url; "
    "database_url(pathlib.Path(sys.argv[1])); heard = []; "
    "[signal.signal(n, lambda n, _: heard.append(n)) "
    "for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) "
    "if signal.getsignal(n) != signal.SIG_IGN]; "
    "print('up', flush=True); "
    "[time.sleep(0.05) for _ in range(400) if not heard]; time.sleep(0.3); print(heard, flush=True)"
)


class Wrapped:
    """A command under the wrapper, as a shell of its own starts it in the background."""

    def __init__(self, root: Path, home: Path, deaf: str) -> None:
        sleeper = f"[sys.executable, '-c', {SLEEPER!r}, str(root)]"
        code = (
            "import sys, pathlib; from stocksprout.postgres import main; "
            f"root = pathlib.Path(sys.argv[1]); sys.exit(main(root, {sleeper}))"
        )
        command = [sys.executable, "-c", code, str(root)]
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f"trap '' {deaf}; exec \"$@\"", "sh", *command],
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            cwd=site.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "up\n"

    def heard(self) -> str:
        """Return what the command heard before it ended."""
        out, _nothing = self.process.communicate(timeout=60)
        return out.strip()


@pytest.mark.daily(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_in_the_background_hears_once_what_its_wrapper_is_told(
    machine: Machine, place: Path, number: signal.Signals
) -> None:
    root = make_root(place / "site")
    machine.roots.append(root)
    wrapped = Wrapped(root, machine.home, deaf="INT QUIT")
    assert len(machine.servers()) == 1

    wrapped.process.send_signal(number)

    assert wrapped.heard() == str([int(number)])
    assert wrapped.process.returncode == 0
    assert machine.servers() == []


@pytest.mark.slow
def test_a_terminal_that_goes_ends_nothing_that_nohup_started(
    machine: Machine, place: Path
) -> None:
    root = make_root(place / "site")
    machine.roots.append(root)
    wrapped = Wrapped(root, machine.home, deaf="HUP")

    os.killpg(wrapped.process.pid, signal.SIGHUP)
    time.sleep(0.5)
    assert wrapped.process.poll() is None
    wrapped.process.send_signal(signal.SIGINT)

    assert wrapped.heard() == str([int(signal.SIGINT)])
    assert machine.servers() == []


def test_a_terminals_ctrl_c_is_heard_once(machine: Machine, place: Path) -> None:
    root = make_root(place / "site")
    machine.roots.append(root)
    command = [sys.executable, "-m", "tests.core.terminal", str(root), SLEEPER]

    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "HOME": str(machine.home)},
        cwd=site.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.replace("^C", "").split() == ["up", str([int(signal.SIGINT)])], done.stderr
    assert machine.servers() == []


@pytest.mark.slow
def test_a_command_killed_while_the_server_starts_leaves_none_behind(
    machine: Machine, place: Path
) -> None:
    root = make_root(place / "site")
    machine.address(root)
    machine.stop()
    for pause in (0.6, 0.9, 1.2):
        killer = f"[sys.executable, '-c', {CLIENT!r}, str(root)]"
        code = (
            "import sys, pathlib, os, signal, threading; from stocksprout import postgres; "
            f"root = pathlib.Path(sys.argv[1]); old = postgres.subprocess.Popen\n"
            "def start(*a, **k):\n"
            "    p = old(*a, **k)\n"
            f"    threading.Timer({pause}, p.kill).start()\n"
            "    postgres.subprocess.Popen = old\n"
            "    return p\n"
            "postgres.subprocess.Popen = start\n"
            f"sys.exit(postgres.main(root, {killer}) and 0)"
        )
        subprocess.run(
            [sys.executable, "-c", code, str(root)],
            env={"PATH": os.environ["PATH"], "HOME": str(machine.home)},
            cwd=site.BASE_DIR,
            timeout=60,
        )
        assert machine.servers() == []
