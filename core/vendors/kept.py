"""What a thread that makes very many calls may know for half a second without looking again.

The circuit's state and the token are looked up before every call, in the database. A thread that
does nothing but call would spend a quarter of its time on that; it may begin to keep them.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
KEPT_FOR = 0.5  # seconds: by so much a circuit that opened elsewhere is noticed later
_thread = threading.local()


def begin() -> None:
    """Have this thread keep what it looks up, from here on."""
    _thread.known = {}


def keep(name: str, look: Callable[[], T]) -> T:
    """Return what this thread knows of `name`, else what `look` finds."""
    known: dict[str, tuple[float, Any]] | None = getattr(_thread, "known", None)
    if known is None:
        return look()
    until, value = known.get(name, (0.0, None))
    if time.monotonic() >= until:
        value = look()
        known[name] = (time.monotonic() + KEPT_FOR, value)
    found: T = value
    return found


def forget(name: str) -> None:
    """Have this thread look again."""
    getattr(_thread, "known", {}).pop(name, None)
