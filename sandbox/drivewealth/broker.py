"""The broker's books and the doors to one row of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from sandbox.clock import Agenda, Clock
from sandbox.config import Config
from sandbox.drivewealth.answers import Answers
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.prices import PriceBook
from sandbox.drivewealth.records import (
    Account,
    BankAccount,
    Deposit,
    File,
    Habits,
    Link,
    Oddity,
    Order,
    Paper,
    Position,
    Proceeds,
    Token,
    Transaction,
    User,
    Wish,
)
from sandbox.outbox import Outbox
from sandbox.plaid.books import SharedAccount
from sandbox.state import State

CENT = Decimal("0.01")
Row = TypeVar("Row")


class Broker:
    """DriveWealth's side of one world. Used under the world's lock only."""

    def __init__(
        self, config: Config, state: State, clock: Clock, agenda: Agenda, outbox: Outbox
    ) -> None:
        self.config = config
        self.answers = Answers(config.answers)
        self.agenda = agenda
        self._state = state
        self._clock = clock
        self._outbox = outbox
        self.tokens = state.table("drivewealth.tokens", Token)
        self.users = state.table("drivewealth.users", User, "username")
        self.accounts = state.table("drivewealth.accounts", Account, "user_id", "number")
        self.positions = state.table("drivewealth.positions", Position, "account_id")
        self.transactions = state.table("drivewealth.transactions", Transaction, "account_id")
        self.bank_accounts = state.table("drivewealth.bank_accounts", BankAccount, "user_id")
        self.deposits = state.table("drivewealth.deposits", Deposit, "account_id", "user_id")
        self.orders = state.table("drivewealth.orders", Order, "account_id", "number")
        self.proceeds = state.table("drivewealth.proceeds", Proceeds, "account_id")
        self._habits = state.table("drivewealth.habits", Habits)
        self.wishes = state.table("drivewealth.wishes", Wish)
        self.oddities = state.table("drivewealth.oddities", Oddity)
        self.files = state.table("drivewealth.files", File)
        self.links = state.table("drivewealth.links", Link)
        self.papers = state.table("drivewealth.papers", Paper, "account_id")
        self.prices = PriceBook(state)
        # Who knows the account behind a processor token; None while no Plaid stands beside us.
        self.ask_plaid: Callable[[str], SharedAccount | None] = lambda _: None

    @property
    def habits(self) -> Habits:
        return self._habits.get("habits") or self._habits.add("habits", Habits())

    def now(self) -> datetime:
        return self._clock.now()

    def next_number(self, counter: str) -> int:
        return self._state.next_number(f"drivewealth {counter}")

    def publish(self, type_: str, payload: dict[str, Any]) -> None:
        self._outbox.publish(type_, self.answers.event(type_, payload))

    def user(self, user_id: str) -> User:
        return _found(self.users.get(user_id), "U050")

    def account(self, account_id: str) -> Account:
        return _found(self.accounts.get(account_id), "A050")

    def account_numbered(self, number: str) -> Account:
        return _found(next(iter(self.accounts.where("number", number)), None), "A050")

    def order(self, order_id: str) -> Order:
        return _found(self.orders.get(order_id), "O050")

    def deposit(self, deposit_id: str) -> Deposit:
        return _found(self.deposits.get(deposit_id), "Y051")

    def open_orders(self, account_id: str) -> list[Order]:
        return [order for order in self.orders.where("account_id", account_id) if order.is_open]

    def reserved(self, account_id: str) -> Decimal:
        """Return what open buy orders hold back of an account's cash."""
        return sum((order.reserved for order in self.open_orders(account_id)), Decimal(0))

    def unsettled(self, account_id: str) -> list[Proceeds]:
        """Return the proceeds of an account's sales that are still to settle."""
        now = self.now()
        return [row for row in self.proceeds.where("account_id", account_id) if row.settles > now]


def _found(row: Row | None, code: str) -> Row:
    if row is None:
        raise Refusal(code)
    return row


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
