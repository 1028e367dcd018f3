"""`python -m tests.core.terminal ROOT CODE`: run code under the wrapper in a terminal; Ctrl-C."""

import os
import pty
import sys

CTRL_C = b"\x03"


def main(root: str, code: str) -> None:
    """Type Ctrl-C once the code says that it is up, and show all that it prints."""
    wrap = (
        "import sys, pathlib; from stocksprout.postgres import main; "
        "root = pathlib.Path(sys.argv[1]); "
        "sys.exit(main(root, [sys.executable, '-c', sys.argv[2], str(root)]))"
    )
    pid, terminal = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-c", wrap, root, code])  # noqa: S606
    told = False
    while True:
        try:
            read = os.read(terminal, 1024)
        except OSError:  # Linux says so at the end of a terminal
            break
        if not read:
            break
        os.write(1, read)
        if b"up" in read and not told:
            told = True
            os.write(terminal, CTRL_C)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
