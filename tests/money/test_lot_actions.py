"""What companies' actions do to lots, by hand-made histories: to the cent, with their dates."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.lot_actions import Acted, Leg, act
from brokerage.lot_history import work_out_account
from brokerage.lots import Event, Lot, Lots
from tests.money.test_lots import at, bought, sold

D = Decimal
OLD, NEW = UUID(int=1), UUID(int=2)
TWO_LOTS: list[Event] = [bought(1, "2", "20.00"), bought(2, "2", "30.00")]


def acted(kind: str, *legs: tuple[UUID, str, str], place: int = 5, **more: object) -> Acted:
    parts = tuple(Leg(one, D(quantity), D(cash)) for one, quantity, cash in legs)
    return Acted(at(place), kind, parts, settled=True, **more)  # type: ignore[arg-type]


def paid_back(cash: str, per_share: str | None = None, place: int = 5, **more: object) -> Acted:
    leg = Leg(OLD, D(0), D(cash), per_share and D(per_share))  # type: ignore[arg-type]
    return replace(acted("CAPITAL_RETURN", place=place, taxed=False, **more), legs=(leg,))


def after(*actions: Acted, events: list[Event] | None = None) -> dict[UUID, Lots]:
    history = {OLD: TWO_LOTS if events is None else events}
    return defaultdict(Lots, work_out_account(history, actions))


def told(lots: Lots) -> list[tuple[str, str, datetime]]:
    return [(f"{lot.quantity.normalize():f}", str(lot.cost), lot.since) for lot in lots.held]


# --- money given back -----------------------------------------------------------------------------


def test_money_given_back_lowers_each_lots_cost_by_its_shares_part() -> None:
    lots = after(paid_back("4.00"))[OLD]

    assert told(lots) == [("2", "18.00", at(1)), ("2", "28.00", at(2))]
    assert not lots.sales


def test_what_is_more_than_a_lot_had_cost_is_gain_and_no_other_lot_pays_for_it() -> None:
    lots = after(paid_back("50.00"))[OLD]  # 25 for each lot, of which the first had cost 20

    assert told(lots) == [("2", "0.00", at(1)), ("2", "5.00", at(2))]
    assert lots.gain == D("5.00")


def test_money_given_back_again_finds_what_the_first_has_left() -> None:
    lots = after(paid_back("36.00"), paid_back("36.00", place=6))[OLD]

    assert told(lots) == [("2", "0.00", at(1)), ("2", "0.00", at(2))]
    assert lots.gain == D("22.00")


def test_shares_bought_after_the_record_day_got_none_of_it() -> None:
    lots = after(paid_back("3.00", per_share="1.50"))[OLD]

    assert told(lots) == [("2", "17.00", at(1)), ("2", "30.00", at(2))]


def test_what_was_paid_for_shares_sold_since_is_gain() -> None:
    lots = after(paid_back("8.00", per_share="2.00"), events=[*TWO_LOTS, sold(3, "3", "60.00")])[
        OLD
    ]

    assert told(lots) == [("1", "13.00", at(2))]
    assert [sale.gain for sale in lots.sales] == [D("25.00"), D("6.00")]


def test_a_rate_rounded_to_cents_is_of_all_shares() -> None:
    lots = after(paid_back("1.33", per_share="0.3333"))[OLD]

    assert [lot[1] for lot in told(lots)] == ["19.34", "29.33"]


# --- dividends in shares --------------------------------------------------------------------------


def test_a_dividend_in_shares_that_is_not_taxed_spreads_cost_and_keeps_dates() -> None:
    lots = after(acted("STOCK_DIVIDEND", (OLD, "0.4", "0"), taxed=False))[OLD]

    assert told(lots) == [("2.2", "20.00", at(1)), ("2.2", "30.00", at(2))]


def test_a_taxed_dividend_in_shares_is_a_lot_of_its_day_that_cost_its_worth() -> None:
    action = acted("STOCK_DIVIDEND", (OLD, "0.4", "0"), taxed=True, basis=D("6.00"))

    lots = after(action)[OLD]

    assert told(lots) == [
        ("2", "20.00", at(1)), ("2", "30.00", at(2)), ("0.4", "6.00", at(5)),
    ]  # fmt: skip
    assert lots.sales == []


# --- parts of a share, spin-offs, mergers ---------------------------------------------------------


def test_cash_for_a_part_of_a_share_is_as_if_that_part_were_sold() -> None:
    together = acted("SPLIT", (OLD, "-3", "0"), (OLD, "0", "4.00"), basis=D("40.00"))

    lots = after(together)[OLD]

    assert (lots.quantity, lots.cost, lots.gain) == (D(1), D("40.00"), D("-6.00"))
    assert [lot.since for lot in lots.held] == [at(1), at(2)]


def test_a_spin_offs_part_in_cash_takes_its_cost_along() -> None:
    action = acted(
        "SPINOFF", (NEW, "1", "7.00"), basis=D("10.00"), parent=OLD, sold_basis=D("2.00")
    )

    lots = after(action)

    assert (lots[OLD].cost, lots[NEW].cost, lots[NEW].gain) == (D(38), D(10), D(5))
    assert [lot.since for lot in lots[NEW].held] == [at(1), at(2)]


def test_a_merger_that_counts_as_a_sale_begins_anew() -> None:
    legs = ((OLD, "-4", "9.00"), (NEW, "3", "0"))

    lots = after(acted("EXCHANGE", *legs, basis=D("60.00"), taxed=True))

    assert told(lots[NEW]) == [("3", "60.00", at(5))]
    assert lots[OLD].gain == D("19.00")


# --- while it is open -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "open_ones"),
    [
        (acted("EXCHANGE", (OLD, "-4", "1"), (NEW, "3", "0")), {OLD, NEW}),
        (acted("CASH_OUT", (OLD, "-4", "99")), {OLD}),
        (paid_back("3"), {OLD}),
        (acted("SPINOFF", (NEW, "1", "0"), parent=OLD), {OLD, NEW}),
    ],
)
def test_an_open_action_clouds_its_own_shares_alone(action: Acted, open_ones: set[UUID]) -> None:
    other = uuid4()
    events: dict[UUID, list[Event]] = {
        OLD: TWO_LOTS,
        other: [bought(1, "1", "5.00"), sold(6, "1", "7.00")],
    }

    lots = work_out_account(events, [replace(action, settled=False)])

    assert {pk for pk, one in lots.items() if one.open} == open_ones
    assert lots[other].gain == D("2.00")


def test_of_a_spin_off_nobody_told_the_parent_of_all_are_clouded() -> None:
    other = uuid4()
    action = replace(acted("SPINOFF", (NEW, "1", "0")), settled=False)

    lots = work_out_account({OLD: TWO_LOTS, other: [bought(1, "1", "5.00")]}, [action])

    assert all(one.open for one in lots.values())


def test_what_comes_out_of_clouded_shares_is_clouded_and_its_sale_tells_no_gain() -> None:
    third = uuid4()
    first = replace(acted("EXCHANGE", (OLD, "-4", "1"), (NEW, "4", "0")), settled=False)
    second = acted("EXCHANGE", (NEW, "-4", "0"), (third, "4", "0"), place=6)

    lots = work_out_account({OLD: TWO_LOTS, third: [sold(7, "1", "30.00")]}, [first, second])

    assert lots[third].open
    assert lots[third].gain_open
    assert not lots[third].known_sales


# --- whatever it is, dollars add up ---------------------------------------------------------------

LOTS = st.lists(st.tuples(st.integers(1, 10**10), st.integers(0, 10**6)), min_size=1, max_size=5)


@given(LOTS, st.integers(1, 10**7), st.none() | st.integers(1, 10**6))
def test_money_given_back_is_lower_cost_or_gain_to_the_cent(
    held: list[tuple[int, int]], amount: int, rate: int | None
) -> None:
    lots = Lots(
        held=[
            Lot(at(n), D(shares).scaleb(-8), D(cents).scaleb(-2))
            for n, (shares, cents) in enumerate(held)
        ]
    )
    before, shares = lots.cost, lots.quantity
    books = defaultdict(Lots, {OLD: lots})

    act(books, paid_back(str(D(amount).scaleb(-2)), str(D(rate).scaleb(-4)) if rate else None))

    assert before - lots.cost + lots.gain == D(amount).scaleb(-2)
    assert lots.quantity == shares
    assert lots.gain >= 0
    assert all(lot.cost >= 0 for lot in lots.held)
