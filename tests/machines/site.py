"""The site as production runs it: its own server, in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import requests
from django.conf import settings as site

from demo.processes import free_port


class Site:
    """The web server, as production runs it."""

    def __init__(self, settings: dict[str, str], log: Path) -> None:
        port = free_port(0)
        self.address = f"http://127.0.0.1:{port}"
        self.log = log
        words = ["-m", "granian", "--interface", "wsgi", "--port", str(port)]
        words += ["--blocking-threads", settings.get("WEB_THREADS", "8")]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *words, "stocksprout.wsgi:application"],
                cwd=site.BASE_DIR,
                env=settings,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_healthy(self) -> bool:
        with suppress(requests.ConnectionError):
            return requests.get(f"{self.address}/healthy", timeout=10).ok
        return False

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def wait(self) -> None:
        """Return when the site answers."""
        deadline = time.monotonic() + 60
        while not self.is_healthy():
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.1)
