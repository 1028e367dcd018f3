"""One request to Plaid: who asks, and the fields of the body."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.plaid.books import Plaid
from sandbox.plaid.errors import PlaidError

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request whose credentials were right. The readers raise PlaidError for a bad field."""

    client_id: str
    body: Json

    def text(self, name: str) -> str:
        value = _found(self.body, name)
        if not isinstance(value, str) or not value:
            raise PlaidError("INVALID_FIELD", f"{name} must be a non-empty string")
        return value

    def optional_text(self, name: str) -> str:
        return self.text(name) if self.body.get(name) is not None else ""

    def object(self, name: str, *, required: bool = False) -> Json:
        value = _found(self.body, name) if required else self.body.get(name) or {}
        if not isinstance(value, dict):
            raise PlaidError("INVALID_FIELD", f"{name} must be an object")
        return value

    def texts(self, name: str, allowed: Sequence[str] = ()) -> list[str]:
        value = _found(self.body, name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise PlaidError("INVALID_FIELD", f"{name} must be a list of strings")
        wrong = [item for item in value if allowed and item not in allowed]
        if not value or wrong:
            raise PlaidError("INVALID_FIELD", f"{name} must be some of {', '.join(allowed)}")
        return [str(item) for item in value]

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.body.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise PlaidError("INVALID_FIELD", f"{name} must be from {least} to {most}")
        return value


Handle = Callable[[Plaid, Call], Json]


def _found(body: Json, name: str) -> Any:
    if body.get(name) is None:
        raise PlaidError("MISSING_FIELDS", f"the following required fields are missing: {name}")
    return body[name]
