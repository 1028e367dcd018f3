"""Cutting what a vendor says to what its own description says that it says.

A description is data: for each call and event the dotted names of its fields, and where that is
written. A name stands for all that is below it, unless names below it are listed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

FULL, DOCUMENTED = "full", "documented"
MODES = (FULL, DOCUMENTED)

Tree = Mapping[str, "Tree | None"]


@dataclass(frozen=True)
class Entry:
    """One call or event: the names of its fields and where they are written."""

    source: str
    fields: tuple[str, ...]
    newer_source: str = ""
    newer: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return self.fields + self.newer


@dataclass(frozen=True)
class Description:
    """A vendor's description: calls by method and path, events by type."""

    texts: Mapping[str, str]
    calls: Mapping[str, Entry]
    events: Mapping[str, Entry] = field(default_factory=dict)

    def call(self, method: str, path: str) -> Entry:
        """Return what a call answers; parameters of the path may have any name.

        :raises KeyError: the vendor describes no such call
        """
        return self._by_shape[shape(f"{method} {path}")]

    @cached_property
    def _by_shape(self) -> Mapping[str, Entry]:
        return {shape(key): entry for key, entry in self.calls.items()}


@cache
def read_description(path: Path) -> Description:
    """Read a description from its TOML file."""
    told = tomllib.loads(path.read_text())
    return Description(
        texts=told["texts"],
        calls={key: _entry(row) for key, row in told["calls"].items()},
        events={key: _entry(row) for key, row in told.get("events", {}).items()},
    )


def shape(call: str) -> str:
    """Return a method and path with every parameter written alike."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", call)


def cut(value: Any, names: Iterable[str]) -> Any:
    """Return a value with no other fields than these; lists are cut row by row."""
    return _cut(value, _tree(names))


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        source=row["source"],
        fields=tuple(row["fields"]),
        newer_source=row.get("newer_source", ""),
        newer=tuple(row.get("newer", ())),
    )


def _tree(names: Iterable[str]) -> Tree:
    tree: dict[str, Any] = {}
    for name in names:
        branch = tree
        *above, last = name.split(".")
        for step in above:
            branch[step] = branch.get(step) or {}
            branch = branch[step]
        branch.setdefault(last, None)
    return tree


def _cut(value: Any, tree: Tree | None) -> Any:
    if tree is None:
        return value
    if isinstance(value, Mapping):
        return {name: _cut(inner, tree[name]) for name, inner in value.items() if name in tree}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_cut(row, tree) for row in value]
    return value
