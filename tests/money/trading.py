"""Own orders as a custodian places them, on an account with money or shares in it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from brokerage.models import Instrument, Order
from brokerage.operations import cancel_order, place_order, refresh_terms
from brokerage.order_rules import OrderTicket
from core import clock
from tests.cast import Family

FLAT = "TESTFLAT"  # 32.00 until the operator moves it


@dataclass
class Desk:
    """A family's account, and what its custodian does with it."""

    family: Family

    def place(self, **asked: Any) -> Order:
        return place_order(
            account=self.family.account,
            ticket=self.ticket(**asked),
            by=self.family.parent,
            at=clock.now(),
        )

    def ticket(self, **asked: Any) -> OrderTicket:
        """Return a ticket of words and numbers as a person would write them."""
        instrument = Instrument.objects.get(symbol=asked.pop("symbol", FLAT))
        numbers: dict[str, Any] = {
            name: Decimal(asked.pop(name))
            for name in ("amount", "quantity", "price")
            if asked.get(name) is not None
        }
        key: UUID = asked.pop("form_key", None) or uuid4()
        return OrderTicket(
            instrument=refresh_terms(instrument, at=clock.now()), form_key=key, **numbers, **asked
        )

    def trade(self, **asked: Any) -> Order:
        """Place an order and let everything due happen."""
        order = self.place(**asked)
        self.family.stage.work()
        return self.look(order)

    def cancel(self, order: Order) -> Order:
        return cancel_order(order=order, by=self.family.parent, at=clock.now())

    def look(self, order: Order) -> Order:
        return Order.objects.get(pk=order.pk)

    def wish(self, outcome: str, **more: Any) -> None:
        """Decide what becomes of the next order."""
        self.family.stage.control("POST", "next-order", {"outcome": outcome} | more)

    def move_price(self, price: str, symbol: str = FLAT) -> None:
        self.family.stage.control("POST", "prices", {"symbol": symbol, "price": price})
        self.family.stage.advance(2)

    def pass_time(self, seconds: float = 3700) -> None:
        self.family.stage.advance(seconds)
        self.family.stage.work()

    def next_day(self) -> None:
        """Go into the middle of the next session."""
        self.family.stage.go_to("next-market-close")
        self.family.stage.go_to("next-market-open")
        self.pass_time()


def fund(family: Family, dollars: str = "500.00") -> Desk:
    """Bring settled money into the account: a gift whose order the broker then refuses."""
    desk = Desk(family)
    desk.wish("reject")
    assert family.buy(dollars).status == "FAILED"
    family.stage.work()
    assert family.account.cash_for_trade == Decimal(dollars)
    return desk
