"""ACH returns: now, or ordered ahead for a day up to sixty banking days after the deposit."""

from __future__ import annotations

from decimal import Decimal

import pytest
import requests

from tests.sandbox.partner import Family, Partner


def order_return(family: Family, deposit_id: str, **more: object) -> requests.Response:
    return requests.post(
        f"{family.partner.box.url}/_sandbox/deposits/{deposit_id}",
        json={"status": "RETURNED", "code": "R01"} | more,
        timeout=5,
    )


def transactions(family: Family) -> list[tuple[str, Decimal, Decimal]]:
    rows = family.partner.get(
        f"/accounts/{family.account_id}/transactions?from=2026-06-01&to=2026-12-31"
    )
    return [(row["finTranTypeID"], row["accountAmount"], row["accountBalance"]) for row in rows]


def test_a_return_before_the_credit_leaves_no_cash_behind(partner: Partner) -> None:
    family = partner.family()
    deposit_id = family.deposit("30.00")["id"]

    scheduled = order_return(family, deposit_id, onBankingDay=2).json()["scheduled"]
    partner.control("/clock", {"set": "2026-06-03T12:59:00Z"})
    partner.log_in()
    assert family.deposit_status(deposit_id) == "Pending"
    partner.control("/clock", {"set": "2026-06-03T13:00:00Z"})

    assert scheduled[0] == {
        "at": "2026-06-03T13:00:00.000Z",
        "status": "RETURNED",
        "code": "R01",
        "outcome": "waiting",
    }
    assert family.deposit_status(deposit_id) == "Returned"
    partner.wait(10 * 86_400)
    partner.log_in()
    assert family.cash() == 0
    assert transactions(family) == []


def test_a_return_after_the_fill_takes_the_cash_below_zero_on_its_day(partner: Partner) -> None:
    family = partner.family()
    deposit_id = family.deposit("30.00")["id"]
    order_return(family, deposit_id, code="R10", onBankingDay=59)
    partner.wait(7 * 86_400)
    partner.log_in()
    family.order(amountCash=30)
    partner.wait(2)
    assert family.cash() == 0

    partner.control("/clock", {"set": "2026-08-24T12:00:00Z"})
    partner.log_in()
    assert family.cash() == 0
    partner.control("/clock", {"set": "2026-08-24T13:00:00Z"})
    partner.log_in()

    seen = partner.get(f"/funding/deposits/{deposit_id}")
    assert family.cash() == Decimal("-30.00")
    assert len(family.positions()) == 1
    assert transactions(family)[-1] == ("CADJ", Decimal("-30.00"), Decimal("-30.00"))
    assert (seen["status"], seen["statusHistory"][-1]["comment"]) == ("RETURNED", "R10")
    assert seen["failureReason"] == "R10"
    assert seen["statusComment"].startswith("R10 Customer advises")
    event = partner.events("deposits.updated")[-1]
    assert event["timestamp"].startswith("2026-08-24T13:00:00")
    assert event["payload"]["failureReason"] == "R10"
    last = partner.events("transactions.created")[-1]["payload"]["transaction"]
    assert event["payload"]["finTranRef"] == last["finTranID"]


def test_a_return_can_be_ordered_for_a_moment(partner: Partner) -> None:
    family = partner.family()
    deposit_id = family.deposit("30.00")["id"]

    order_return(family, deposit_id, at="2026-06-01T20:00:00-04:00")
    partner.go_to("next-banking-day")
    partner.log_in()

    assert family.deposit_status(deposit_id) == "Returned"


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"onBankingDay": 61}, "0 to 60"),
        ({"onBankingDay": 0}, "has passed"),
        ({"onBankingDay": 1.5}, "whole number"),
        ({"at": "2026-05-01"}, "has passed"),
        ({"at": "2027-01-01"}, "banking day 60"),
        ({"at": "soon"}, "ISO 8601"),
        ({"at": "2026-06-09", "onBankingDay": 2}, "one of"),
        ({"status": "LOST", "onBankingDay": 2}, "one of"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(
    partner: Partner, order: dict[str, object], says: str
) -> None:
    family = partner.family()
    deposit_id = family.deposit("30.00")["id"]

    refused = order_return(family, deposit_id, **order)

    assert refused.status_code == 400
    assert says in refused.json()["error"]
    assert partner.state()["deposits"][0]["scheduled"] == []


def test_what_can_no_longer_be_is_noted_and_changes_nothing(partner: Partner) -> None:
    family = partner.family()
    deposit_id = family.deposit("30.00")["id"]
    order_return(family, deposit_id, onBankingDay=5)
    partner.control(f"/deposits/{deposit_id}", {"status": "FAILED", "code": "R03"})

    partner.wait(14 * 86_400)
    partner.log_in()

    [deposit] = partner.state()["deposits"]
    assert (deposit["status"], deposit["comment"]) == ("FAILED", "R03")
    assert "cannot become" in deposit["scheduled"][0]["outcome"]
    assert family.cash() == 0
