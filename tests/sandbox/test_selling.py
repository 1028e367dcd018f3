"""Sales: any fraction or all of it, and proceeds that trade at once but leave on T+1."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.partner import Family, Partner


@pytest.fixture
def holder(partner: Partner) -> Family:
    """Return a family with two and a half shares at 32.00 and 20.00 in cash, on Monday 8 June."""
    family = partner.funded_family("100.00")
    family.order(symbol="TESTFLAT", quantity=2.5)
    partner.wait(2)
    return family


def sell(family: Family, **size: object) -> str:
    order_id = family.order(symbol="TESTFLAT", side="SELL", **size)
    family.partner.wait(2)
    return order_id


def test_everything_can_be_sold_by_its_exact_quantity(holder: Family) -> None:
    order_id = sell(holder, quantity=float(holder.positions()[0]["availableForTradingQty"]))

    order = holder.see_order(order_id)

    assert (order["status"], order["cumulativeQuantity"]) == ("FILLED", Decimal("2.5"))
    assert holder.positions() == []
    assert holder.cash() == Decimal("100.00")


def test_a_fraction_sold_leaves_the_rest_at_its_cost(holder: Family) -> None:
    sell(holder, quantity=0.3)

    [position] = holder.positions()

    assert (position["openQty"], position["costBasis"]) == (Decimal("2.2"), Decimal("70.40"))
    assert position["avgPrice"] == 32
    assert holder.cash() == Decimal("29.60")


def test_shares_on_offer_are_not_available_again(holder: Family) -> None:
    holder.order(symbol="TESTFLAT", side="SELL", quantity=2, orderType="LIMIT", price=40)
    holder.partner.wait(2)

    [position] = holder.positions()

    assert (position["openQty"], position["availableForTradingQty"]) == (2.5, 0.5)
    assert holder.see_order(sell(holder, quantity=1))["status"] == "REJECTED"


def test_proceeds_trade_at_once_and_may_be_withdrawn_from_the_next_day(holder: Family) -> None:
    sell(holder, quantity=1)

    sold = holder.money()
    assert (sold["cashBalance"], sold["cashAvailableForTrade"]) == (52, 52)
    assert sold["cashAvailableForWithdrawal"] == Decimal("20.00")
    assert sold["cashPendingSettlement"] == Decimal("32.00")
    assert sold["cashSettlement"] == [
        {"utcTime": "2026-06-09T13:30:00.000Z", "cash": Decimal("32.00")}
    ]
    holder.partner.go_to("next-market-open")
    holder.partner.log_in()

    settled = holder.money()
    assert settled["cashAvailableForWithdrawal"] == settled["cashBalance"] == 52
    assert settled["cashSettlement"] == []


@pytest.mark.parametrize(
    ("sold", "settles"),
    [
        ("2026-06-18T12:00:00-04:00", "2026-06-22T13:30:00.000Z"),  # Juneteenth, then a weekend
        ("2026-10-09T12:00:00-04:00", "2026-10-13T13:30:00.000Z"),  # Columbus Day: banks are shut
        ("2026-07-02T12:00:00-04:00", "2026-07-06T13:30:00.000Z"),  # the exchange is shut
    ],
)
def test_a_sale_settles_when_exchange_and_banks_are_open(
    holder: Family, sold: str, settles: str
) -> None:
    holder.partner.control("/clock", {"set": sold})
    holder.partner.log_in()

    sell(holder, quantity=1)

    assert [row["utcTime"] for row in holder.money()["cashSettlement"]] == [settles]


def test_unsettled_cash_buys_and_its_spending_is_not_withdrawable(holder: Family) -> None:
    sell(holder, quantity=1)
    holder.order(amountCash=50)
    holder.partner.wait(2)

    money = holder.money()

    assert (money["cashBalance"], money["cashAvailableForTrade"]) == (2, 2)
    assert money["cashAvailableForWithdrawal"] == 0
