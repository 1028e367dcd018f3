"""The table of what we rely on, held against DriveWealth's description."""

import re
from pathlib import Path

from sandbox.documented import shape
from sandbox.drivewealth.answers import description

TABLE = Path(__file__).resolve().parents[2] / "docs" / "drivewealth.md"
NAME = re.compile(r"`([^`]+)`")


def rows() -> dict[str, tuple[list[str], list[str], str]]:
    """Return by call: the names we need, those we read if told, and what happens without."""
    found = {}
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            call, needed, extra, without = cells
            found[call.strip("`")] = (NAME.findall(needed), NAME.findall(extra), without)
    return found


def is_documented(name: str, names: tuple[str, ...]) -> bool:
    return any(
        one == name or one.startswith(f"{name}.") or name.startswith(f"{one}.") for one in names
    )


def test_every_call_stands_in_the_table() -> None:
    assert {shape(call) for call in rows()} == {shape(call) for call in description().calls}


def test_what_we_need_is_documented_and_what_we_only_read_is_not() -> None:
    for call, (needed, extra, without) in rows().items():
        method, path = call.split(" ")
        names = description().call(method, path).names
        assert [name for name in needed if not is_documented(name, names)] == [], call
        assert [name for name in extra if is_documented(name, names)] == [], call
        assert bool(without) or not extra, call
