"""One account at one minute: every face tells the same figures, under the same labels."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from brokerage.charts import draw
from brokerage.models import DayValue, Deposit
from brokerage.performance import Day
from core.templatetags.show import money, percent, signed_money, trend
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.money.test_fees import bank_says, have
from tests.money.test_history import START, day
from tests.money.test_movements import act_for_company
from tests.money.test_reconciliation import look_again
from tests.money.trading import Desk
from tests.pages.reading import read

D = Decimal


def nothing_more(_family: Family) -> None:
    """Leave the account as it is."""


def rise(family: Family) -> None:
    family.stage.control("POST", "prices", {"symbol": "DIS", "price": "131.20"})


def fall_by_a_hair(family: Family) -> None:
    """Lose less than the twentieth part of a percent."""
    worth = DayValue.objects.latest("on")
    price = family.account.holdings.get().price * (1 - D("0.02") / worth.value)
    body = {"symbol": "DIS", "price": str(round(price, 4))}
    family.stage.control("POST", "prices", body)


def pay(family: Family) -> None:
    act_for_company(family, type="CASH_DIVIDEND", amountPerShare="2.00")


def split(family: Family) -> None:
    act_for_company(family, type="STOCK_SPLIT", **{"from": 1, "to": 3})


def sell_with_fees(family: Family) -> None:
    have(family, perOrder="1.99", regulatory=True)
    Desk(family).trade(symbol="DIS", quantity="0.2", side="SELL")


def take_back(family: Family) -> None:
    bank_says(family, Deposit.objects.get(), "R01")


@pytest.mark.bought
@pytest.mark.parametrize(
    "acts",
    [
        [rise, pay, split, sell_with_fees],
        *[
            pytest.param([act], marks=pytest.mark.slow)
            for act in (nothing_more, fall_by_a_hair, pay, split, sell_with_fees, take_back)
        ],
    ],
)
def test_every_face_tells_the_same(family: Family, acts: Any) -> None:
    for act in acts:
        act(family)
        look_again(family)

    portfolio = family.client.get(f"/api/portfolio/{family.child.pk}").json()
    history = family.client.get(f"/api/children/{family.child.pk}/history").json()
    child = read(family.client.get(f"/children/{family.child.pk}/")).text
    page = read(family.client.get(f"/children/{family.child.pk}/history/")).text
    home = read(family.client.get(reverse("home"))).text
    desk = reverse("admin:brokerage_brokeraccount_change", args=[family.account.pk])
    admin = at_the_desk().get(desk).content.decode()

    value, put_in, gain = (
        D(portfolio[name]) for name in ("totalValue", "totalPutIn", "totalGainLoss")
    )
    broker = next(iter(family.stage.state()["accounts"]))
    assert gain == value - put_in
    assert D(portfolio["cashBalance"]) == broker["cash"]
    assert (D(history["valueNow"]), D(history["putIn"])) == (value, put_in)
    assert D(history["gainLoss"]) == gain
    assert history["gainLossPercent"] == portfolio["totalGainLossPercent"]
    for ours, theirs in {
        "totalCostBasis": "costBasis",
        "unrealizedGainLoss": "unrealizedGainLoss",
        "realizedGainLoss": "realizedGainLoss",
        "dividends": "dividends",
    }.items():
        assert portfolio[ours] == history[theirs]
    told = portfolio["totalGainLossPercent"]
    ratio = f" ({percent(D(told))})" if told is not None else ""
    assert f"Account value {money(value)} Gain so far: {signed_money(gain)}" in child
    assert f"Gain so far {signed_money(gain)}" in page
    for text in (child, page, admin):
        assert f"{money(put_in)}" in text
        assert f"{money(D(portfolio['totalCostBasis']))}" in text
    if abs(D(told or 0)) >= D("0.06"):
        assert ratio.strip() in child
        assert ratio.strip() in page
    assert f"{money(value)} {signed_money(gain)} so far" in home
    assert f"Account value {money(value)} Money put in {money(put_in)}" in page
    assert f"Paid for the shares held now {money(D(portfolio['totalCostBasis']))}" in page
    assert f"Gain so far: {money(gain)}" in admin
    assert "-0.00" not in f"{portfolio}{history}"


@pytest.mark.parametrize(
    ("ratio", "written"),
    [
        ("-0.04", "0.0%"), ("0.04", "0.0%"), ("0", "0.0%"), ("-0", "0.0%"), ("-0.05", "0.0%"),
        ("-0.06", "−0.1%"), ("0.06", "+0.1%"), ("-12.34", "−12.3%"), ("7.777", "+7.8%"),
    ],
)  # fmt: skip
def test_what_rounds_to_nothing_has_no_sign(ratio: str, written: str) -> None:
    assert percent(D(ratio)) == written


@pytest.mark.parametrize(
    ("amount", "written", "look"),
    [
        ("-0.004", "$0.00", ""), ("0.004", "$0.00", ""), ("-0.00", "$0.00", ""),
        ("-0.01", "−$0.01", "down"), ("0.01", "+$0.01", "up"), ("1234.5", "+$1,234.50", "up"),
    ],
)  # fmt: skip
def test_a_gain_looks_as_it_is_written(amount: str, written: str, look: str) -> None:
    assert (signed_money(D(amount)), trend(D(amount))) == (written, look)


def test_money_that_comes_is_drawn_as_a_step_and_not_as_a_gain() -> None:
    """Until the day of the second deposit the line stays where the first one's value was."""
    chart = draw([day(0, "50", "50"), day(10, "100", "100"), day(20, "104", "100")])

    assert chart
    points = [tuple(map(D, point.split(","))) for point in chart.value.split()]
    (x0, y0), (x1, y1), (x2, y2), _last = points
    assert (x0, x1) == (D(0), x2)
    assert y0 == y1
    assert y2 < y1
    paid = [tuple(map(D, point.split(","))) for point in chart.paid_in.split()]
    assert (x1, y1) in paid


def test_money_that_leaves_is_a_step_too_and_stays_in_the_picture() -> None:
    chart = draw([Day(START, D(80), D(100)), day(9, "10", "40")])

    assert chart
    lows = [D(point.split(",")[1]) for point in chart.value.split()]
    assert all(chart.top <= low <= chart.base for low in lows)


def test_a_deposit_the_broker_has_and_we_have_not_heard_of_is_no_gain(family: Family) -> None:
    """The broker credits in the evening, we hear of it the next morning."""
    family.approve(family.give("50.00"))
    family.stage.work()
    hide = {"path": "*/funding/deposits/*", "change": {"status": "PENDING"}}
    family.stage.control("POST", "odd", hide)
    family.stage.settle_ach()
    look_again(family)
    newest = DayValue.objects.latest("on")

    assert (newest.value, newest.paid_in) == (D(50), D(50))
    page = read(family.client.get(f"/children/{family.child.pk}/history/")).text
    assert re.search(r"Gain so far \$0\.00", page)
