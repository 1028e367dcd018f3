"""How much Plaid tells: all that the sandbox knows, or what its description says and no more.

``documented.toml`` is the description; errors are always told in full.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.documented import DOCUMENTED, FULL, Description, cut, read_description

DATA = Path(__file__).with_name("documented.toml")
NAMES = ("webhook_type", "webhook_code", "environment", "item_id")


class Answers:
    """What goes out, cut or whole; an operator may change the mode at any time."""

    def __init__(self, mode: str = FULL) -> None:
        self.mode = mode

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return what a good answer to a call holds."""
        if self.mode != DOCUMENTED:
            return body
        told: dict[str, Any] = cut(body, description().call("POST", path).names)
        return told

    def webhook(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return what a webhook of this type and code holds; of an unknown one what all have."""
        if self.mode != DOCUMENTED:
            return body
        entry = description().events.get(name)
        told: dict[str, Any] = cut(body, entry.names if entry else NAMES)
        return told


def description() -> Description:
    return read_description(DATA)
