"""Poison is set aside and shown to staff; an outage, however long, never sets anything aside."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse

from brokerage.models import BrokerUser, Case, Purchase
from brokerage.operations import make_known
from core.driven import Driven
from core.models import AuditEntry, Heartbeat
from gifting.models import Note
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.money import auditor

STAFF = "staff@stocksprout.example"
NO_SUCH_DEPOSIT = {
    "method": "GET",
    "path": "*/funding/deposits/*",
    "kind": "status",
    "status": 404,
    "code": "Y051",
}


@pytest.fixture(autouse=True)
def _alerted(settings: Any) -> None:
    settings.ALERT_EMAILS = [STAFF]


@pytest.fixture
def poisoned(family: Family) -> Purchase:
    """A purchase whose deposit the broker says it has never heard of."""
    purchase = family.approve(family.give())
    family.stage.work()
    family.stage.fault(**NO_SUCH_DEPOSIT, times=None)
    let_time_pass(family, hours=6)
    purchase.refresh_from_db()
    return purchase


def let_time_pass(family: Family, *, hours: int, step: int = 30) -> None:
    for _round in range(hours * 60 // step):
        family.stage.advance(step * 60)
        family.stage.work(rounds=1)


def alerts() -> list[str]:
    return [str(message.body) for message in mail.outbox if message.to == [STAFF]]


def page_of(row: Driven, act: str = "") -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
    if act:
        return reverse(f"{name}_act", args=[row.pk, act])
    return reverse(f"{name}_change", args=[row.pk])


def parked_rows() -> list[Driven]:
    models = [model for model in apps.get_models() if issubclass(model, Driven)]
    return [row for model in models for row in model._base_manager.filter(parked_at__isnull=False)]


def test_what_fails_time_and_again_is_parked_with_a_case_an_entry_and_one_mail(
    family: Family, poisoned: Purchase
) -> None:
    (before,) = family.stage.state()["faults"]

    assert poisoned.parked_at is not None
    assert (poisoned.failures, poisoned.next_step_at) == (8, None)
    assert poisoned.trouble.startswith("refused")
    case = Case.objects.get(kind="PARKED")
    assert (case.subject, case.account) == (f"brokerage.purchase:{poisoned.pk}", family.account)
    assert AuditEntry.objects.filter(verb="work.parked").count() == 1
    (letter,) = alerts()
    assert "1 × purchase" in letter

    let_time_pass(family, hours=3)
    assert family.stage.state()["faults"] == [before]  # nobody asked any more
    assert len(alerts()) == 1


@pytest.mark.slow
def test_staff_are_reminded_once_a_day_while_work_is_parked(
    family: Family, poisoned: Purchase
) -> None:
    let_time_pass(family, hours=60, step=360)

    assert len(alerts()) == 3


@pytest.mark.slow
def test_neither_nudge_nor_event_moves_parked_work(family: Family, poisoned: Purchase) -> None:
    from brokerage.operations import advance_purchase

    assert Purchase.wake(poisoned.pk, at=family.stage.now())  # an event need not come again
    advance_purchase(poisoned.pk, at=family.stage.now())
    Purchase.objects.filter(pk=poisoned.pk).update(next_step_at=family.stage.now())
    family.stage.work(rounds=3)

    poisoned.refresh_from_db()
    assert (poisoned.status, poisoned.failures) == ("FUNDING", 8)


@pytest.mark.slow
def test_staff_have_it_tried_again_and_it_ends_once(family: Family, poisoned: Purchase) -> None:
    desk = at_the_desk()
    assert "Try again" in desk.get(page_of(poisoned)).content.decode()
    family.stage.control("DELETE", "faults")

    for _click in range(2):
        desk.post(page_of(poisoned, "try-again"), {"reason": "The broker found it."})
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()

    entry = AuditEntry.objects.get(verb="work.resumed")
    assert entry.detail == {"reason": "The broker found it."}
    assert "Try again" not in desk.get(page_of(poisoned)).content.decode()
    poisoned.refresh_from_db()
    auditor.check_bought_once(family, poisoned.gift)


@pytest.mark.slow
def test_a_parent_has_no_such_button(family: Family, poisoned: Purchase) -> None:
    answer = family.client.post(page_of(poisoned, "try-again"), {"reason": "Go."}, follow=True)
    visitor = Client().post(page_of(poisoned, "try-again"), {"reason": "Go."})

    assert (answer.status_code, visitor.status_code) == (403, 302)
    poisoned.refresh_from_db()
    assert poisoned.parked_at is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "drop-before"},
        {"kind": "malformed"},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('status', '')}",
)
def test_a_broker_that_is_away_for_a_week_parks_nothing(
    family: Family, fault: dict[str, Any]
) -> None:
    gift = family.give()
    family.approve(gift)
    family.stage.work(rounds=1)
    family.stage.fault(**fault, times=None)

    let_time_pass(family, hours=7 * 24, step=360)
    assert parked_rows() == []
    assert Purchase.objects.get().attempts > 8
    assert Purchase.objects.get().failures == 0
    family.stage.control("DELETE", "faults")
    let_time_pass(family, hours=2)
    family.stage.settle_ach()
    family.stage.work()

    auditor.check_bought_once(family, gift)
    assert alerts() == []


@pytest.mark.slow
def test_failures_an_outage_explains_do_not_bring_a_row_nearer_to_parking(family: Family) -> None:
    purchase = family.approve(family.give())
    family.stage.work()
    family.stage.fault(**NO_SUCH_DEPOSIT, times=None)
    while purchase.failures < 3:
        let_time_pass(family, hours=1)
        purchase.refresh_from_db()
    failures = purchase.failures
    family.stage.control("DELETE", "faults")
    family.stage.fault(method="GET", path="*", kind="status", status=503, times=None)
    let_time_pass(family, hours=48, step=240)

    purchase.refresh_from_db()
    assert purchase.failures == failures
    assert purchase.attempts > 8
    family.stage.control("DELETE", "faults")
    let_time_pass(family, hours=2)

    purchase.refresh_from_db()
    assert (purchase.parked_at, purchase.failures, purchase.attempts) == (None, 0, 0)


def test_every_kind_of_row_is_parked_and_shown(family: Family, monkeypatch: Any) -> None:
    """Whatever is driven has the columns, the button and the alert; nothing was left out."""
    kinds = {model for model in apps.get_models() if issubclass(model, Driven)}
    assert {model.__name__ for model in kinds} >= {
        "BrokerUser", "BrokerAccount", "BankAccount", "Purchase", "Deposit", "Order",
        "IdDocument", "MicroDeposits", "BrokerEvent", "Note",
    }  # fmt: skip
    desk, at = at_the_desk(), family.stage.now()
    user = BrokerUser.objects.get(parent=family.parent)

    for row in (user, family.account, family.bank):
        type(row).objects.filter(pk=row.pk).update(
            parked_at=at, next_step_at=None, failures=8, attempts=8
        )
        desk.post(page_of(row, "try-again"), {"reason": "Mended."})
        row.refresh_from_db()
        assert (row.parked_at, row.failures) == (None, 0)


def test_a_parked_person_is_not_moved_by_corrected_answers(family: Family) -> None:
    BrokerUser.objects.filter(parent=family.parent).update(
        parked_at=family.stage.now(), next_step_at=None
    )
    before = family.stage.state()["calls"]

    make_known(parent=family.parent, at=family.stage.now())
    family.stage.work(rounds=3)

    after = family.stage.state()["calls"]
    assert after.get("GET /users/:id/kyc-status") == before.get("GET /users/:id/kyc-status")


@pytest.mark.slow
def test_an_address_refused_for_good_parks_the_letter(family: Family, monkeypatch: Any) -> None:
    def refuse(_backend: Any, messages: Any) -> int:
        to = messages[0].to[0]
        if to == STAFF:
            mail.outbox.extend(messages)
            return 1
        raise smtplib.SMTPRecipientsRefused({to: (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    gift = family.give()
    let_time_pass(family, hours=8)

    notes = Note.objects.filter(gift=gift)
    assert {note.is_parked for note in notes} == {True}
    assert not Case.objects.filter(kind="PARKED").exists()
    assert alerts()
    monkeypatch.undo()
    desk = at_the_desk()
    for note in notes:
        desk.post(page_of(note, "try-again"), {"reason": "The mailbox is back."})
    family.stage.work()
    assert len([m for m in mail.outbox if m.to != [STAFF]]) == 2


@pytest.mark.slow
def test_a_mail_server_that_is_away_parks_no_letter(family: Family, monkeypatch: Any) -> None:
    def is_away(_backend: Any, _messages: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", is_away)
    gift = family.give()
    let_time_pass(family, hours=48, step=120)

    assert not any(note.is_parked for note in gift.notes.all())


def test_an_alert_that_could_not_be_sent_is_sent_later(family: Family, monkeypatch: Any) -> None:
    def is_away(_backend: Any, _messages: Any) -> int:
        raise ConnectionRefusedError

    BrokerUser.objects.filter(parent=family.parent).update(parked_at=family.stage.now())
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", is_away)
        family.stage.advance(600)
        family.stage.work(rounds=2)
        assert alerts() == []
    family.stage.advance(600)
    family.stage.work(rounds=2)

    assert len(alerts()) == 1
    assert Heartbeat.objects.get(name="alert").at > family.stage.now() - timedelta(minutes=30)
