"""Many accounts are read side by side and written by a constant number of statements."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from brokerage.gateway import Cash, Listing, Position
from brokerage.models import BrokerAccount, Holding
from brokerage.operations import sync_accounts
from brokerage.operations.positions import Reading, write_readings
from tests.cast import Family, make_child, make_family
from tests.money.test_reconciliation import adjust_cash

pytestmark = pytest.mark.documented_too

ZERO = Decimal(0)


def siblings(family: Family, number: int) -> list[BrokerAccount]:
    """Open accounts for more children of the family."""
    for count in range(number):
        make_child(family.parent, ssn=f"40000{1000 + count}", born=date(2015 + count, 1, 1))
    family.stage.work()
    return list(BrokerAccount.objects.order_by("created_at"))


def position(**changes: Any) -> Position:
    numbers: dict[str, Any] = {
        "quantity": 1, "average_price": 9, "cost_basis": 9, "price": 10, "market_value": 10,
        "unrealized_gain": 1,
    }  # fmt: skip
    return Position(**{"symbol": "DIS", "instrument_id": "x"} | numbers | changes)


def test_five_accounts_are_written_by_as_many_statements_as_one(family: Family) -> None:
    accounts = siblings(family, 4)
    readings = [
        Reading(account.pk, account.spending, Cash(ZERO, ZERO), Listing()) for account in accounts
    ]
    at = family.stage.now() + timedelta(hours=1)

    counts = []
    for some in (readings[:1], readings):
        with CaptureQueriesContext(connections["default"]) as queries:
            assert write_readings(some, at=at) == []
        counts.append(len(queries))

    assert len(accounts) == 5
    assert counts[0] == counts[1] <= 15, counts


def test_one_account_the_database_refuses_keeps_no_other_from_being_written(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick, well = siblings(family, 1)
    broken = Listing([position(quantity=-1)])  # the database knows no short holdings
    monkeypatch.setattr(
        "brokerage.drivewealth.client.DriveWealth.list_positions",
        lambda _self, vendor_id: broken if vendor_id == sick.vendor_id else Listing(),
    )
    at = family.stage.now() + timedelta(hours=1)

    sync_accounts([sick.pk, well.pk], at=at)

    sick.refresh_from_db()
    well.refresh_from_db()
    assert (sick.synced_at != at, well.synced_at) == (True, at)
    assert not Holding.objects.exists()


@pytest.mark.bought
def test_what_was_sold_is_gone_and_an_older_reading_changes_nothing(family: Family) -> None:
    account, at = family.account, family.stage.now() + timedelta(hours=1)
    cash = Cash(account.cash, account.cash)

    write_readings([Reading(account.pk, account.spending, cash, Listing([position()]))], at=at)
    held = list(Holding.objects.values_list("quantity", flat=True))
    write_readings([Reading(account.pk, account.spending, cash, Listing())], at=at)
    older = Reading(account.pk, account.spending, cash, Listing([position()]))
    assert write_readings([older], at=at - timedelta(seconds=1)) == []

    assert held == [1]
    assert not Holding.objects.exists()


@pytest.fixture
def threads(settings: Any) -> None:
    settings.SYNC_PARALLEL = 4


def test_threads_read_and_leave_no_connection_behind(live_family: Family, threads: None) -> None:
    stranger = make_family(
        live_family.stage, "stranger@elsewhere.example", ssn="321-45-6789", child_ssn="432-45-6789"
    )
    adjust_cash(live_family, "5.00")
    before = open_connections()
    at = live_family.stage.now() + timedelta(hours=1)

    done = sync_accounts([live_family.account.pk, stranger.account.pk], at=at)

    assert done == 2
    assert (live_family.account.cash, stranger.account.cash) == (Decimal(5), ZERO)
    assert {live_family.account.synced_at, stranger.account.synced_at} == {at}
    deadline = time.monotonic() + 10  # PostgreSQL's process ends a moment after its connection
    while open_connections() != before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert open_connections() == before


def open_connections() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
