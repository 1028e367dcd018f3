"""Splits and dividends: nobody is richer by the one, everyone is paid to the cent by the other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.partner import Family, Partner

FLAT = "TESTFLAT"


@pytest.fixture
def holder(partner: Partner) -> Family:
    family = partner.funded_family("1000.00")
    family.order(symbol=FLAT, amountCash=100)
    partner.wait(2)
    return family


def act(partner: Partner, **action: Any) -> Any:
    return partner.control("/corporate-actions", {"symbol": FLAT} | action)


def split(partner: Partner, old: int, new: int) -> Any:
    return act(partner, type="STOCK_SPLIT", **{"from": old, "to": new})


def rows(family: Family, kind: str) -> Any:
    path = f"/accounts/{family.account_id}/transactions?from=2026-06-01&to=2026-12-31"
    return [row for row in family.partner.get(path) if row["finTranTypeID"] == kind]


@pytest.mark.parametrize(("old", "new", "price"), [(1, 4, "8.00"), (8, 1, "256.00")])
def test_a_split_changes_shares_and_price_and_no_value(
    holder: Family, old: int, new: int, price: str
) -> None:
    [before] = holder.positions()

    assert split(holder.partner, old, new)["accounts"] == [holder.account_no]

    [after] = holder.positions()
    assert after["openQty"] == before["openQty"] * new / old
    assert after["costBasis"] == before["costBasis"] == 100
    assert (after["mktPrice"], after["avgPrice"]) == (Decimal(price), Decimal(price))
    assert after["marketValue"] == before["marketValue"]
    assert after["priorClose"] == 32
    assert holder.cash() == 900
    [row] = rows(holder, "STOCK_SPLIT")
    assert (row["accountAmount"], row["accountBalance"]) == (0, 900)
    assert row["positionDelta"] == after["openQty"] - before["openQty"]
    assert row["instrument"]["symbol"] == FLAT


def test_a_split_is_told_as_an_update_of_the_position(holder: Family) -> None:
    split(holder.partner, 1, 2)

    [event] = holder.partner.events("positions.updated")

    assert event["payload"]["updateReason"] == "STOCK_SPLIT"
    assert event["payload"]["accountID"] == holder.account_id
    previous, current = event["payload"]["previous"], event["payload"]["current"]
    assert (previous["openQty"], current["openQty"]) == (Decimal("3.125"), Decimal("6.25"))
    assert (previous["costBasis"], current["costBasis"]) == (100, 100)
    assert (previous["avgPrice"], current["avgPrice"]) == (32, 16)


def test_a_split_cancels_the_open_orders_of_that_stock_only(holder: Family) -> None:
    waiting = holder.order(symbol=FLAT, quantity=2, orderType="LIMIT", price=30)
    other = holder.order(symbol="KO", quantity=2, orderType="LIMIT", price=30)
    holder.partner.wait(2)

    split(holder.partner, 1, 2)
    holder.partner.wait(2)

    order = holder.see_order(waiting)
    assert (order["status"], order["statusMessage"]["errorCode"]) == ("CANCELED", "O124")
    assert holder.see_order(other)["status"] == "NEW"


def test_a_held_price_and_later_orders_follow_the_split(holder: Family) -> None:
    holder.partner.control("/prices", {"symbol": FLAT, "price": 40})
    split(holder.partner, 1, 4)
    order_id = holder.order(symbol=FLAT, amountCash=20)
    holder.partner.wait(2)

    assert holder.see_order(order_id)["averagePrice"] == 10
    assert holder.positions()[0]["openQty"] == Decimal("14.5")


def test_a_dividend_pays_every_holder_for_each_share(holder: Family) -> None:
    stranger = holder.partner.family()

    paid = act(holder.partner, type="CASH_DIVIDEND", amountPerShare="0.24")

    assert paid["accounts"] == [holder.account_no]
    assert holder.cash() == holder.money()["cashAvailableForWithdrawal"] == Decimal("900.75")
    assert stranger.cash() == 0
    [row] = rows(holder, "DIV")
    assert row["accountAmount"] == Decimal("0.75")
    assert row["dividend"] == {
        "type": "CASH",
        "amountPerShare": Decimal("0.24"),
        "taxCode": "FULLY_TAXABLE",
    }
    assert (row["dividendTax"], rows(holder, "DIVTAX")) == (None, [])
    told = holder.partner.events("transactions.created")[-1]["payload"]["transaction"]
    assert told["finTranID"] == row["finTranID"]


@pytest.mark.parametrize(
    "action",
    [
        {"type": "MERGER", "symbol": FLAT},
        {"type": "STOCK_SPLIT", "symbol": FLAT, "from": 1},
        {"type": "STOCK_SPLIT", "symbol": FLAT, "from": 0, "to": 2},
        {"type": "CASH_DIVIDEND", "symbol": FLAT, "amountPerShare": -1},
        {"type": "CASH_DIVIDEND", "symbol": "NOSUCH", "amountPerShare": 1},
    ],
)
def test_an_action_that_makes_no_sense_is_refused(partner: Partner, action: Any) -> None:
    answer = requests.post(f"{partner.box.url}/_sandbox/corporate-actions", json=action, timeout=5)

    assert answer.status_code in (400, 404)
    assert partner.events() == []
