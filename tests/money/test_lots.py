"""Lots by hand-made histories: first in, first out, to the cent and to the last decimal."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.lots import Bought, Changed, Event, Lots, Sold, work_out

START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
STEP = Decimal("0.00000001")


def at(place: int) -> datetime:
    return START + timedelta(days=place)


def bought(place: int, quantity: str, cost: str, settle_on: date | None = None) -> Bought:
    return Bought(at(place), uuid4(), Decimal(quantity), Decimal(cost), settle_on)


def sold(place: int, quantity: str, proceeds: str) -> Sold:
    return Sold(at(place), uuid4(), Decimal(quantity), Decimal(proceeds))


def changed(place: int, quantity: str, cash: str = "0") -> Changed:
    return Changed(at(place), Decimal(quantity), Decimal(cash))


def held(lots: Lots) -> list[tuple[str, str]]:
    return [(f"{lot.quantity.normalize():f}", str(lot.cost)) for lot in lots.held]


def test_what_was_bought_first_is_sold_first() -> None:
    lots = work_out([bought(1, "2", "20.00"), bought(2, "2", "30.00"), sold(3, "3", "60.00")])

    assert held(lots) == [("1", "15.00")]
    assert [sale.cost for sale in lots.sales] == [Decimal("35.00")]
    assert lots.gain == Decimal("25.00")


def test_events_may_come_in_any_order() -> None:
    events: list[Event] = [sold(3, "3", "60.00"), bought(2, "2", "30.00"), bought(1, "2", "20.00")]

    assert held(work_out(events)) == [("1", "15.00")]


def test_the_parts_of_a_lot_cost_what_the_lot_cost() -> None:
    thirds = [sold(place, "1", "5.00") for place in (2, 3, 4)]

    lots = work_out([bought(1, "3", "10.00"), *thirds])

    assert [sale.cost for sale in lots.sales] == [Decimal(c) for c in ("3.33", "3.34", "3.33")]
    assert (lots.held, lots.gain) == ([], Decimal("5.00"))


def test_a_loss_is_a_negative_gain() -> None:
    assert work_out([bought(1, "1", "10.00"), sold(2, "1", "4.00")]).gain == Decimal("-6.00")


@pytest.mark.parametrize(
    ("delta", "after"),
    [
        ("12", [("8", "20.00"), ("8", "30.00")]),  # four for one
        ("-2", [("1", "20.00"), ("1", "30.00")]),  # one for two
    ],
)
def test_a_split_changes_shares_and_keeps_costs(delta: str, after: list[tuple[str, str]]) -> None:
    lots = work_out([bought(1, "2", "20.00"), bought(2, "2", "30.00"), changed(3, delta)])

    assert held(lots) == after
    assert lots.sales == []


def test_a_split_after_a_sale_leaves_the_sale_alone() -> None:
    before: list[Event] = [bought(1, "2", "20.00"), sold(2, "1", "15.00")]

    lots = work_out([*before, changed(3, "3")])

    assert held(lots) == [("4", "10.00")]
    assert lots.gain == Decimal("5.00")


def test_shares_that_leave_for_cash_are_sold() -> None:
    lots = work_out([bought(1, "2", "20.00"), changed(2, "-2", "50.00")])

    assert (lots.held, lots.gain) == ([], Decimal("30.00"))


def test_shares_that_come_from_nowhere_cost_nothing() -> None:
    assert held(work_out([changed(1, "5")])) == [("5", "0")]


def test_a_lot_knows_when_the_money_in_it_settles() -> None:
    on = date(2026, 1, 9)
    lots = work_out([bought(1, "2", "20.00"), bought(2, "2", "30.00", on), sold(3, "1", "9.00")])

    assert [lot.settle_on for lot in lots.held] == [None, on]


QUANTITIES = st.decimals(min_value="0.00000001", max_value="5000", places=8)
DOLLARS = st.decimals(min_value="0", max_value="100000", places=2)
PART = st.fractions(min_value=0, max_value=1)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Draw buys, sales of what is held at most, and splits, one after another."""
    events: list[Event] = []
    holding = Decimal(0)
    for place in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["buy", "buy", "sell", "split"])) if holding else "buy"
        if kind == "buy":
            quantity = draw(QUANTITIES)
            events.append(Bought(at(place), UUID(int=place), quantity, draw(DOLLARS)))
        elif kind == "sell":
            part = draw(PART)
            quantity = -(holding * part.numerator / part.denominator).quantize(STEP)
            quantity = max(quantity, -holding)
            if not quantity:
                continue
            events.append(Sold(at(place), UUID(int=place), -quantity, draw(DOLLARS)))
        else:
            ratio = draw(st.sampled_from([Decimal(4), Decimal("1.5"), Decimal("0.1")]))
            quantity = (holding * ratio).quantize(STEP) - holding
            if not quantity or holding + quantity <= 0:
                continue
            events.append(Changed(at(place), quantity))
        holding += quantity
    return events


def change_of(event: Event) -> Decimal:
    return -event.quantity if isinstance(event, Sold) else event.quantity


@given(histories())
def test_whatever_happened_shares_and_dollars_add_up(history: list[Event]) -> None:
    lots = work_out(history)

    paid = sum((e.cost for e in history if isinstance(e, Bought)), Decimal(0))
    received = sum((e.proceeds for e in history if isinstance(e, Sold)), Decimal(0))
    assert lots.quantity == sum((change_of(event) for event in history), Decimal(0))
    assert lots.cost + received - lots.gain == paid
    assert all(lot.quantity >= 0 and lot.cost >= 0 for lot in lots.held)
    assert all(older.since <= newer.since for older, newer in pairwise(lots.held))
