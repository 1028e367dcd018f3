"""Processes that end with the one that started them, however that one ended.

A killed parent can not tell anybody. Linux can (prctl's PR_SET_PDEATHSIG): the kernel kills the
child the moment the thread that forked it is gone. Elsewhere children of a killed parent live on.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_parent = 0


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process once its parent is gone.

    :param parent: its process id; where it was gone before we could ask, we end here
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def have_forks_end_with_us() -> None:
    """Have every process that is forked from this one, and from those, end with its parent."""
    os.register_at_fork(before=_remember_parent, after_in_child=_end_with_remembered)


def _remember_parent() -> None:
    global _parent  # noqa: PLW0603 (what the child is to find, copied by the fork)
    _parent = os.getpid()


def _end_with_remembered() -> None:
    end_with_parent(_parent)
