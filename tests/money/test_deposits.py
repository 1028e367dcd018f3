"""Money a parent adds outside gifts: asked once, debited once, there or explained."""

import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from waffle.testutils import override_switch

from accounts.models import Consent, Parent
from brokerage.gateway import DepositState
from brokerage.models import Deposit
from brokerage.operations import advance_deposit, recheck_deposit
from brokerage.operations.deposits import record_deposit
from core.driven import LEASE
from core.errors import DomainError, Invalid, NotAllowed, NotNow
from core.switches import Halted
from tests.cast import Family
from tests.money import auditor
from tests.money.own_deposits import add, bank_says, hear
from tests.money.processes import KILLED, start, steps_counted, wait
from tests.money.test_races import in_threads, wait_until_blocked
from tests.sandbox.partner import Partner

pytestmark = pytest.mark.documented_too

STEPS = 15  # commits and calls of one deposit of its own, counted below


def test_added_money_is_the_childs_cash_and_leaves_gifts_alone(family: Family) -> None:
    deposit = add(family)
    family.stage.work()
    deposit.refresh_from_db()
    assert (deposit.status, str(deposit.expected_on)) == ("PENDING", "2026-11-20")

    family.stage.settle_ach()
    family.stage.work()

    deposit.refresh_from_db()
    assert (deposit.status, deposit.next_step_at) == ("SETTLED", None)
    assert auditor.verbs(deposit) == ["deposit.intended", "deposit.pending", "deposit.settled"]
    assert family.account.cash == Decimal("40.00")
    auditor.check_books(family)
    auditor.check_trail()
    family.buy("25.00")
    assert family.account.cash == Decimal("40.00")


def test_what_was_authorized_is_kept_word_for_word(family: Family) -> None:
    deposit = add(family)

    consent = deposit.authorization
    assert consent is not None
    assert (consent.kind, consent.ip_address) == ("ACH", "127.0.0.1")
    assert consent.given_at == deposit.created_at
    assert "debit the amount I entered above once from my Checking ••6789" in consent.text


def test_a_form_sent_twice_is_one_deposit(family: Family) -> None:
    key = uuid4()

    first, second = add(family, form_key=key), add(family, form_key=key)

    assert first == second
    assert Consent.objects.filter(kind="ACH").count() == 1
    with pytest.raises(NotNow, match="sent before"):
        add(family, "41.00", form_key=key)


def test_what_forbids_a_deposit_is_said(family: Family, stranger: Family) -> None:
    refusals: list[tuple[Callable[[], object], type[DomainError], str]] = [
        (partial(add, family, "9.99"), Invalid, r"between \$10 and \$10,000"),
        (partial(add, family, "10000.01"), Invalid, r"between \$10 and \$10,000"),
        (partial(add, family, "20.001"), Invalid, "dollars and cents"),
        (partial(add, family, "NaN"), Invalid, "dollars and cents"),
    ]
    mixed = Family(family.stage, family.parent, stranger.child, family.bank, family.client)
    refusals.append((partial(add, mixed), NotAllowed, "custodian"))
    mixed = Family(family.stage, family.parent, family.child, stranger.bank, family.client)
    refusals.append((partial(add, mixed), NotNow, "Link a bank"))

    for act, kind, said in refusals:
        with pytest.raises(kind, match=said):
            act()
    with override_switch("halt-deposits", active=True), pytest.raises(Halted, match="paused"):
        add(family)
    assert not Deposit.objects.exists()
    assert not Consent.objects.filter(kind="ACH").exists()


def test_a_halt_keeps_back_what_was_asked_for(family: Family) -> None:
    deposit = add(family)
    with override_switch("halt-deposits", active=True):
        family.stage.work()
        assert family.stage.state()["deposits"] == []

    hear(family)

    deposit.refresh_from_db()
    assert deposit.status == "PENDING"


def test_two_at_once_stay_within_the_days_limit(live_family: Family) -> None:
    add(live_family, "9000.00")

    def ask() -> str:
        try:
            add(live_family, "6000.00")
        except NotNow as refusal:
            return refusal.message
        return ""

    said: list[str] = []
    with transaction.atomic():
        Parent.objects.select_for_update().get(pk=live_family.parent.pk)
        both = threading.Thread(target=lambda: said.extend(in_threads(ask, ask)))
        both.start()
        wait_until_blocked(2)
    both.join()

    assert sorted(said) == ["", "You can add up to $20,000 a day; $5,000 are left today."]
    live_family.stage.advance(24 * 3600)
    add(live_family, "6000.00")


def test_a_refused_deposit_is_explained_by_mail_once(family: Family) -> None:
    Partner(family.stage.box).call("DELETE", f"/bank-accounts/{family.bank.vendor_id}")
    deposit = add(family)

    family.stage.work()
    hear(family)

    deposit.refresh_from_db()
    assert (deposit.status, deposit.next_step_at) == ("FAILED", None)
    assert auditor.verbs(deposit) == ["deposit.intended", "deposit.refused"]
    (letter,) = [letter for letter in mail.outbox if "did not arrive" in letter.subject]
    assert letter.to == ["custodian@family.example"]
    assert "The broker does not know this bank account any more." in letter.body
    assert f"/deposits/{deposit.pk}/" in letter.body


def test_a_held_deposit_waits_and_an_answer_that_goes_back_moves_nothing(family: Family) -> None:
    deposit = add(family)
    family.stage.work()
    deposit.refresh_from_db()
    bank_says(family, deposit, "ON_HOLD")
    hear(family)
    deposit.refresh_from_db()
    assert deposit.status == "ON_HOLD"
    bank_says(family, deposit, "SUCCESSFUL")
    hear(family)

    deposit.refresh_from_db()
    told = DepositState(deposit.vendor_id, "PENDING", "PENDING", deposit.amount)
    record_deposit(deposit, told, family.stage.now(), moved=lambda _deposit, _at: None)

    deposit.refresh_from_db()
    assert deposit.status == "SETTLED"


def test_what_fails_after_it_settled_was_taken_back(family: Family) -> None:
    deposit = add(family)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()
    deposit.refresh_from_db()

    told = DepositState(deposit.vendor_id, "FAILED", "FAILED", deposit.amount, return_code="R01")
    record_deposit(deposit, told, family.stage.now(), moved=lambda _deposit, _at: None)

    deposit.refresh_from_db()
    assert (deposit.status, deposit.return_code) == ("RETURNED", "R01")


def test_a_bank_is_kept_while_added_money_is_on_its_way(family: Family) -> None:
    add(family)

    family.client.post(f"/banks/{family.bank.pk}/remove/")

    family.bank.refresh_from_db()
    assert family.bank.status == "ACTIVE"


def test_a_disabled_bank_is_not_debited_for_what_was_not_sent(family: Family) -> None:
    deposit, purchase = add(family), family.approve(family.give())
    family.bank.move_to("DISABLED")

    family.stage.work()
    family.stage.advance(600)
    family.stage.work()

    deposit.refresh_from_db()
    purchase.refresh_from_db()
    assert (deposit.status, purchase.status) == ("FAILED", "FAILED")
    assert deposit.failure == purchase.failure
    assert "not linked any more" in deposit.failure
    assert family.stage.state()["deposits"] == []


def drive(family: Family, deposit: Deposit) -> None:
    """Drive a deposit alone to its end."""
    while deposit.next_step_at is not None:
        if deposit.next_step_at > family.stage.now():
            family.stage.settle_ach()
        advance_deposit(deposit.pk, at=family.stage.now())
        deposit.refresh_from_db()


def until_killed(act: Callable[[], object], kill_before: int) -> None:
    with steps_counted(kill_before=kill_before):
        act()


def test_every_step_of_a_deposit_is_killed_below(live_family: Family) -> None:
    deposit = add(live_family)

    with steps_counted() as steps:
        drive(live_family, deposit)

    assert len(steps) == STEPS, "\n".join(steps)


@pytest.mark.slow
@pytest.mark.parametrize("step", range(STEPS))
def test_killed_before_any_step_the_money_is_debited_once(live_family: Family, step: int) -> None:
    deposit = add(live_family)
    worker = start(partial(until_killed, partial(drive, live_family, deposit), step))
    assert wait(worker) == KILLED

    live_family.stage.advance(LEASE.total_seconds())
    cache.clear()  # it keeps real time
    live_family.stage.work()
    live_family.stage.settle_ach()
    live_family.stage.work()

    deposit.refresh_from_db()
    assert deposit.status == "SETTLED"
    assert [row["status"] for row in live_family.stage.state()["deposits"]] == ["SUCCESSFUL"]
    auditor.check_books(live_family)
    auditor.check_trail()


def test_a_stranger_can_not_have_ones_form_key_answered(family: Family, stranger: Family) -> None:
    key = uuid4()
    add(family, form_key=key)

    with pytest.raises(NotNow, match="sent before"):
        add(stranger, form_key=key)
    assert recheck_deposit(Deposit.objects.get().pk, at=family.stage.now()) is None
