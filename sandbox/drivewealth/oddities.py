"""Answers with something odd in them, to order: rows added to any list, fields changed or left out.

A list is odd because the real one is: bonds have no symbol, words appear that no page tells of.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import Oddity

ALL = "all"


def order(broker: Broker, oddity: Oddity) -> None:
    if not (oddity.add or oddity.change or oddity.drop):
        raise Refusal("E033", "Give add, a row; change, fields with values; or drop, names.")
    if oddity.which != ALL and not oddity.which.lstrip("-").isdecimal():
        raise Refusal("E033", "which is all, or a number: 0 the first row, -1 the last.")
    broker.oddities.add(str(broker.next_number("oddity")), oddity)


def spoil(broker: Broker, path: str, answer: object) -> object:
    """Return the answer to a GET as the operator wants it."""
    for oddity in broker.oddities:
        if fnmatchcase(path, oddity.path):
            answer = _spoil(answer, oddity)
    return answer


def _spoil(answer: object, oddity: Oddity) -> object:
    """Spoil a list, bare or inside an object, or else an object, itself or inside another."""
    if isinstance(answer, list):
        return _spoil_rows(answer, oddity)
    if not isinstance(answer, dict):
        return answer
    inside = next((name for name, value in answer.items() if isinstance(value, list)), None)
    name = oddity.inside or (inside if oddity.add or "orders" in answer else None)
    if name is None and isinstance(answer.get("equityPositions"), list):
        name = "equityPositions"
    if name is not None and isinstance(answer.get(name), dict):
        return answer | {name: _spoil_row(answer[name], oddity)}
    if name is not None:
        return answer | {name: _spoil_rows(list(answer.get(name) or []), oddity)}
    return _spoil_row(answer, oddity)


def _spoil_rows(rows: list[Any], oddity: Oddity) -> list[Any]:
    chosen = range(len(rows))
    if oddity.which != ALL:
        place = int(oddity.which)
        chosen = range(len(rows))[place : place + 1 or None]
    spoilt = [_spoil_row(row, oddity) if place in chosen else row for place, row in enumerate(rows)]
    return spoilt + ([oddity.add["row"]] if oddity.add else [])


def _spoil_row(row: dict[str, Any], oddity: Oddity) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in oddity.drop} | oddity.change


def oddity_json(oddity: Oddity) -> dict[str, Any]:
    return {
        "path": oddity.path,
        "which": oddity.which,
        "inside": oddity.inside or None,
        "add": oddity.add.get("row"),
        "change": oddity.change,
        "drop": oddity.drop,
    }
