"""Workers in processes of their own, and the one that is killed at a chosen moment."""

import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection, connections

from tests.stage import Stage

WRITES = ("INSERT", "UPDATE", "DELETE")
KILLED = -int(signal.SIGKILL)
Act = Callable[[], object]


def start(act: Act) -> int:
    """Let a process of its own act, over its own connection; return its id."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the broker's threads stay with us
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            for parents in connections.all(initialized_only=True):
                del connections[parents.alias]
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return pid


def wait(pid: int) -> int:
    """Return the exit status of a process; negative: the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def wait_for_fault(stage: Stage) -> None:
    """Wait until a process's call has met the last fault on order."""
    deadline = time.monotonic() + 10
    while any(fault["left"] for fault in stage.state()["faults"]):
        assert time.monotonic() < deadline, "nobody met the fault"
        time.sleep(0.01)
    time.sleep(0.1)  # the broker acts, then holds its answer back


@contextmanager
def steps_counted(*, kill_before: int | None = None) -> Iterator[list[str]]:
    """Note every commit and every call to the broker; kill this process right before the n-th.

    Nothing lasting happens between two of them: to be killed right after the n-th is to be killed
    right before the next, and the broker has acted before the answer is used.
    """
    seen: list[str] = []
    commit, ask = connection.commit, requests.Session.request

    def step(what: str) -> None:
        if len(seen) == kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        seen.append(what)

    def watched_commit() -> None:
        step("COMMIT")
        commit()

    def watched_call(session: requests.Session, method: str, url: str, **more: Any) -> Any:
        path = urlsplit(url).path
        if not path.startswith("/_sandbox"):
            step(f"{method} {path}")
        return ask(session, method, url, **more)

    def watched_sql(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not connection.in_atomic_block and sql.startswith(WRITES):
            step(" ".join(sql.split()[:3]))  # commits by itself
        return execute(sql, params, many, context)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(watched_sql):
        patch.setattr(connection, "commit", watched_commit)
        patch.setattr(requests.Session, "request", watched_call)
        yield seen
