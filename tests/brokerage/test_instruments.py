"""The catalogue of what can be bought, and its prices."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import responses

from brokerage.gateway import Unavailable, get_broker
from brokerage.models import Instrument
from brokerage.operations.instruments import (
    MENU,
    refresh_security,
    sync_instruments,
    sync_prices,
)
from sandbox.drivewealth.catalogue import CATALOGUE
from tests.stage import Stage

AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
DAY = timedelta(hours=12)
BASE = "https://broker.example/dw"
INSTRUMENTS = f"{BASE}/back-office/instruments"
QUOTES = f"{BASE}/back-office/quotes"
Row = dict[str, Any]


def row(symbol: str, **changes: Any) -> Row:
    return {
        "id": f"id-{symbol}",
        "symbol": symbol,
        "name": f"{symbol} Inc.",
        "instrumentType": "EQUITY",
        "type": "EQUITY",
        "status": "ACTIVE",
    } | changes


@pytest.fixture
def elsewhere(settings: Any, db: None) -> None:
    """A broker that only `responses` plays."""
    settings.DRIVEWEALTH_BASE_URL = BASE
    get_broker.cache_clear()


def sync(at: datetime, *rows: Row) -> int:
    with responses.RequestsMock() as wire:
        wire.post(
            f"{BASE}/back-office/auth/tokens",
            json={"access_token": "t", "expires_in": "3600"},
        )
        wire.assert_all_requests_are_fired = False
        wire.get(INSTRUMENTS, json=list(rows))
        return sync_instruments(at=at)


def status_of(symbol: str) -> str:
    return Instrument.objects.get(symbol=symbol).status


def test_the_brokers_catalogue_becomes_ours(stage: Stage) -> None:
    count = sync_instruments(at=AT)

    listed = {item.symbol for item in CATALOGUE.values() if item.status == "ACTIVE"}
    assert count == len(listed)
    assert set(Instrument.objects.values_list("symbol", flat=True)) == listed
    disney = Instrument.objects.get(symbol="DIS")
    assert (disney.name, disney.kind, disney.status) == (
        "The Walt Disney Company",
        "STOCK",
        "ACTIVE",
    )
    assert disney.vendor_id == CATALOGUE["DIS"].id
    assert Instrument.objects.get(symbol="VOO").kind == "ETF"


def test_the_first_catalogue_puts_our_choice_on_the_menu(stage: Stage) -> None:
    sync_instruments(at=AT)

    menu = Instrument.objects.filter(on_menu=True).values_list("symbol", flat=True)
    assert set(menu) == set(MENU)


def test_the_catalogue_is_asked_for_twice_a_day_at_most(stage: Stage) -> None:
    moments = [AT + timedelta(minutes=30 * n) for n in range(48)]

    counts = [sync_instruments(at=moment) for moment in moments]

    assert stage.state()["calls"]["GET /instruments"] == 2
    assert [n for n, count in enumerate(counts) if count] == [0, 24]


def test_news_of_one_security_does_not_postpone_the_catalogue(stage: Stage) -> None:
    sync_instruments(at=AT)
    late = AT + timedelta(hours=11)

    refresh_security(Instrument.objects.get(symbol="DIS"), at=late)
    sync_instruments(at=AT + DAY)

    assert stage.state()["calls"]["GET /instruments"] == 2


def test_what_staff_put_on_the_menu_or_took_off_stays_so(elsewhere: None) -> None:
    sync(AT, row("DIS"), row("KO"), row("ZZZ"))
    Instrument.objects.filter(symbol="KO").update(on_menu=False)
    Instrument.objects.filter(symbol="ZZZ").update(on_menu=True)

    sync(AT + DAY, row("DIS"), row("KO"), row("ZZZ"), row("AAPL"))

    menu = Instrument.objects.filter(on_menu=True).values_list("symbol", flat=True)
    assert set(menu) == {"DIS", "ZZZ"}


def test_a_symbol_that_vanished_becomes_inactive_and_comes_back(elsewhere: None) -> None:
    sync(AT, row("DIS"), row("KO"))
    before = Instrument.objects.get(symbol="KO")

    sync(AT + DAY, row("DIS"))
    assert (status_of("DIS"), status_of("KO")) == ("ACTIVE", "INACTIVE")
    sync(AT + 2 * DAY, row("DIS"), row("KO"))

    after = Instrument.objects.get(symbol="KO")
    assert (after.pk, after.status) == (before.pk, "ACTIVE")
    assert (after.created_at, after.synced_at) == (AT, AT + 2 * DAY)


def test_news_of_a_symbol_is_taken_over(elsewhere: None) -> None:
    sync(AT, row("DIS"))

    sync(AT + DAY, row("DIS", name="Disney", status="HALTED", type="ETF"))

    disney = Instrument.objects.get()
    assert (disney.name, disney.status, disney.kind) == ("Disney", "HALTED", "ETF")


@pytest.mark.parametrize(
    "answer",
    [{"json": []}, {"json": {}}, {"json": None}, {"body": "<html>"}, {"json": [{"id": "1"}]}],
)
def test_an_odd_catalogue_does_not_close_the_shop(elsewhere: None, answer: Row) -> None:
    sync(AT, row("DIS"))

    with responses.RequestsMock() as wire:
        wire.get(INSTRUMENTS, **answer)
        with pytest.raises(Unavailable):
            sync_instruments(at=AT + DAY)

    assert status_of("DIS") == "ACTIVE"


def test_a_share_that_changed_its_symbol_keeps_the_catalogue_in_step(elsewhere: None) -> None:
    sync(AT, row("FB", id="id-meta"), row("DIS"))

    sync(AT + DAY, row("META", id="id-meta"), row("DIS"))

    assert (status_of("META"), status_of("DIS")) == ("ACTIVE", "ACTIVE")


def test_prices_of_the_menu_are_read(stage: Stage) -> None:
    sync_instruments(at=AT)

    sync_prices(at=AT + timedelta(minutes=1))

    assert stage.state()["calls"]["GET /quotes"] == 1
    for share in Instrument.objects.filter(on_menu=True):
        assert share.price is not None
        assert share.price > 0
        assert share.priced_at == AT + timedelta(minutes=1)
    assert not Instrument.objects.filter(on_menu=False, price__isnull=False).exists()


def test_a_price_is_kept_to_the_sixth_decimal(elsewhere: None) -> None:
    sync(AT, row("DIS"), row("KO"))

    with responses.RequestsMock() as wire:
        wire.get(QUOTES, body='[{"symbol": "DIS", "lastTrade": 112.12345678}]')
        sync_prices(at=AT)

    assert Instrument.objects.get(symbol="DIS").price == Decimal("112.123457")
    assert Instrument.objects.get(symbol="KO").price is None


def test_without_a_menu_nobody_is_asked_for_prices(stage: Stage) -> None:
    sync_prices(at=AT)

    assert "GET /quotes" not in stage.state()["calls"]


def test_a_share_the_broker_has_no_price_for_is_not_asked_for_in_every_round(
    stage: Stage,
) -> None:
    stage.work(rounds=4)
    Instrument.objects.create(
        symbol="GONE", name="Gone", kind="STOCK", status="INACTIVE", vendor_id="gone",
        on_menu=True, created_at=stage.now(), synced_at=stage.now(),
    )  # fmt: skip
    before = stage.state()["calls"]["GET /quotes"]

    stage.work(rounds=10)

    assert stage.state()["calls"]["GET /quotes"] <= before + 1
