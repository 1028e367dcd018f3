"""A PostgreSQL server of a test's own, that may be stopped and started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from django.conf import settings as site
from psycopg import sql

START = (
    "import sys; from pathlib import Path; from stocksprout import postgres; "
    "print(postgres._embedded_url(Path(sys.argv[1])))"
)


class Server:
    """The embedded PostgreSQL in a folder; its address stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = self.start()

    def start(self) -> str:
        command = [sys.executable, "-c", START, str(self.folder)]
        for _try in range(10):  # after a kill, the dead server's children hold its memory on
            done = subprocess.run(command, cwd=site.BASE_DIR, capture_output=True, text=True)
            if done.returncode == 0:
                break
            time.sleep(0.5)
        assert done.returncode == 0, done.stderr
        self._head = int((self.folder / "postmaster.pid").read_text().split()[0])
        return done.stdout.strip()

    def stop_at_once(self) -> None:
        """Stop as `pg_ctl stop -m immediate` does: connections break, recovery at the start."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def make_database(self, name: str) -> str:
        """Make a database here, all tables in it; return its address."""
        with psycopg.connect(self.url, autocommit=True) as own:
            own.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        address = self.url.replace("/postgres?", f"/{name}?")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=site.BASE_DIR,
            env=os.environ | {"DATABASE_URL": address},
            check=True,
        )
        return address

    def _end(self, how: signal.Signals) -> None:
        os.kill(self._head, how)
        for _try in range(200):
            if not any(_is_of(self._head, pid) for pid in os.listdir("/proc") if pid.isdigit()):
                return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL does not end")


def _is_of(head: int, pid: str) -> bool:
    """Say whether a process is the server or one of its own."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return fields[0] != "Z" and head in (int(pid), int(fields[1]))
