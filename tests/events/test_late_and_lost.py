"""Events out of order, too early, too late, and workers that die over them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import transaction

from brokerage import operations, sweeps
from brokerage.books import get_books
from brokerage.gateway import Subject
from brokerage.models import BrokerEvent, BrokerUser, Deposit, Instrument, Order, Purchase
from brokerage.operations import events
from core import clock
from core.models import AuditEntry
from gifting.models import Note
from tests.cast import Family
from tests.events.sender import Sender
from tests.stage import Stage

pytestmark = pytest.mark.documented_too


def advance(event: BrokerEvent, stage: Stage) -> BrokerEvent:
    operations.advance_broker_event(event.pk, at=stage.now())
    event.refresh_from_db()
    return event


@pytest.fixture
def ordering(family: Family, settings: Any) -> tuple[Family, Purchase, Order]:
    """An order at the broker on a Saturday, so that nothing fills; nobody asks by himself."""
    settings.POLL_SECONDS = 10**8
    purchase = family.approve(family.give())
    family.stage.work()
    for _day in range(4):
        family.stage.go_to("next-banking-day")
    family.stage.go_to("next-market-close")
    family.stage.advance(3600)
    family.stage.work()
    purchase.refresh_from_db()
    assert purchase.status == "ORDERING"
    order = Order.objects.get(purchase=purchase)
    assert order.vendor_id
    return family, purchase, order


@pytest.mark.slow
def test_completed_before_updated_is_one_order_booked_once(
    ordering: tuple[Family, Purchase, Order], sender: Sender
) -> None:
    family, purchase, order = ordering
    family.stage.go_to("next-market-open")
    family.stage.advance(60)
    completed = sender.tell("orders.completed", {"id": order.vendor_id, "status": "FILLED"})
    updated = sender.tell("orders.updated", {"id": order.vendor_id, "status": "PARTIAL_FILL"})
    created = sender.tell("orders.created", {"id": order.vendor_id, "status": "NEW"})
    family.stage.work()

    purchase.refresh_from_db()
    order.refresh_from_db()
    assert (purchase.status, order.status) == ("EXECUTED", "FILLED")
    for event in (completed, updated, created):
        event.refresh_from_db()
        assert event.status == "DONE"
    assert AuditEntry.objects.filter(verb="order.filled").count() == 1


def test_an_event_that_claims_a_fill_is_not_believed(
    ordering: tuple[Family, Purchase, Order], sender: Sender
) -> None:
    family, purchase, order = ordering
    claim = {"id": order.vendor_id, "status": "FILLED", "cumulativeQuantity": 1000}

    event = sender.tell("orders.completed", claim)
    advance(event, family.stage)
    operations.advance_purchase(purchase.pk, at=family.stage.now())

    order.refresh_from_db()
    assert (event.status, order.status, order.quantity) == ("DONE", "NEW", Decimal(0))


def test_an_event_waits_for_the_row_it_names(family: Family, sender: Sender) -> None:
    """The broker tells of a deposit before our own call has written its id down."""
    family.approve(family.give())
    family.stage.work()
    deposit = Deposit.objects.get()
    vendor_id = deposit.vendor_id
    Deposit.objects.update(vendor_id="")

    event = advance(sender.tell("deposits.created", {"id": vendor_id}), family.stage)
    assert (event.status, event.attempts) == ("RECEIVED", 1)
    assert event.trouble == "no row of ours has this id"
    Deposit.objects.update(vendor_id=vendor_id)
    family.stage.advance(10)

    assert advance(event, family.stage).status == "DONE"


@pytest.mark.slow
def test_of_a_flood_about_nobody_only_so_many_are_tried_again_and_all_go_in_time(
    family: Family, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_UNKNOWN", 3)
    for number in range(10):
        sender.tell("orders.created", {"id": f"nobody-{number}", "status": "NEW"})
    family.stage.work()
    given_up = BrokerEvent.objects.filter(status="PARKED")
    assert given_up.count() == 7

    for _try in range(settings.PARK_AFTER):
        family.stage.advance(3600)
        family.stage.work()
    assert given_up.count() == 10

    assert not sweeps.list_forgettable(family.stage.now())[0].exists()
    later = family.stage.now() + timedelta(days=91)
    assert set(given_up) <= set(sweeps.list_forgettable(later)[0])


def test_an_event_waits_for_a_worker_that_has_the_row(
    ordering: tuple[Family, Purchase, Order], sender: Sender
) -> None:
    """That worker asked the broker before the event: it must be asked once more."""
    family, purchase, order = ordering
    held = Purchase.take(purchase.pk, at=family.stage.now())
    assert held
    event = sender.tell("orders.completed", {"id": order.vendor_id})

    assert advance(event, family.stage).status == "RECEIVED"
    held.release(next_step_at=held.next_step_at)
    family.stage.advance(2)
    assert advance(event, family.stage).status == "DONE"

    purchase.refresh_from_db()
    assert purchase.next_step_at
    assert purchase.next_step_at <= family.stage.now()


def test_a_worker_that_dies_over_an_event_leaves_it_to_the_next(
    family: Family, sender: Sender
) -> None:
    user = BrokerUser.objects.get(parent=family.parent)
    event = sender.tell("kyc.updated", {"userID": user.vendor_id})
    assert BrokerEvent.take(event.pk, at=family.stage.now())  # and never comes back

    family.stage.work(3)
    event.refresh_from_db()
    assert event.status == "RECEIVED"
    family.stage.advance(121)
    family.stage.work(3)

    event.refresh_from_db()
    assert event.status == "DONE"


def test_a_crash_after_the_row_was_woken_wakes_it_again(
    family: Family, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = BrokerUser.objects.get(parent=family.parent)
    event = sender.tell("kyc.updated", {"userID": user.vendor_id})

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(BrokerEvent, "move_to", die)
        with pytest.raises(KeyboardInterrupt):
            advance(event, family.stage)
    family.stage.advance(121)

    assert advance(event, family.stage).status == "DONE"
    family.stage.work()
    user.refresh_from_db()
    assert (user.status, user.next_step_at) == ("APPROVED", None)


@pytest.mark.daily(1)
@pytest.mark.parametrize("end", ["DONE", "IGNORED", "PARKED"])
def test_a_crash_after_its_end_leaves_an_event_at_its_end(
    family: Family, sender: Sender, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    user = BrokerUser.objects.get(parent=family.parent)
    told: dict[str, tuple[str, dict[str, Any]]] = {
        "DONE": ("kyc.updated", {"userID": user.vendor_id}),
        "IGNORED": ("moon.landed", {}),
        "PARKED": ("kyc.updated", {"userID": None}),
    }
    event = sender.tell(*told[end])

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(BrokerEvent, "release", die)
        with pytest.raises(KeyboardInterrupt):
            advance(event, family.stage)
    with structlog.testing.capture_logs() as entries:
        for _try in range(settings.PARK_AFTER + 1):
            family.stage.advance(1900)
            family.stage.work(2)

    event.refresh_from_db()
    assert (event.status, event.next_step_at, event.parked_at) == (end, None, None)
    assert [entry for entry in entries if entry.get("exc_info")] == []


def test_an_event_that_can_not_be_given_back_keeps_no_other_waiting(
    family: Family, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = BrokerUser.objects.get(parent=family.parent)
    stuck, good = (sender.tell("kyc.updated", {"userID": user.vendor_id}) for _each in range(2))
    release = BrokerEvent.release

    def fail(event: BrokerEvent, **changes: Any) -> None:
        if event.pk == stuck.pk:
            raise ZeroDivisionError
        release(event, **changes)

    with monkeypatch.context() as broken, structlog.testing.capture_logs() as entries:
        broken.setattr(BrokerEvent, "release", fail)
        family.stage.work(2)

    good.refresh_from_db()
    assert (good.status, good.leased_until) == ("DONE", None)
    (failure,) = (entry for entry in entries if entry.get("exc_info"))
    assert (failure["event"], failure["row"]) == ("row_failed", str(stuck.pk))


@pytest.mark.slow
def test_an_event_nobody_can_digest_is_parked_and_harms_no_other(
    family: Family, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_args: Any) -> None:
        raise ZeroDivisionError

    poison = sender.tell("accounts.updated", {"accountID": family.account.vendor_id})
    with monkeypatch.context() as broken:
        broken.setitem(events._HANDLERS, Subject.ACCOUNT, explode)
        user = BrokerUser.objects.get(parent=family.parent)
        good = sender.tell("kyc.updated", {"userID": user.vendor_id})
        for _try in range(settings.PARK_AFTER):
            family.stage.work(2)
            family.stage.advance(1200)

    poison.refresh_from_db()
    good.refresh_from_db()
    assert (poison.status, good.status) == ("PARKED", "DONE")
    assert AuditEntry.objects.filter(verb="work.parked").count() == 1


@pytest.mark.slow
def test_while_the_broker_is_away_events_wait_and_none_is_given_up(
    family: Family, sender: Sender
) -> None:
    event = sender.tell("transactions.created", {"accountID": family.account.vendor_id})
    family.stage.fault(method="GET", path="*/summary/money", kind="status", times=None)
    for _hour in range(12):
        family.stage.advance(3600)
        advance(event, family.stage)
    assert event.status == "RECEIVED"
    assert event.attempts > settings.PARK_AFTER
    family.stage.control("DELETE", "faults")
    for _try in range(3):
        family.stage.advance(3600)
        advance(event, family.stage)

    assert event.status == "DONE"


def test_many_events_of_one_account_are_one_reading(family: Family, sender: Sender) -> None:
    account_id = family.account.vendor_id
    for _number in range(20):
        sender.tell("transactions.created", {"accountID": account_id})
    before = family.stage.state()["calls"]
    family.stage.advance(5)
    for event in BrokerEvent.objects.all():
        operations.advance_broker_event(event.pk, at=clock.now())

    after = family.stage.state()["calls"]
    question = "GET /accounts/<account_id>/summary/money"
    assert after[question] - before[question] == 1
    assert set(BrokerEvent.objects.values_list("status", flat=True)) == {"DONE"}


@pytest.mark.bought
def test_a_return_after_the_fill_is_found_and_told(family: Family, sender: Sender) -> None:
    purchase = family.purchase()
    assert purchase.status == "EXECUTED"
    deposit = Deposit.objects.get()
    family.stage.control(
        "POST", f"deposits/{deposit.vendor_id}", {"status": "RETURNED", "code": "R10"}
    )

    for _time in range(3):
        sender.tell("deposits.updated", {"id": deposit.vendor_id, "statusMessage": "RETURNED"})
    family.stage.work()

    purchase.refresh_from_db()
    deposit.refresh_from_db()
    assert (deposit.status, purchase.status) == ("RETURNED", "RETURNED")
    assert AuditEntry.objects.filter(verb="deposit.returned").count() == 1
    assert AuditEntry.objects.filter(verb="purchase.returned").count() == 1
    with transaction.atomic():
        family.stage.work()
    family.account.refresh_from_db()
    assert get_books(family.account).cash == family.account.cash


@pytest.mark.bought
def test_the_parent_hears_of_a_return_once(family: Family, sender: Sender) -> None:
    deposit = Deposit.objects.get()
    family.stage.control(
        "POST", f"deposits/{deposit.vendor_id}", {"status": "RETURNED", "code": "R01"}
    )
    for _time in range(2):
        sender.tell("deposits.updated", {"id": deposit.vendor_id})
        family.stage.work()

    assert Note.objects.filter(kind=Note.Kind.FAILED_PARENT).count() == 1


@pytest.mark.slow
def test_a_return_while_the_order_is_under_way_waits_for_its_end(
    ordering: tuple[Family, Purchase, Order], sender: Sender
) -> None:
    family, purchase, order = ordering
    deposit = Deposit.objects.get()
    family.stage.control(
        "POST", f"deposits/{deposit.vendor_id}", {"status": "RETURNED", "code": "R01"}
    )
    event = advance(sender.tell("deposits.updated", {"id": deposit.vendor_id}), family.stage)
    purchase.refresh_from_db()
    deposit.refresh_from_db()
    assert (event.status, deposit.status, purchase.status) == ("RECEIVED", "RETURNED", "ORDERING")

    family.stage.go_to("next-market-open")
    family.stage.advance(900)
    Purchase.wake(purchase.pk, at=family.stage.now())
    family.stage.work()
    family.stage.advance(900)
    family.stage.work()

    purchase.refresh_from_db()
    event.refresh_from_db()
    order.refresh_from_db()
    assert (order.status, purchase.status, event.status) == ("REJECTED", "RETURNED", "DONE")


@pytest.mark.bought
def test_a_forged_return_changes_nothing(family: Family, sender: Sender) -> None:
    purchase = family.purchase()
    deposit = Deposit.objects.get()

    event = sender.tell("deposits.updated", {"id": deposit.vendor_id, "status": 5})
    family.stage.work()

    purchase.refresh_from_db()
    deposit.refresh_from_db()
    event.refresh_from_db()
    assert (event.status, deposit.status, purchase.status) == ("DONE", "SETTLED", "EXECUTED")


def test_a_halt_of_a_share_is_known_at_once(family: Family, sender: Sender) -> None:
    share = Instrument.objects.get(symbol="DIS")
    Instrument.objects.filter(pk=share.pk).update(status="HALTED", kind="OTHER")

    sender.tell("instruments.updated", {"instrumentID": share.vendor_id})
    family.stage.work()

    share.refresh_from_db()
    assert (share.status, share.kind) == ("ACTIVE", "OTHER")
