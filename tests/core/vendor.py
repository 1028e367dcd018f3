"""A vendor that only `responses` plays, and threads that stand for processes."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection

from core.vendors import Answer, Door, Pace

T = TypeVar("T")
BASE = "https://vendor.example"
THING = f"{BASE}/thing"


def door(**options: Any) -> Door:
    """Return what one process has of the vendor."""
    return Door("acme", BASE, request_id_header="x-request", **options)


def ask(one: Door, method: str = "GET") -> Answer:
    return one.send(method, "/thing", headers={}, label="/thing")


def pace(per_second: int) -> Pace:
    return Pace("acme", per_second=per_second)


def at_once(count: int, work: Callable[[], T]) -> list[T | Exception]:
    """Let threads with a database connection each do the same at the same moment."""
    start, results = threading.Barrier(count), list[T | Exception]()

    def run() -> None:
        start.wait(20)
        try:
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == count
    return results
