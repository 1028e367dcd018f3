"""What one raw answer was found to say: valid values by path, and the names of what was dropped."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from prefill.engine import fields


@dataclass
class Found:
    """Filled by a processor. `today`: the day the answer came, so that a second run is the same."""

    today: date
    values: dict[str, Any] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)

    def offer(self, path: str, value: Any) -> bool:
        """Keep a value that holds; name the path where it does not. Nothing is no fault."""
        if value is None or value == "":
            return False
        try:
            self.values[path] = fields.clean(path, value, today=self.today)
        except ValidationError:
            self.drop(path)
            return False
        return True

    def drop(self, name: str) -> None:
        """Name what could not be used."""
        if name not in self.dropped:
            self.dropped.append(name)

    def offer_first(self, path: str, values: list[Any]) -> None:
        """Keep the first that holds; name the path only where none does."""
        for value in values:
            if self.offer(path, value):
                if path in self.dropped:
                    self.dropped.remove(path)
                return

    def offer_addresses(self, values: list[Any]) -> None:
        """Keep those addresses that hold, each once and in their order."""
        kept: list[Any] = []
        for value in values:
            try:
                address = fields.clean_address(value, self.today)
            except ValidationError:
                self.drop("addresses")
                continue
            if address not in kept:
                kept.append(address)
        self.offer("addresses", kept[: fields.MOST_ADDRESSES] or None)


def part(value: Any, *names: str) -> dict[str, Any]:
    """Return an object inside a raw answer; an empty one where there is something else."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: Any, name: str) -> list[dict[str, Any]]:
    """Return the objects of a list inside a raw answer."""
    inner = value.get(name) if isinstance(value, dict) else None
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []
