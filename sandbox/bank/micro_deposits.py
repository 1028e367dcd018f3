"""Orders for two small credits: what they must look like, when they arrive, when they come back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from sandbox.calendars import ach_return, new_york_day, next_banking_morning
from sandbox.clock import Agenda, Clock
from sandbox.state import State
from sandbox.wire import iso

LARGEST = Decimal("0.99")
WEIGHTS = (3, 7, 1) * 3  # of the ABA check digit
# An account number that ends so is sent back by its bank under this code.
MAGIC = {f"990000{code[1:]}": code for code in ("R02", "R03", "R04", "R16", "R20")}
RETURNED_AFTER = 2  # banking days
POSTS, RETURNS = "bank.micro-deposits-post", "bank.micro-deposits-return"


class BadDeposits(Exception):
    """An order the bank does not take; `code` names what is wrong with it."""

    def __init__(self, code: str, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass
class MicroDeposits:
    """One order. PENDING, POSTED, RETURNED."""

    id: str
    account_number: str
    routing_number: str
    kind: str
    amounts: list[Decimal]
    description: str
    reference: str
    expected: datetime
    created: datetime
    status: str = "PENDING"
    return_code: str = ""


@dataclass
class StatementLine:
    """One line of the account's statement, as its holder reads it in the bank's app."""

    on: datetime
    account_number: str
    description: str
    amount: Decimal


class Bank:
    """The bank's side of one world. Used under the world's lock only."""

    def __init__(self, state: State, clock: Clock, agenda: Agenda) -> None:
        self._state = state
        self._clock = clock
        self._agenda = agenda
        self.orders = state.table("bank.micro_deposits", MicroDeposits, "reference")
        self.statement = state.table("bank.statement", StatementLine)
        agenda.on(POSTS, partial(_post, self))
        agenda.on(RETURNS, partial(_send_back, self))

    def take(self, body: dict[str, Any]) -> MicroDeposits:
        """Take an order; it is posted on the next banking day, or returned on the one after.

        :raises BadDeposits: it makes no sense
        """
        now = self._clock.now()
        order = MicroDeposits(
            id=f"md_{uuid.uuid4()}",
            routing_number=_routing_number(body),
            account_number=_digits(body, "accountNumber", 4, 17),
            kind=_one_of(body, "accountType", ("CHECKING", "SAVINGS")),
            amounts=_amounts(body),
            description=_one_of(body, "entryDescription", ("ACCTVERIFY",)),
            reference=str(body.get("reference") or ""),
            expected=next_banking_morning(now),
            created=now,
        )
        self.orders.add(order.id, order)
        code = next((MAGIC[end] for end in MAGIC if order.account_number.endswith(end)), "")
        if code:
            self._agenda.at(ach_return(now, RETURNED_AFTER), RETURNS, order_id=order.id, code=code)
        else:
            self._agenda.at(order.expected, POSTS, order_id=order.id)
        return order

    def find(self, order_id: str) -> MicroDeposits:
        """Return an order.

        :raises BadDeposits: there is none
        """
        order = self.orders.get(order_id)
        if order is None:
            raise BadDeposits("not_found", "There is no such order.", 404)
        return order

    def post(self, order: MicroDeposits) -> None:
        order.status = "POSTED"
        for amount in order.amounts:
            self._write(order, amount, "StockSprout ACCTVERIFY")

    def send_back(self, order: MicroDeposits, code: str) -> None:
        """Return both amounts; what was posted is taken off the account again.

        :raises BadDeposits: returned already
        """
        if order.status == "RETURNED":
            raise BadDeposits("returned", "It is returned already.", 409)
        if order.status == "POSTED":
            for amount in order.amounts:
                self._write(order, -amount, f"RETURN {code}")
        order.status, order.return_code = "RETURNED", code

    def _write(self, order: MicroDeposits, amount: Decimal, description: str) -> None:
        line = StatementLine(self._clock.now(), order.account_number, description, amount)
        self.statement.add(str(self._state.next_number("bank.statement")), line)


def order_json(order: MicroDeposits) -> dict[str, Any]:
    """Spell an order as its sender may see it: without amounts or numbers."""
    return {
        "id": order.id,
        "status": order.status,
        "expectedOn": new_york_day(order.expected).isoformat(),
        "returnCode": order.return_code or None,
        "reference": order.reference,
        "created": iso(order.created),
    }


def _post(bank: Bank, order_id: str) -> None:
    order = bank.orders.get(order_id)
    if order is not None and order.status == "PENDING":
        bank.post(order)


def _send_back(bank: Bank, order_id: str, code: str) -> None:
    order = bank.orders.get(order_id)
    if order is not None and order.status != "RETURNED":
        bank.send_back(order, code)


def _digits(body: dict[str, Any], name: str, least: int, most: int) -> str:
    value = body.get(name)
    if not (isinstance(value, str) and value.isascii() and value.isdecimal()):
        raise BadDeposits(name, f"{name} is made of digits.")
    if not least <= len(value) <= most:
        raise BadDeposits(name, f"{name} has {least} to {most} digits.")
    return value


def _routing_number(body: dict[str, Any]) -> str:
    number = _digits(body, "routingNumber", 9, 9)
    if sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=True)) % 10:
        raise BadDeposits("routingNumber", "The check digit of routingNumber is wrong.")
    return number


def _one_of(body: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    if body.get(name) not in choices:
        raise BadDeposits(name, f"{name} is one of {', '.join(choices)}.")
    return str(body[name])


def _amounts(body: dict[str, Any]) -> list[Decimal]:
    given = body.get("amounts")
    if not isinstance(given, list) or len(given) != 2:
        raise BadDeposits("amounts", "amounts are two.")
    amounts = [_amount(value) for value in given]
    if amounts[0] == amounts[1]:
        raise BadDeposits("amounts", "The two amounts differ.")
    return amounts


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str | Decimal) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 < amount <= LARGEST or amount != round(amount, 2):
        raise BadDeposits("amounts", f"An amount is 0.01 to {LARGEST} dollars.")
    return round(amount, 2)
