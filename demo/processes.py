"""Starting and stopping what the demo runs: database, sandbox, worker, web server."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import requests

from demo.ending import undisturbed

ROOT = Path(__file__).resolve().parent.parent


class Broken(Exception):
    """The demo can not go on; the message says why."""


def free_port(preferred: int) -> int:
    """Return the preferred port of loopback, or any free one where it is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Broken("No free port on 127.0.0.1.")


class Stack:
    """Every process of one demo. Leaving the `with` ends all of them.

    `name` is that of its folder in `var/` and, after `stocksprout_`, of its database.
    """

    def __init__(self, name: str = "demo") -> None:
        self.folder = ROOT / "var" / name
        self.database = f"stocksprout_{name}"
        self.web_port = free_port(8000)
        self.sandbox_port = free_port(8801)
        self.site = f"http://127.0.0.1:{self.web_port}"
        self.sandbox = f"http://127.0.0.1:{self.sandbox_port}"
        self._running: list[tuple[str, subprocess.Popen[bytes], Path]] = []
        self.environment = os.environ | {
            "SITE_URL": self.site,
            "DRIVEWEALTH_BASE_URL": f"{self.sandbox}/drivewealth",
            "MICRO_DEPOSITS_URL": f"{self.sandbox}/bank",
            "PLAID_BASE_URL": f"{self.sandbox}/plaid",
            "PLAID_SANDBOX_BASE_URL": f"{self.sandbox}/plaid",
            "PLAID_SCRIPT_URL": f"{self.sandbox}/plaid-ui/link-initialize.js",
            "SPINWHEEL_BASE_URL": f"{self.sandbox}/spinwheel",
            "SPINWHEEL_SANDBOX_BASE_URL": f"{self.sandbox}/spinwheel",
            "DRIVEWEALTH_WEBHOOK_SECRET": secrets.token_hex(32),  # no dash: it is also an option
            "PRACTICE_DESK_URL": f"{self.sandbox}/_sandbox/",
            "CLOCK_FILE": str(self.folder / "clock"),
            "EMAIL_URL": "",
            "MAIL_FOLDER": str(self.folder / "mail"),
            "SWEEP_SECONDS": "1",
            "POLL_SECONDS": "30",
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
        }

    @contextmanager
    def running(self, *, worker: bool = True) -> Iterator["Stack"]:
        """Make folder and database anew, start everything, wait until the site answers."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "mail").mkdir(parents=True)
        try:
            self.environment["DATABASE_URL"] = make_database(self.database)
            self.manage("migrate", "--verbosity", "0")
            self.start("sandbox", "-m", "sandbox", *self.sandbox_options())
            if worker:
                self.start_worker()
            self.serve("web", self.web_port, "stocksprout.wsgi:application")
            self.wait_for("sandbox", f"{self.sandbox}/_sandbox/clock")
            self.wait_for("web", f"{self.site}/healthy")
            yield self
        finally:
            self.stop()

    def start_worker(self) -> None:
        """Start what works in the background."""
        self.start("worker", "manage.py", "run_worker")

    def serve(self, name: str, port: int, application: str) -> None:
        """Start a web server as production would."""
        options = {
            "--interface": "wsgi",
            "--host": "127.0.0.1",
            "--port": port,
            "--workers": 2,
            "--blocking-threads": 8,  # as WEB_THREADS has it
        }
        words = [str(word) for pair in options.items() for word in pair]
        self.start(name, "-m", "granian", *words, application)

    def manage(self, *command: str) -> str:
        """Run a management command and return what it printed.

        :raises Broken: it failed
        """
        done = subprocess.run(  # noqa: S603 (our own command line)
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Broken(f"manage.py {command[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def check_alive(self) -> None:
        """Notice a process that died.

        :raises Broken: with the end of its log
        """
        for name, process, log in self._running:
            if process.poll() is not None:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
                raise Broken(f"The {name} process ended ({process.returncode}):\n{tail}")

    def end(self, name: str) -> None:
        """End one process that is no longer needed."""
        for entry in [one for one in self._running if one[0] == name]:
            entry[1].send_signal(signal.SIGTERM)
            entry[1].wait(timeout=35)
            self._running.remove(entry)

    def stop(self) -> None:
        """End everything, politely at first."""
        for _name, process, _log in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for _name, process, _log in reversed(self._running):
            try:
                process.wait(timeout=35)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _end_children(process)
        self._running.clear()

    def start(self, name: str, *command: str) -> None:
        """Start one process, its output going to a log of its name."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as output, undisturbed():
            process = subprocess.Popen(  # noqa: S603 (our own command line)
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C comes to us; we end them in order
            )
            self._running.append((name, process, log))

    def sandbox_options(self) -> list[str]:
        """Return the practice broker's command line; it goes on from its last state."""
        options = {
            "--port": self.sandbox_port,
            "--state": self.folder / "sandbox.json",
            "--clock-file": self.folder / "clock",
            "--mail-folder": self.folder / "mail",
            "--site-url": self.site,
            "--relay-url": f"{self.site}/api/webhooks/drivewealth",
            "--relay-secret": self.environment["DRIVEWEALTH_WEBHOOK_SECRET"],
            "--plaid-redirect-uris": f"{self.site}/links/back/",
        }
        return [str(word) for pair in options.items() for word in pair]

    def wait_for(self, name: str, address: str) -> None:
        """Wait until a process answers.

        :raises Broken: it does not, or has ended
        """
        for _try in range(300):
            self.check_alive()
            try:
                if requests.get(address, timeout=5).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise Broken(f"The {name} process does not answer at {address}.")


def _end_children(process: "subprocess.Popen[bytes]") -> None:
    """Kill what an ended process left behind, such as servers of one ended while it started."""
    with suppress(ProcessLookupError):  # nothing is left of its session: as it should be
        os.killpg(process.pid, signal.SIGKILL)


def make_database(name: str) -> str:
    """Make an empty database called `name` on the server and return its address."""
    sys.path.insert(0, str(ROOT))
    from stocksprout.postgres import database_url

    address = database_url(ROOT)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
