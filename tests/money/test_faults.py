"""Whatever the wires do, a gift becomes one deposit and one order."""

from datetime import timedelta
from typing import Any

import pytest
import responses

from core import clock
from gifting.models import Gift
from tests.cast import Family
from tests.money import auditor

pytestmark = pytest.mark.documented_too
PLACES = {
    "sending the deposit": ("POST", "*/funding/deposits"),
    "asking for the deposit": ("GET", "*/funding/deposits/*"),
    "asking for the cash": ("GET", "*/summary/money"),
    "sending the order": ("POST", "*/back-office/orders"),
    "asking for the order": ("GET", "*/back-office/orders/*"),
    "fetching a token": ("POST", "*/auth/tokens"),
}
TROUBLES: dict[str, dict[str, Any]] = {
    "lost on the way": {"kind": "drop-before"},
    "done, answer lost": {"kind": "drop-after"},
    "done, answer too late": {"kind": "delay-after", "seconds": 0.8},
    "done, half an answer": {"kind": "malformed"},
    "500": {"kind": "status", "status": 500},
    "429": {"kind": "429"},
    "a gateway's page": {"kind": "html", "status": 502},
    "a page that says 200": {"kind": "html", "status": 200},
}
REFUSALS: dict[str, dict[str, Any]] = {
    "a firewall's page": {"kind": "html", "status": 403},
    "a 404": {"kind": "status", "status": 404},
    "a 400": {"kind": "status", "status": 400},
}
# Day by day one of each kind will do, and three where money is sent; `make test-slow` plays all.
QUICK = ("500",)
QUICK_WHERE_SENT = ("lost on the way", "done, answer lost", "500")


def slow_but_for(names: tuple[str, ...], name: str) -> Any:
    return () if name in names else pytest.mark.slow


TABLE = [
    pytest.param(
        place,
        trouble,
        id=f"{place}-{name}",
        marks=slow_but_for(QUICK_WHERE_SENT if "sending" in place else QUICK, name),
    )
    for place in PLACES
    for name, trouble in TROUBLES.items()
]
REFUSED = [
    pytest.param(refusal, id=name, marks=slow_but_for(("a 404",), name))
    for name, refusal in REFUSALS.items()
]
TWICE = 2
LONGER_THAN_KEYS_LIVE = timedelta(days=4, hours=12).total_seconds()


def carry_on(family: Family) -> None:
    """Work until nothing is left to try again."""
    family.stage.work()
    family.stage.advance(60)
    family.stage.work()


def order_fault(family: Family, place: str, **trouble: Any) -> None:
    method, path = PLACES[place]
    family.stage.fault(method=method, path=path, **({"times": TWICE} | trouble))


def faults_left(family: Family) -> int:
    return sum(int(fault["left"]) for fault in family.stage.state()["faults"])


def buy(family: Family, gift: Gift) -> None:
    family.approve(gift)
    buy_the_rest(family)


def buy_the_rest(family: Family) -> None:
    carry_on(family)
    family.stage.settle_ach()
    carry_on(family)


@pytest.mark.daily(4)
@pytest.mark.parametrize(("place", "trouble"), TABLE)
def test_a_broken_wire_moves_no_money_twice(
    family: Family, settings: Any, place: str, trouble: dict[str, Any]
) -> None:
    if "seconds" in trouble:
        settings.VENDOR_TIMEOUT = (3.05, 0.5)
    gift = family.give()
    order_fault(family, place, **trouble)

    buy(family, gift)

    assert faults_left(family) == 0
    auditor.check_bought_once(family, gift)


@pytest.mark.daily(1)
@pytest.mark.parametrize("refusal", REFUSED)
@pytest.mark.parametrize("place", [place for place in PLACES if "asking" in place])
def test_a_refused_question_says_nothing_about_the_money(
    family: Family, place: str, refusal: dict[str, Any]
) -> None:
    gift = family.give()
    order_fault(family, place, **refusal)

    buy(family, gift)

    assert faults_left(family) == 0
    auditor.check_bought_once(family, gift)


@pytest.mark.daily(2)
@pytest.mark.documented_too(daily=True)
@pytest.mark.parametrize("refusal", REFUSED)
@pytest.mark.parametrize("place", ["sending the deposit", "sending the order"])
def test_a_repeat_that_is_refused_is_looked_up_first(
    family: Family, place: str, refusal: dict[str, Any]
) -> None:
    gift = family.give()
    order_fault(family, place, kind="drop-after", times=1)
    order_fault(family, place, **(refusal | {"times": 1}))

    buy(family, gift)

    assert faults_left(family) == 0
    auditor.check_bought_once(family, gift)


@pytest.mark.daily(1)
@pytest.mark.documented_too(daily=True)
def test_a_deposit_whose_answer_was_lost_for_longer_than_keys_live_is_looked_up(
    family: Family,
) -> None:
    gift = family.give()
    family.approve(gift)
    order_fault(family, "sending the deposit", kind="drop-after", times=1)
    family.stage.work(rounds=2)
    assert faults_left(family) == 0

    family.stage.advance(LONGER_THAN_KEYS_LIVE)
    buy_the_rest(family)

    auditor.check_bought_once(family, gift)


@pytest.mark.daily(1)
@pytest.mark.documented_too(daily=True)
def test_an_order_whose_answer_was_lost_for_longer_than_keys_live_is_looked_up(
    family: Family,
) -> None:
    gift = family.give()
    family.approve(gift)
    family.stage.work()
    family.stage.settle_ach()
    order_fault(family, "sending the order", kind="drop-after", times=1)
    family.stage.work(rounds=4)
    assert faults_left(family) == 0

    family.stage.advance(LONGER_THAN_KEYS_LIVE)
    buy_the_rest(family)

    auditor.check_bought_once(family, gift)


@pytest.mark.slow
def test_a_token_that_ran_out_is_renewed_and_the_same_deposit_sent(family: Family) -> None:
    gift = family.give()
    family.stage.advance(2 * 3600)

    buy(family, gift)

    auditor.check_bought_once(family, gift)


def test_the_broker_says_when_to_come_back(family: Family) -> None:
    gift = family.give()
    with responses.RequestsMock() as wire:
        wire.add_passthru(family.stage.box.url)
        wire.post(
            f"{family.stage.box.drivewealth_url}/back-office/funding/deposits",
            status=429,
            headers={"Retry-After": "900"},
        )
        purchase = family.approve(gift)
        family.stage.work(rounds=2)
        purchase.refresh_from_db()
        due = purchase.next_step_at

    assert due is not None
    assert due > clock.now() + timedelta(seconds=890)
    family.stage.advance(900)
    buy_the_rest(family)
    auditor.check_bought_once(family, gift)
