"""Secrets of a developer's machine: made once, kept in `var/keys`, never used in production."""

import os
import secrets
from pathlib import Path


def local_key(folder: Path, name: str) -> str:
    """Return the secret called `name`, made on first use.

    Two processes starting at once agree: the file is linked into place whole or not at all.
    """
    file = folder / name.lower()
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{name.lower()}.{secrets.token_hex(8)}"
        draft.write_text(secrets.token_urlsafe(48))
        draft.chmod(0o600)
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # the other process was first; its key is the one
        finally:
            draft.unlink()
    return file.read_text()
