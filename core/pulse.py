"""What can not wait for the next sweep: taken up within a fraction of a second, in threads.

An app names its function as `AppConfig.pulse`: `(at) -> how much was done`. It is called again at
once while there is something to do. The sweep remains the safety net.
"""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.apps import apps
from django.db import close_old_connections, connections
from django.utils.module_loading import import_string

from core import clock

PAUSE = 0.25  # seconds between looks while there is nothing to do
PAUSE_AFTER_FAILURE = 2.0  # the database may be away
THREADS = 4  # so that one that waits for a vendor does not hold up the others
log = structlog.get_logger()


class Pulse:
    """The threads of one worker process."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"pulse-{number}", daemon=True)
            for number in range(THREADS)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let running steps finish; what does not in time is taken up by another worker later."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=25)

    def _run(self) -> None:
        beats = [
            import_string(path)
            for config in apps.get_app_configs()
            if (path := getattr(config, "pulse", None))
        ]
        while not self._stopping.is_set():
            done = [_beat(work) for work in beats]
            if None in done:
                self._stopping.wait(PAUSE_AFTER_FAILURE)
            elif not any(done):
                self._stopping.wait(PAUSE)
        connections.close_all()


def _beat(work: Callable[[datetime], int]) -> int | None:
    """Do what there is; return how much that was, None where it failed."""
    close_old_connections()
    try:
        return work(clock.now())
    except Exception:
        log.exception("pulse_failed")
        return None
