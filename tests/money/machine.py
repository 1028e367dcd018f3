"""Everything that can happen to money, in any order: the state machine hypothesis plays.

One example is one family on one practice broker. People act, time passes, wires break, workers
die, banks and exchanges decide, events come twice, late or not at all. When all is calm again the
books must equal the broker's to the cent, and nothing may have been sent twice.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
import structlog
from django.core.cache import cache
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from brokerage import operations
from brokerage.books import get_books
from brokerage.inbox import accept
from brokerage.lot_history import get_lots
from brokerage.models import (
    BrokerAccount,
    BrokerEvent,
    CompanyAction,
    DebitPause,
    Deposit,
    Instrument,
    Movement,
    Order,
    Purchase,
)
from brokerage.operations.company_actions import file_basis
from brokerage.order_rules import OrderTicket
from core.driven import LEASE
from core.errors import DomainError
from core.switches import HALTS
from tests.cast import Keys, halt, make_family, meet, resume
from tests.journeys import take_up
from tests.money import auditor
from tests.money.own_deposits import add
from tests.stage import Stage

WRITES = ("INSERT", "UPDATE", "DELETE")
PATHS = (
    "*/funding/deposits", "*/funding/deposits/*", "*/summary/money", "*/summary/positions",
    "*/back-office/orders", "*/back-office/orders/*", "*/auth/tokens", "*",
)  # fmt: skip
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "drop-before"},
    {"kind": "drop-after"},
    {"kind": "malformed"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 404},
    {"kind": "429", "seconds": 5},
    {"kind": "html", "status": 403},
)
BANK_SAYS = (
    {"status": "SUCCESSFUL"},
    {"status": "ON_HOLD"},
    {"status": "FAILED"},
    {"status": "RETURNED", "code": "R01"},
    {"status": "RETURNED", "code": "R10"},
)
# What companies do; parts of a share are paid in cash where `wholeShares` says so.
DEEDS: tuple[dict[str, Any], ...] = (
    {"type": "CASH_DIVIDEND", "amountPerShare": "0.37"},
    {"type": "CASH_DIVIDEND", "amountPerShare": "0.37", "taxCode": "NON_TAXABLE"},
    {"type": "RETURN_OF_CAPITAL", "amountPerShare": "41.50"},
    {"type": "STOCK_DIVIDEND", "amountPerShare": "0.07"},
    {"type": "STOCK_DIVIDEND", "amountPerShare": "0.07", "taxCode": "FULLY_TAXABLE"},
    {"type": "STOCK_DIVIDEND", "amountPerShare": "0.07", "taxCode": "null"},
    {"type": "STOCK_SPLIT", "from": 1, "to": 4},
    {"type": "STOCK_SPLIT", "from": 7, "to": 2, "wholeShares": True, "cashApart": True},
    {"type": "MERGER", "into": "SONY", "ratio": "0.61", "cashPerShare": "3.33"},
    {"type": "SYMBOL_CHANGE", "into": "KO"},
    {"type": "SPINOFF", "into": "HAS", "ratio": "0.35", "basisPart": "0.2"},
    {"type": "GOING_PRIVATE", "cashPerShare": "77.00"},
    {"type": "DELISTING"},
)
FEES: tuple[dict[str, Any], ...] = (
    {"perOrder": "0.99", "perShare": "0.0125", "regulatory": True},
    {"perOrder": "0", "perShare": "0", "regulatory": True},
    {"perOrder": "0", "perShare": "0", "regulatory": False},
    {"returnsAs": "CSR"},
    {"returnsAs": "CADJ"},
)
EXCHANGE_SAYS = ("partial-then-cancel", "partial-then-fill", "reject", "rest")
SECONDS = (3, 61, 130, 3600, 24 * 3600, 5 * 24 * 3600)
LANDMARKS = ("next-market-open", "next-market-close", "next-banking-day")
CENTS = st.integers(100, 10_000).map(lambda cents: Decimal(cents) / 100)
UNDER_WAY = ("QUEUED", "FUNDING", "FUNDED", "ORDERING", "INTENDED", "PENDING", "ON_HOLD")
SYMBOLS = ("DIS", "AAPL")
WHICH = st.integers(0, 3)
DAYS_TO_CALM = 40
FRESH = 60  # seconds for which the cache may be believed


class Killed(BaseException):
    """The worker dies here, whatever it is doing; no `except Exception` of ours survives it."""


@contextmanager
def killed_before(number: int) -> Iterator[None]:
    """Let the process die right before its n-th write or call to the broker."""
    left = number
    ask = requests.Session.request

    def step() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    def watched_call(session: requests.Session, method: str, url: str, **more: Any) -> Any:
        if not urlsplit(url).path.startswith("/_sandbox"):
            step()
        return ask(session, method, url, **more)

    def watched_sql(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITES):
            step()
        return execute(sql, params, many, context)

    try:
        with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(watched_sql):
            patch.setattr(requests.Session, "request", watched_call)
            yield
    except Killed:
        # A block without a savepoint of its own, such as bulk_create's, marks the example's for
        # rollback. PostgreSQL has refused nothing: the statement never reached it.
        connection.set_rollback(False)
        cache.clear()  # what it held there runs out


class Money(RuleBasedStateMachine):
    """One family's money on a broker of its own. `open_stage` is set by the test."""

    open_stage: ClassVar[Callable[[], AbstractContextManager[Stage]]]

    @initialize()
    def open_everything(self) -> None:
        self.example = ExitStack()
        self.example.enter_context(undone_at_the_end())
        self.stage = self.example.enter_context(type(self).open_stage())
        self.entries = self.example.enter_context(structlog.testing.capture_logs())
        self.family = meet(self.stage, take_up(self.stage, "a history begins", self._settle_in))
        self.account_pk = self.family.account.pk
        self.told = 0

    def _settle_in(self) -> Keys:
        """Open everything once; every other history takes it up from there."""
        return make_family(self.stage, "custodian@family.example").keys

    # --- people ---------------------------------------------------------------------------------

    @rule(amount=CENTS, symbol=st.sampled_from(["DIS", "AAPL"]))
    def a_gift_is_approved(self, amount: Decimal, symbol: str) -> None:
        if Purchase.objects.count() < 4:
            self._try(lambda: self.family.approve(self.family.give(str(amount), symbol)))

    @rule(amount=CENTS)
    def money_is_added(self, amount: Decimal) -> None:
        if Deposit.objects.filter(purchase=None).count() < 3:
            self._try(lambda: add(self.family, str(amount + 10)))

    @rule(amount=CENTS, symbol=st.sampled_from(SYMBOLS))
    def shares_are_bought(self, amount: Decimal, symbol: str) -> None:
        self._place(symbol=symbol, amount=amount)

    @rule(part=st.sampled_from([Decimal("0.25"), Decimal("0.5"), Decimal(1)]), which=WHICH)
    def shares_are_sold(self, part: Decimal, which: int) -> None:
        held = list(self.family.account.holdings.filter(quantity__gt=0).order_by("pk"))
        if held:
            one = held[which % len(held)]
            quantity = (one.quantity * part).quantize(Decimal("0.00000001"))
            self._place(symbol=one.instrument.symbol, side="SELL", quantity=quantity)

    @rule(symbol=st.sampled_from(SYMBOLS), price=st.sampled_from(["5.00", "100000.00"]))
    def a_limit_is_set(self, symbol: str, price: str) -> None:
        ticket = {"kind": "LIMIT", "quantity": Decimal(1), "price": Decimal(price)}
        self._place(symbol=symbol, time_in_force="GTC", **ticket)

    @rule(which=WHICH)
    def an_order_is_canceled(self, which: int) -> None:
        orders = list(Order.objects.filter(purchase=None).order_by("created_at"))
        if orders:
            order, family = orders[which % len(orders)], self.family
            act = partial(operations.cancel_order, order=order, by=family.parent)
            self._try(lambda: act(at=self.stage.now()))

    # --- time and workers -----------------------------------------------------------------------

    @rule(seconds=st.sampled_from(SECONDS))
    def time_passes(self, seconds: int) -> None:
        self.stage.advance(seconds)
        if seconds > FRESH:
            cache.clear()  # it keeps real time, in which nothing passes here

    @rule(landmark=st.sampled_from(LANDMARKS))
    def the_clock_reaches(self, landmark: str) -> None:
        self.stage.go_to(landmark)
        cache.clear()

    @rule(rounds=st.integers(1, 4))
    def workers_work(self, rounds: int) -> None:
        self.stage.work(rounds=rounds)

    @rule(step=st.integers(0, 25))
    def a_worker_dies(self, step: int) -> None:
        with killed_before(step):
            self.stage.work(rounds=2)

    @rule()
    def two_workers_take_the_same_purchases(self) -> None:
        for pk in Purchase.objects.values_list("pk", flat=True):
            for _worker in range(2):
                operations.advance_purchase(pk, at=self.stage.now())

    @rule(name=st.sampled_from(["halt-deposits", "halt-orders", "halt-approvals"]))
    def staff_halt(self, name: str) -> None:
        halt(name)

    @rule()
    def staff_let_all_go_on(self) -> None:
        self._resume()

    # --- the broker, its wires and its events ---------------------------------------------------

    @rule(path=st.sampled_from(PATHS), fault=st.sampled_from(FAULTS), times=st.integers(1, 4))
    def a_wire_breaks(self, path: str, fault: dict[str, Any], times: int) -> None:
        self.stage.fault(path=path, times=times, **fault)

    @precondition(lambda self: Deposit.objects.exclude(vendor_id="").exists())
    @rule(which=WHICH, says=st.sampled_from(BANK_SAYS))
    def a_bank_decides(self, which: int, says: dict[str, str]) -> None:
        ids = list(
            Deposit.objects.exclude(vendor_id="").order_by("created_at").values_list("vendor_id")
        )
        self._ask_operator(f"deposits/{ids[which % len(ids)][0]}", says)

    @rule(symbol=st.sampled_from(SYMBOLS), deed=st.sampled_from(DEEDS), tells=st.booleans())
    def a_company_acts(self, symbol: str, deed: dict[str, Any], tells: bool) -> None:
        self._ask_operator("corporate-actions", deed | {"symbol": symbol, "tellBasis": tells})

    @rule(fees=st.sampled_from(FEES))
    def the_broker_charges(self, fees: dict[str, Any]) -> None:
        self._ask_operator("habits", fees)

    @rule(
        word=st.sampled_from(["INT", "CASH_IN_LIEU", "A_NEW_WORD"]), symbol=st.sampled_from(SYMBOLS)
    )
    def the_broker_books_by_itself(self, word: str, symbol: str) -> None:
        body = {"type": word, "amount": "1.17", "symbol": symbol}
        self._ask_operator(f"accounts/{self.family.account.vendor_id}/cash", body)

    @rule(part=st.sampled_from(["0", "0.5", "1"]), taxed=st.booleans())
    def staff_find_out(self, part: str, taxed: bool) -> None:
        self._find_out(Decimal(part), taxed)

    @rule(outcome=st.sampled_from(EXCHANGE_SAYS))
    def the_exchange_will_decide(self, outcome: str) -> None:
        body: dict[str, Any] = {"outcome": outcome}
        if outcome.startswith("partial"):
            body |= {"fraction": 0.5, "seconds": 5}
        self._ask_operator("next-order", body)

    @rule(disorder=st.sampled_from(["in order", "backwards", "twice", "every other"]))
    def events_come(self, disorder: str) -> None:
        answer = self.stage.control("GET", f"events?after={self.told}")
        fresh, self.told = [row["event"] for row in answer["events"]], answer["next"]
        chosen = {
            "in order": fresh,
            "backwards": fresh[::-1],
            "twice": fresh + fresh,
            "every other": fresh[::2],
        }[disorder]
        for event in chosen:
            accept(to_json(event), source=BrokerEvent.Source.RELAY, at=self.stage.now())

    # --- after every step -----------------------------------------------------------------------

    @invariant()
    def gains_are_those_of_the_lots(self) -> None:
        """Whatever changes lots, nobody is told of a gain, or of a cost, that is none any more."""
        account = BrokerAccount.objects.filter(pk=self.account_pk).first()
        if account is None:
            return
        lots = get_lots(account)
        known = [sale.gain for one in lots.values() for sale in one.known_sales]
        unknown = not known and any(one.gain_open for one in lots.values())
        assert account.realized_gain == (None if unknown else sum(known))
        assert {str(pk) for pk, one in lots.items() if one.open} <= set(account.costs_open)
        assert all(lot.cost >= 0 for one in lots.values() for lot in one.held)

    # --- the end --------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "example"):
            return
        try:
            self._calm_down()
            self._audit()
        finally:
            self.example.close()

    def _calm_down(self) -> None:
        """Mend the wires, let everybody decide, and give the workers the days they need."""
        self.stage.control("DELETE", "faults")
        self.stage.control("POST", "next-order/clear")
        self.time_passes(int(LEASE.total_seconds()))
        for _day in range(DAYS_TO_CALM):
            self._resume()  # each day: a return that comes to light now pauses its payer now
            self._find_out(Decimal("0.5"), taxed=False)
            self._decide_what_hangs()
            self.stage.go_to("next-market-open")
            self.stage.advance(3700)
            self.stage.work(rounds=60)
            if not self._under_way():
                break
        self.stage.advance(3700)
        self.stage.work(rounds=60)

    def _decide_what_hangs(self) -> None:
        for deposit in self.stage.state()["deposits"]:
            if deposit["status"] == "ON_HOLD":
                self._ask_operator(f"deposits/{deposit['id']}", {"status": "SUCCESSFUL"})

    def _under_way(self) -> bool:
        for order in Order.objects.filter(purchase=None, status__in=Order.UNDER_WAY):
            cancel = partial(operations.cancel_order, order=order, by=self.family.parent)
            self._try(lambda act=cancel: act(at=self.stage.now()))
        return (
            Purchase.objects.filter(status__in=UNDER_WAY).exists()
            or Deposit.objects.filter(status__in=["INTENDED", "PENDING", "ON_HOLD"]).exists()
            or Order.objects.filter(status__in=Order.UNDER_WAY).exists()
            or Movement.objects.filter(status=Movement.Status.HELD).exists()
            or CompanyAction.objects.filter(status=CompanyAction.Status.OPEN).exists()
        )

    def _audit(self) -> None:
        broker = self.stage.state()
        for model in (Purchase, Deposit, Order):
            rows = model.objects.filter(status__in=getattr(model, "UNDER_WAY", UNDER_WAY))
            assert [(row, row.status, row.trouble) for row in rows] == []
            assert not model.objects.filter(parked_at__isnull=False).exists()
        for kind, model in (("deposits", Deposit), ("orders", Order)):
            known = set(model.objects.exclude(vendor_id="").values_list("vendor_id", flat=True))
            assert {row["id"] for row in broker[kind]} == known, kind
        live = Deposit.objects.filter(status__in=Deposit.LIVE, purchase__isnull=False)
        assert max(Counter(live.values_list("purchase_id", flat=True)).values(), default=0) <= 1
        auditor.check_books(self.family)
        auditor.check_trail()
        self.gains_are_those_of_the_lots()
        held = {
            Instrument.objects.get(pk=pk).symbol: one.quantity
            for pk, one in get_lots(self.family.account).items()
            if one.held
        }
        assert held == get_books(self.family.account).shares
        assert self.family.account.costs_open == []
        bugs = [entry for entry in self.entries if entry.get("exc_info")]
        assert bugs == []

    def _find_out(self, part: Decimal, taxed: bool) -> None:
        """Have staff take what is held into the books, and file what shares cost."""
        staff, at = self.family.parent.user, self.stage.now()
        found: dict[str, Any] = {"by": staff, "reason": "Looked into.", "at": at}
        for movement in Movement.objects.filter(status=Movement.Status.HELD):
            as_kind = "CASH_IN_LIEU" if movement.kind == "OTHER" and movement.instrument else ""
            act = partial(operations.accept_movement, movement, taken_as=as_kind, **found)
            self._try(act)
        for action in CompanyAction.objects.filter(status=CompanyAction.Status.OPEN):
            for dollars in (part * 10, Decimal(0)):
                answer: dict[str, Any] = {"basis": dollars, "parent": SYMBOLS[0], "taxed": taxed}
                self._try(partial(file_basis, action, **answer, **found))

    def _place(self, symbol: str, **ticket: Any) -> None:
        instrument = Instrument.objects.get(symbol=symbol)
        wanted = OrderTicket(instrument=instrument, form_key=uuid4(), **ticket)
        act = partial(operations.place_order, account=self.family.account, ticket=wanted)
        self._try(lambda: act(by=self.family.parent, at=self.stage.now()))

    # --- plumbing -------------------------------------------------------------------------------

    def _try(self, act: Any) -> None:
        """Let a person try; a refusal is an answer."""
        try:
            with transaction.atomic():
                act()
        except DomainError:
            return

    def _ask_operator(self, path: str, body: dict[str, Any]) -> None:
        """Ask the practice broker's operator for something that may be impossible by now."""
        answer = requests.post(f"{self.stage.box.url}/_sandbox/{path}", json=body, timeout=10)
        assert answer.status_code < 500, answer.text

    def _resume(self) -> None:
        for name in HALTS:
            resume(name)
        staff, at = self.family.parent.user, self.stage.now()
        for pause in DebitPause.objects.filter(lifted_at=None):
            operations.lift_pause(pause, by=staff, reason="Looked into.", at=at)


@contextmanager
def undone_at_the_end() -> Iterator[None]:
    """Let the database forget the example."""
    example = transaction.atomic()
    example._from_testcase = True  # type: ignore[attr-defined]  # the vendor's door minds others
    with example:
        yield
        transaction.set_rollback(True)


def to_json(event: dict[str, Any]) -> str:
    return json.dumps(event, default=float)
