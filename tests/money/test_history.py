"""What an account was worth each day, and how it did against the money put in."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from brokerage.charts import MOST, draw
from brokerage.models import DayValue
from brokerage.performance import Day, Period, begin, measure, modified_dietz
from core.clock import NEW_YORK
from tests.cast import Family
from tests.money.test_movements import act_for_company, move_cash
from tests.money.test_reconciliation import look_again

D = Decimal
START = date(2026, 1, 1)


def day(offset: int, value: str, paid_in: str) -> Day:
    return Day(START + timedelta(days=offset), D(value), D(paid_in))


# Worked by hand after the formula: gain / (value then + sum of payments x share of the period).
@pytest.mark.parametrize(
    ("days", "percent"),
    [
        ([day(30, "110", "100")], "10"),  # nothing paid in: 10 on 100
        # 50 came on day 16 of 30, for 15/30: gain 15 on 125
        ([day(16, "155", "150"), day(30, "165", "150")], "12"),
        # 40 taken out on day 21 of 30, for 10/30: gain 5 on 100 - 13.33
        ([day(21, "62", "60"), day(30, "65", "60")], "5.7692"),
        ([day(30, "90", "100")], "-10"),
    ],
)
def test_percent_is_the_modified_dietz_return(days: list[Day], percent: str) -> None:
    found = modified_dietz(day(0, "100", "100"), days, until=START + timedelta(days=30))

    assert found is not None
    assert round(found, 4) == D(percent)


def test_where_no_money_was_at_work_there_is_no_percent() -> None:
    assert modified_dietz(day(0, "0", "0"), [day(3, "0", "0")], until=START) is None
    assert measure([], Period.ALL, today=START) is None
    assert measure([day(0, "0", "0")], Period.ALL, today=START) is None


@pytest.mark.parametrize(
    ("period", "today", "since"),
    [
        (Period.MONTH, date(2026, 3, 31), date(2026, 2, 28)),
        (Period.QUARTER, date(2026, 2, 15), date(2025, 11, 15)),
        (Period.YEAR, date(2028, 2, 29), date(2027, 2, 28)),
        (Period.ALL, date(2026, 3, 31), None),
    ],
)
def test_a_period_begins_on_the_same_day_of_an_earlier_month(
    period: Period, today: date, since: date | None
) -> None:
    assert begin(period, today) == since


def test_a_weekend_has_the_value_of_the_friday_before() -> None:
    days = [day(0, "100", "100"), day(1, "104", "100"), day(40, "130", "120")]  # Feb 10

    found = measure(days, Period.MONTH, today=START + timedelta(days=40))

    assert found
    assert (found.since, found.value_then) == (date(2026, 1, 10), D(104))
    assert (found.put_in, found.gain, found.shorter) == (D(20), D(6), False)


def test_a_young_account_is_measured_from_its_first_money_and_says_so() -> None:
    days = [day(0, "0", "0"), day(3, "50", "50"), day(5, "55", "50")]

    found = measure(days, Period.YEAR, today=START + timedelta(days=5))
    whole = measure(days, Period.ALL, today=START + timedelta(days=5))

    assert found
    assert whole
    assert (found.shorter, whole.shorter) == (True, False)
    assert found.since == START + timedelta(days=2)
    assert (found.gain, found.percent) == (D(5), D(10))


def test_a_line_of_many_years_is_drawn_with_few_points() -> None:
    many = [day(offset, str(100 + offset % 7), "90") for offset in range(5000)]

    chart = draw(many)

    assert chart
    assert len(chart.value.split()) == MOST
    assert (chart.first, chart.last) == (many[0], many[-1])
    assert draw(many[:1]) is None


@pytest.mark.bought
def test_each_days_last_reading_is_kept_and_a_split_makes_nobody_richer(family: Family) -> None:
    look_again(family)
    today = family.stage.now().astimezone(NEW_YORK).date()
    family.stage.control("POST", "prices", {"symbol": "DIS", "price": "100.00"})
    look_again(family)
    before = DayValue.objects.get(account=family.account, on=today)

    act_for_company(family, type="STOCK_SPLIT", **{"from": 1, "to": 4})
    look_again(family)

    after = DayValue.objects.get(account=family.account, on=today)
    assert after.read_at > before.read_at
    assert after.paid_in == before.paid_in == 50
    assert after.cost_basis == before.cost_basis
    assert abs(after.value - before.value) <= D("0.05")


def test_money_that_was_sent_past_us_is_money_put_in_and_no_gain(family: Family) -> None:
    move_cash(family, "CSR", "25.00", "Incoming wire")
    look_again(family)
    look_again(family)

    row = DayValue.objects.filter(account=family.account).latest("on")

    assert (row.value, row.paid_in) == (D(25), D(25))
