"""Market hours, bank holidays and the clock that goes one way."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from sandbox import calendars, closures
from sandbox.server import Box, running
from tests.sandbox.partner import Partner


def go(partner: Partner, moment: str) -> None:
    partner.control("/clock", {"set": moment})
    partner.log_in()


@pytest.mark.parametrize(
    ("placed", "filled"),
    [
        ("2026-06-13T12:00:00-04:00", "2026-06-15T13:30:00.000Z"),  # Saturday
        ("2026-06-12T16:00:00-04:00", "2026-06-15T13:30:00.000Z"),  # Friday, at the close
        ("2026-06-12T09:00:00-04:00", "2026-06-12T13:30:00.000Z"),  # Friday, before the open
        ("2026-06-18T17:00:00-04:00", "2026-06-22T13:30:00.000Z"),  # Juneteenth, then a weekend
        ("2026-07-02T18:00:00-04:00", "2026-07-06T13:30:00.000Z"),  # Independence Day on Friday
        ("2026-11-27T13:30:00-05:00", "2026-11-30T14:30:00.000Z"),  # after a close at one
        ("2026-12-24T13:00:00-05:00", "2026-12-28T14:30:00.000Z"),  # Christmas Eve, at the close
    ],
)
def test_an_order_placed_while_the_market_is_shut_fills_at_the_next_open(
    partner: Partner, placed: str, filled: str
) -> None:
    family = partner.funded_family("20.00")
    go(partner, placed)

    order_id = family.order(amountCash=20)
    partner.wait(5)
    assert family.see_order(order_id)["status"] == "NEW"
    assert family.money()["cashAvailableForTrade"] == 0
    assert len(partner.get(f"/accounts/{family.account_id}/summary/orders")["orders"]) == 1
    partner.go_to("next-market-open")
    partner.log_in()

    order = family.see_order(order_id)
    assert (order["status"], order["lastExecuted"]) == ("FILLED", filled)


def test_an_order_fills_up_to_the_last_minute_of_a_short_day(partner: Partner) -> None:
    family = partner.funded_family("20.00")
    go(partner, "2026-11-27T12:59:30-05:00")

    order_id = family.order(amountCash=20)
    partner.wait(2)

    assert family.see_order(order_id)["status"] == "FILLED"


def test_an_account_may_ignore_market_hours(partner: Partner) -> None:
    family = partner.funded_family("20.00")
    partner.ok("PATCH", f"/accounts/{family.account_id}", {"ignoreMarketHoursForTest": True})
    go(partner, "2026-06-13T03:00:00-04:00")

    order_id = family.order(amountCash=20)
    partner.wait(2)

    assert family.see_order(order_id)["status"] == "FILLED"


def test_an_order_that_may_not_be_queued_is_rejected(partner: Partner) -> None:
    family = partner.funded_family("20.00")
    go(partner, "2026-06-13T12:00:00-04:00")

    order_id = family.order(amountCash=20, preventQueuing=True)
    partner.wait(2)

    assert family.see_order(order_id)["status"] == "REJECTED"
    assert family.cash() == Decimal("20.00")


@pytest.mark.parametrize(
    ("created", "settled"),
    [
        ("2026-06-01T15:00:00-04:00", "2026-06-05T14:00:00.000Z"),  # plain week
        ("2026-06-15T12:00:00-04:00", "2026-06-22T14:00:00.000Z"),  # Juneteenth
        ("2026-06-27T12:00:00-04:00", "2026-07-02T14:00:00.000Z"),  # created on a Saturday
        ("2026-06-30T12:00:00-04:00", "2026-07-06T14:00:00.000Z"),  # banks open on 3 July 2026
        ("2026-10-08T12:00:00-04:00", "2026-10-15T14:00:00.000Z"),  # Columbus Day
        ("2026-11-09T12:00:00-05:00", "2026-11-16T15:00:00.000Z"),  # Veterans Day
        ("2026-06-02T23:30:00-04:00", "2026-06-08T14:00:00.000Z"),  # late, the day in New York
    ],
)
def test_a_deposit_settles_on_the_fourth_banking_day_at_ten(
    partner: Partner, created: str, settled: str
) -> None:
    family = partner.family()
    go(partner, created)
    deposit_id = family.deposit("30.00")["id"]

    for _ in range(3):
        partner.go_to("next-banking-day")
    partner.log_in()
    assert family.cash() == 0
    partner.go_to("next-banking-day")
    partner.log_in()

    deposit = partner.get(f"/funding/deposits/{deposit_id}")
    assert deposit["status"] == "SUCCESSFUL"
    assert deposit["statusHistory"][-1]["updated"] == settled
    assert family.cash() == Decimal("30.00")


def test_what_is_due_is_played_in_order_at_its_own_time(partner: Partner) -> None:
    family = partner.family()
    family.deposit("10.00")
    partner.wait(3600)
    partner.log_in()
    family.deposit("20.00")
    partner.wait(30 * 86_400)

    moments = [event["timestamp"] for event in partner.events()]
    settled = [event["payload"]["status"] for event in partner.events("deposits.updated")]

    assert moments == sorted(moments)
    assert settled == [1, 1, 2, 2]
    assert partner.events("deposits.updated")[-1]["timestamp"].startswith("2026-06-05T14:00:00.0")
    assert all(len(moment) == len("2026-06-05T14:00:00.000000000Z") for moment in moments)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"set": "2020-01-01T00:00:00Z"}, "forward"),
        ({"advanceSeconds": -1}, "forward"),
        ({"set": "2031-01-01T00:00:00Z"}, "calendars"),
        ({"to": "yesterday"}, "next-market-open"),
        ({"set": "noon"}, "ISO 8601"),
        ({"advanceSeconds": "many"}, "number"),
        ({}, "exactly one"),
    ],
)
def test_the_clock_refuses_what_makes_no_sense(
    box: Box, order: dict[str, object], says: str
) -> None:
    before = requests.get(f"{box.url}/_sandbox/clock", timeout=5).json()["offsetSeconds"]

    answer = requests.post(f"{box.url}/_sandbox/clock", json=order, timeout=5)

    assert answer.status_code == 400
    assert says in answer.json()["error"]
    after = requests.get(f"{box.url}/_sandbox/clock", timeout=5).json()["offsetSeconds"]
    assert after == before


def test_other_processes_can_follow_the_clock_through_its_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    with running(clock_file=file) as box:
        assert float(file.read_text()) == 0

        requests.post(f"{box.url}/_sandbox/clock", json={"advanceSeconds": 7200}, timeout=5)

        assert abs(float(file.read_text()) - 7200) < 1


def test_the_calendars_have_the_weekdays_their_holidays_fall_on() -> None:
    for day in closures.EXCHANGE_CLOSED | closures.BANKS_CLOSED:
        assert day.weekday() < calendars.SATURDAY, day
    for day in closures.EXCHANGE_CLOSES_AT_ONE:
        assert calendars.session_on(day) is not None, day
    days = [date(2025, 1, 1) + timedelta(days=count) for count in range(4 * 365 + 1)]
    sessions = dict.fromkeys(range(2025, 2029), 0)
    for day in days:
        sessions[day.year] += calendars.session_on(day) is not None
    assert sessions == {2025: 250, 2026: 251, 2027: 251, 2028: 251}
