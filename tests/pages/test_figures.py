"""One account at one minute: every face tells the same figures, under the same labels."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from brokerage.charts import draw
from brokerage.lot_history import get_lots
from brokerage.models import CompanyAction, DayValue, Deposit, Movement
from brokerage.operations import accept_movement, read_ledger
from brokerage.operations.company_actions import file_basis
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


def give_back(family: Family) -> None:
    act_for_company(family, type="RETURN_OF_CAPITAL", amountPerShare="4.00")


def tax_shares(family: Family) -> None:
    act_for_company(family, type="STOCK_DIVIDEND", amountPerShare="0.1", taxCode="FULLY_TAXABLE")


def merge_and_file(family: Family) -> None:
    """Have shares go over for cash and shares, and staff find out what those cost."""
    body = {"type": "MERGER", "into": "SONY", "ratio": "0.5", "cashPerShare": "9.00"}
    act_for_company(family, **body, tellBasis=False)
    look_again(family)
    action = CompanyAction.objects.get(status="OPEN")
    filed: dict[str, Any] = {
        "by": family.parent.user,
        "reason": "Form 8937.",
        "at": family.stage.now(),
    }
    file_basis(action, basis=D("21.00"), **filed)


def merge(family: Family) -> None:
    body = {"type": "MERGER", "into": "SONY", "ratio": "0.5", "cashPerShare": "9.00"}
    act_for_company(family, **body, tellBasis=False)
    look_again(family)


def buy_another(family: Family) -> None:
    family.buy("60.00", "AAPL")


def sell_in_parts(family: Family) -> None:
    """Have a sale fill by half, for now."""
    desk = Desk(family)
    desk.wish("partial-then-fill", fraction=0.5, seconds=500_000)
    desk.trade(symbol="DIS", quantity="0.2", side="SELL")


def lose_the_answer(family: Family) -> None:
    """Sell, hear no answer, and find the order again when all is over."""
    family.stage.fault(method="POST", path="*/orders", kind="drop-after", times=1)
    Desk(family).trade(symbol="DIS", quantity="0.2", side="SELL")
    family.stage.advance(3700)
    family.stage.work()


def bust(family: Family) -> None:
    """Have the broker take a trade back, by a trade of its own, which staff accept."""
    held = family.account.holdings.get()
    row = {
        "finTranID": "XX.9", "finTranTypeID": "SSAL", "accountAmount": "20.00",
        "fillQty": "0.2", "orderID": "XX.CANCEL", "tranWhen": family.stage.now().isoformat(),
        "instrument": {"id": held.instrument.vendor_id, "symbol": "DIS"},
    }  # fmt: skip
    family.stage.control("POST", "odd", {"path": "*/transactions", "add": row})
    read_ledger(family.account.pk, at=family.stage.now())
    movement = Movement.objects.get(status="HELD")
    accept_movement(
        movement, by=family.parent.user, reason="Trade canceled.", at=family.stage.now()
    )


def take_back(family: Family) -> None:
    bank_says(family, Deposit.objects.get(), "R01")


@pytest.mark.daily(1)
@pytest.mark.bought
@pytest.mark.parametrize(
    "acts",
    [
        [rise, pay, split, sell_with_fees],
        [buy_another, give_back, sell_in_parts, merge],
        *[
            pytest.param([act], marks=pytest.mark.slow)
            for act in (
                nothing_more,
                fall_by_a_hair,
                pay,
                split,
                sell_with_fees,
                take_back,
                give_back,
                tax_shares,
                merge,
                merge_and_file,
                sell_in_parts,
                lose_the_answer,
                bust,
            )
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
        "givenBack": "givenBack",
        "withoutSymbols": "withoutSymbols",
    }.items():
        assert portfolio[ours] == history[theirs]
    told = portfolio["totalGainLossPercent"]
    ratio = f" ({percent(D(told))})" if told is not None else ""
    assert f"Account value {money(value)} Gain so far: {signed_money(gain)}" in child
    assert f"Gain so far {signed_money(gain)}" in page
    for text in (child, page, admin):
        assert f"{money(put_in)}" in text
        assert as_told(portfolio["totalCostBasis"]) in text
    if abs(D(told or 0)) >= D("0.06"):
        assert ratio.strip() in child
        assert ratio.strip() in page
    assert f"{money(value)} {signed_money(gain)} so far" in home
    assert f"Account value {money(value)} Money put in {money(put_in)}" in page
    assert f"Paid for the shares held now {as_told(portfolio['totalCostBasis'])}" in page
    assert f"Gain on shares sold {as_told(portfolio['realizedGainLoss'])}" in page
    assert f"Gain on shares sold: {as_told(portfolio['realizedGainLoss'])}" in admin
    check_lots(family, portfolio)
    assert f"Gain so far: {money(gain)}" in admin
    assert "-0.00" not in f"{portfolio}{history}"


def as_told(amount: str | None) -> str:
    return "being worked out" if amount is None else money(D(amount))


def check_lots(family: Family, portfolio: Any) -> None:
    """What is told as gained by sales, and as given back, is what the lots say now."""
    lots = get_lots(family.account)
    known = [sale.gain for one in lots.values() for sale in one.known_sales]
    told = portfolio["realizedGainLoss"]
    assert told is None or D(told) == sum(known)
    hidden = {row["symbol"] for row in portfolio["holdings"] if row["costBasis"] is None}
    assert hidden <= set(portfolio["withoutSymbols"])
    assert sum(D(row["costBasis"] or 0) for row in portfolio["holdings"]) == D(
        portfolio["totalCostBasis"] or 0
    )


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
