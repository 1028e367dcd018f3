"""The sandbox's books: tables of rows in memory, counters, and their snapshot file."""

from __future__ import annotations

import json
import os
from collections.abc import ItemsView, Iterator
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")

SNAPSHOT_VERSION = 1


class Table(Generic[Row]):
    """Rows of one dataclass under a text key, in order of arrival.

    An indexed field must never change after the row was added.
    """

    def __init__(self, row_type: type[Row], indexes: tuple[str, ...] = ()) -> None:
        self._row_type = row_type
        self._rows: dict[str, Row] = {}
        self._indexes: dict[str, dict[str, list[str]]] = {name: {} for name in indexes}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def items(self) -> ItemsView[str, Row]:
        return self._rows.items()

    def get(self, key: str) -> Row | None:
        return self._rows.get(key)

    def add(self, key: str, row: Row) -> Row:
        if key in self._rows:
            raise KeyError(f"{key} is taken")
        self._rows[key] = row
        for name, index in self._indexes.items():
            index.setdefault(str(getattr(row, name)), []).append(key)
        return row

    def remove(self, key: str) -> None:
        row = self._rows.pop(key)
        for name, index in self._indexes.items():
            index[str(getattr(row, name))].remove(key)

    def where(self, index: str, value: str) -> list[Row]:
        """Rows whose indexed field equals ``value``, oldest first."""
        return [self._rows[key] for key in self._indexes[index].get(value, ())]

    def clear(self) -> None:
        self._rows.clear()
        for index in self._indexes.values():
            index.clear()

    def dump(self) -> dict[str, Any]:
        names = [field.name for field in fields(self._row_type)]  # type: ignore[arg-type]
        return {
            key: {name: _pack(getattr(row, name)) for name in names}
            for key, row in self._rows.items()
        }

    def load(self, dumped: dict[str, Any]) -> None:
        self.clear()
        for key, values in dumped.items():
            self.add(key, self._row_type(**{name: _unpack(item) for name, item in values.items()}))


class State:
    """All tables and counters of one world. The world's lock guards every use."""

    def __init__(self) -> None:
        self._tables: dict[str, Table[Any]] = {}
        self._counters: dict[str, int] = {}
        self.changed = False

    def table(self, name: str, row_type: type[Row], *indexes: str) -> Table[Row]:
        """Make a table; each party names its own once, before anything is loaded."""
        if name in self._tables:
            raise KeyError(f"table {name} exists")
        table = Table(row_type, indexes)
        self._tables[name] = table
        return table

    def next_number(self, counter: str) -> int:
        self._counters[counter] = self._counters.get(counter, 0) + 1
        return self._counters[counter]

    def number(self, counter: str) -> int:
        return self._counters.get(counter, 0)

    def set_number(self, counter: str, value: int) -> None:
        self._counters[counter] = value

    def clear(self) -> None:
        """Empty every table. Counters go on, so that no number is ever given twice."""
        for table in self._tables.values():
            table.clear()
        self.changed = True

    def dump(self) -> dict[str, Any]:
        tables = {name: table.dump() for name, table in self._tables.items()}
        return {"counters": dict(self._counters), "tables": tables}

    def load(self, dumped: dict[str, Any]) -> None:
        self._counters = dict(dumped["counters"])
        for name, table in self._tables.items():
            table.load(dumped["tables"].get(name, {}))


class SnapshotFile:
    """One JSON file that is always either the old snapshot or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any] | None:
        """Return the snapshot, or None when there is none yet.

        :raises ValueError: when the file is not a snapshot of this version.
        """
        if not self._path.exists():
            return None
        try:
            snapshot = json.loads(self._path.read_text())
        except ValueError as error:
            raise ValueError(f"{self._path} is not a sandbox snapshot: {error}") from error
        if not isinstance(snapshot, dict) or snapshot.get("version") != SNAPSHOT_VERSION:
            raise ValueError(f"{self._path} is not a sandbox snapshot of version 1")
        return snapshot

    def write(self, snapshot: dict[str, Any]) -> None:
        replace_file(self._path, json.dumps({"version": SNAPSHOT_VERSION, **snapshot}))


def replace_file(path: Path, text: str, *, lasting: bool = True) -> None:
    """Write ``text`` so that a reader sees the old content or the new, never a part.

    :param lasting: wait for the disk, so that it outlives this machine's power
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    # Snapshots hold the made-up identities in full: for the owner's eyes only.
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if lasting:
            file.flush()
            os.fsync(file.fileno())
    os.replace(beside, path)


def _pack(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, list | tuple):
        return [_pack(item) for item in value]
    if isinstance(value, dict):
        packed = {key: _pack(item) for key, item in value.items()}
        # A caller's own metadata may use our markers as keys.
        escaped = any(key.startswith("$") for key in packed)
        return {"$pairs": list(packed.items())} if escaped else packed
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if isinstance(value, dict):
        if "$decimal" in value:
            return Decimal(value["$decimal"])
        if "$at" in value:
            return datetime.fromisoformat(value["$at"])
        if "$pairs" in value:
            return {key: _unpack(item) for key, item in value["$pairs"]}
        return {key: _unpack(item) for key, item in value.items()}
    return value
