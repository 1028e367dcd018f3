"""The tables of what we rely on, held against the vendors' descriptions."""

import re
from pathlib import Path

import pytest

from sandbox.documented import Description, shape
from sandbox.drivewealth.answers import description as drivewealth
from sandbox.plaid.answers import description as plaid

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAME = re.compile(r"`([^`]+)`")
# Calls only our tests make of Plaid, and those that nothing of ours makes.
NOT_OURS = (
    "POST /link/token/get", "POST /sandbox/public_token/create", "POST /item/webhook/update",
    "POST /accounts/balance/get", "POST /sandbox/item/reset_login",
    "POST /sandbox/item/fire_webhook",
)  # fmt: skip


def rows(page: str, part: str = "") -> dict[str, tuple[list[str], list[str], str]]:
    """Return by call: the names we need, those we read if told, and what happens without.

    :param part: the heading the table stands under; empty for the whole page
    """
    text = (DOCS / page).read_text()
    if part:
        text = text.split(f"## {part}\n")[1].split("\n## ")[0]
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if re.match(r"[|] `[A-Z]+ /", line):
            call, needed, extra, without = cells
            found[call.strip("`")] = (NAME.findall(needed), NAME.findall(extra), without)
    return found


def is_documented(name: str, names: tuple[str, ...]) -> bool:
    return any(
        one == name or one.startswith(f"{name}.") or name.startswith(f"{one}.") for one in names
    )


def missing(description: Description, call: str, names: list[str]) -> list[str]:
    method, path = call.split(" ")
    told = description.call(method, path).names
    return [name for name in names if not is_documented(name, told)]


@pytest.mark.parametrize(
    ("found", "description", "others"),
    [
        (rows("drivewealth.md"), drivewealth(), ()),
        (rows("plaid-spinwheel.md", "Plaid"), plaid(), NOT_OURS),
    ],
    ids=["DriveWealth", "Plaid"],
)
def test_every_call_stands_in_its_table(
    found: dict[str, object], description: Description, others: tuple[str, ...]
) -> None:
    told = {shape(call) for call in description.calls}
    assert {shape(call) for call in found} | {shape(call) for call in others} == told


def test_what_we_need_of_drivewealth_is_documented_and_what_we_only_read_is_not() -> None:
    for call, (needed, extra, without) in rows("drivewealth.md").items():
        assert missing(drivewealth(), call, needed) == [], call
        assert missing(drivewealth(), call, extra) == extra, call
        assert bool(without) or not extra, call


def test_what_we_read_of_plaid_is_documented() -> None:
    for call, (needed, extra, without) in rows("plaid-spinwheel.md", "Plaid").items():
        assert missing(plaid(), call, needed + extra) == [], call
        assert bool(without) or not extra, call
