"""`manage.py run_worker`: the queue's cluster, the sweep, and a watchdog over both."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from core import clock
from core.ending import call_when_told_to_end
from core.models import Heartbeat
from core.pulse import Pulse
from core.queue import enqueue
from core.sweeps import sweep_all
from core.tasks import QUEUE

BEAT_EVERY = 15.0  # seconds
LOOK_EVERY = 0.25  # seconds between looks whether to end
log = structlog.get_logger()


class Command(BaseCommand):
    help = "Run background work: queue workers and the sweep. As many of these as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        call_when_told_to_end(self._stop)
        cluster, pulse = Cluster(), Pulse()
        pulse.start()
        try:
            while not self.stopping:
                self._round(cluster)
                self._rest()
        finally:
            pulse.stop()
            cluster.stop()

    def _stop(self, *_signal: Any) -> None:
        self.stopping = True

    def _rest(self) -> None:
        """Wait for the next round, or until told to end."""
        until = time.monotonic() + settings.SWEEP_SECONDS
        while not self.stopping and time.monotonic() < until:
            time.sleep(min(LOOK_EVERY, settings.SWEEP_SECONDS))

    def _round(self, cluster: "Cluster") -> None:
        """Sweep once and look after the cluster; a database that is away is waited for."""
        close_old_connections()
        try:
            cluster.watch()
            sweep_all(clock.now())
        except Exception:
            log.exception("worker_round_failed")


class Cluster:
    """The queue's processes, in a group of their own that can be killed whole."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._asked = 0.0

    def watch(self) -> None:
        """Start the cluster if it is not there, and anew if nothing has come out of it for long."""
        now, longest = time.monotonic(), settings.QUEUE_SILENT_SECONDS
        if self._process is None or self._process.poll() is not None:
            self._kill()  # the head may have died and left its workers behind
            self._start(now)
        elif now - self._started > longest and self._silence() > longest:
            # A process killed at its queue takes the queue's lock with it: others wait for ever.
            log.error("queue_silent", longer_than=longest)
            self._kill()
            self._start(now)
        if now - self._asked > min(BEAT_EVERY, longest / 4):
            self._asked = now
            enqueue("core.tasks.beat")

    def stop(self) -> None:
        """Let running steps finish, then end; kill what does not.

        Only the cluster's head is told: it ends its workers itself, one by one.
        """
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            log.exception("queue_would_not_stop")
        self._kill()

    def _start(self, now: float) -> None:
        command = [sys.executable, "manage.py", "run_queue", "--parent", str(os.getpid())]
        self._process = subprocess.Popen(command, start_new_session=True)  # noqa: S603 (our own)
        self._started = now

    def _kill(self) -> None:
        """End whatever is left of the group."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    @staticmethod
    def _silence() -> float:
        beat = Heartbeat.objects.filter(name=QUEUE).first()
        return (timezone.now() - beat.at).total_seconds() if beat else float("inf")
