"""Being told to end: Ctrl-C, `kill` and the end of the terminal, once and in an orderly way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_when_told() -> None:
    """Raise KeyboardInterrupt at the first of these signals and be deaf to all after it.

    A shell that starts us in the background has us ignore Ctrl-C, which who sends it by name does
    not mean; `nohup` has us ignore the end of the terminal, which is meant.
    """
    for number in NUMBERS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off the end until the block is left, so that no process starts without being noted."""
    before = {number: signal.getsignal(number) for number in NUMBERS}
    told: list[int] = []
    for number, handler in before.items():
        if handler is _end:
            signal.signal(number, lambda number, _frame: told.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if told and _end in before.values():
            _end()


def _end(*_signal: Any) -> None:
    for number in NUMBERS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
