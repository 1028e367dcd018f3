"""The database address, and the embedded server that is started where none is given."""

import os
import signal
import subprocess
import sys
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


def test_a_folder_with_a_blank_is_served_from_a_plain_place(machine: Machine, place: Path) -> None:
    root = make_root(place / "Pat's site")

    address = machine.address(root)

    assert data_folder(address).is_relative_to(machine.home / ".local" / "share" / "stocksprout")
    assert machine.address(root) == address


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
