"""When a command that runs until told to end is told so."""

import signal
from collections.abc import Callable
from typing import Any


def call_when_told_to_end(act: Callable[..., Any]) -> None:
    """Have Ctrl-C, `kill` and the end of the terminal call `act`, however we were started.

    A shell that starts a command in the background has it ignore Ctrl-C; who sends it that signal
    by name means it all the same. `nohup` is obeyed: then the terminal may go.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, act)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, act)
