"""How much DriveWealth tells: all that the sandbox knows, or what its description says and no more.

``documented.toml`` is the description. A type of event it does not know goes out with its
identifiers only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.documented import DOCUMENTED, FULL, Description, cut, read_description

DATA = Path(__file__).with_name("documented.toml")
IDENTIFIERS = ("id", "userID", "accountID", "accountNo", "instrumentID")


class Answers:
    """What goes out, cut or whole; an operator may change the mode at any time."""

    def __init__(self, mode: str = FULL) -> None:
        self.mode = mode

    @property
    def documented(self) -> bool:
        return self.mode == DOCUMENTED

    def answer(self, method: str, path: str, body: object) -> object:
        """Return what a good answer to a call holds."""
        if not self.documented:
            return body
        return cut(body, description().call(method, path).names)

    def event(self, type_: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return what an event of this type holds."""
        if not self.documented:
            return payload
        entry = description().events.get(type_)
        told: dict[str, Any] = cut(payload, entry.names if entry else IDENTIFIERS)
        return told


def description() -> Description:
    return read_description(DATA)
