"""Reading what the operator asks for: the fields of a JSON body or of the page's forms."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.wire import read_moment

Order = dict[str, Any]


class BadOrder(Exception):
    """What the operator asked for makes no sense; the text says why."""


def number(order: Order, name: str, default: Decimal) -> Decimal:
    value = order.get(name, default)
    try:
        given = Decimal(str(value))
    except InvalidOperation as error:
        raise BadOrder(f"{name} is not a number.") from error
    if isinstance(value, bool) or not given.is_finite():
        raise BadOrder(f"{name} is not a number.")
    return given


def optional_whole_number(order: Order, name: str) -> int | None:
    if order.get(name) is None:
        return None
    given = number(order, name, Decimal(0))
    if given != given.to_integral_value():
        raise BadOrder(f"{name} is not a whole number.")
    return int(given)


def whole_number(order: Order, name: str, *, least: int, most: int) -> int:
    given = optional_whole_number(order, name)
    if given is None or not least <= given <= most:
        raise BadOrder(f"{name} is a whole number from {least} to {most}.")
    return given


def text(order: Order, name: str, default: str = "") -> str:
    value = order.get(name)
    return default if value is None else str(value)


def moment(order: Order, name: str) -> datetime:
    try:
        return read_moment(text(order, name))
    except ValueError as error:
        raise BadOrder(f"{name} is not an ISO 8601 moment.") from error
