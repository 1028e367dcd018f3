"""Two small amounts: sent once whatever dies, guessed three times at most, gone after two weeks."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Parent
from brokerage.microdeposits import Order, get_sender
from brokerage.models import BankAccount, MicroDeposits
from brokerage.operations import (
    advance_broker_user,
    advance_micro_deposits,
    confirm_bank,
    link_bank,
    make_known,
    resend_micro_deposits,
)
from brokerage.operations.banks import BankNumbers
from brokerage.sweeps import sweep
from core import clock
from core.driven import LEASE
from core.errors import DomainError
from core.models import AuditEntry
from tests import cast
from tests.cast import amounts_sent, make_bank, make_unconfirmed_bank, wrong_cents
from tests.money.test_races import in_threads
from tests.stage import Stage

pytestmark = pytest.mark.documented_too


def newcomer(email: str = "custodian@family.example") -> Parent:
    """A parent whom the broker knows, and nothing else."""
    parent = cast.make_parent(email)
    cast.make_known(parent)
    make_known(parent=parent, at=clock.now())
    advance_broker_user(parent.broker_user.pk, at=clock.now())
    return parent


@pytest.fixture
def parent(stage: Stage) -> Parent:
    return newcomer()


def guess(bank: BankAccount, cents: tuple[int, int], **shown: Any) -> str:
    """Name two amounts; return the code of the refusal, or nothing."""
    parent = bank.parent
    try:
        confirm_bank(bank=bank, cents=cents, by=parent, at=clock.now(), **shown)
    except DomainError as refusal:
        return refusal.code
    return ""


def step(bank: BankAccount) -> MicroDeposits:
    """Take the bank's latest micro-deposits a step, due or not."""
    latest = bank.micro_deposits.latest("created_at")
    MicroDeposits.objects.filter(pk=latest.pk, ended_at=None).update(next_step_at=clock.now())
    advance_micro_deposits(latest.pk, at=clock.now())
    latest.refresh_from_db()
    bank.refresh_from_db()
    return latest


def link(parent: Parent, number: str = "000123456789") -> BankAccount:
    numbers = BankNumbers("021000021", number, "CHECKING")
    return link_bank(parent=parent, numbers=numbers, at=clock.now())


def resend(bank: BankAccount) -> str:
    try:
        resend_micro_deposits(bank=bank, by=bank.parent, at=clock.now())
    except DomainError as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("order", [lambda a, b: (a, b), lambda a, b: (b, a)])
def test_the_right_amounts_in_either_order_link_the_bank(
    stage: Stage, parent: Parent, order: Callable[[int, int], tuple[int, int]]
) -> None:
    bank = make_unconfirmed_bank(parent)
    first, second = amounts_sent(bank)

    assert bank.status == "VERIFYING"
    assert guess(bank, wrong_cents(bank)) == "wrong_amounts"
    assert guess(bank, order(first, second)) == ""
    sweep(stage.now())

    bank.refresh_from_db()
    assert (bank.status, bank.is_primary) == ("ACTIVE", True)
    assert bank.verified_at
    assert len(stage.state()["bankAccounts"]) == 1
    assert first != second


def test_after_three_wrong_tries_the_right_amounts_help_no_more(
    stage: Stage, parent: Parent
) -> None:
    bank = make_unconfirmed_bank(parent)
    right, wrong = amounts_sent(bank), wrong_cents(bank)

    said = [guess(bank, wrong) for _try in range(3)]
    after = guess(bank, right)

    bank.refresh_from_db()
    assert said == ["wrong_amounts", "wrong_amounts", "no_tries_left"]
    assert after == "refused"
    assert (bank.status, bank.verified_at) == ("REFUSED", None)
    assert stage.state()["bankAccounts"] == []


def test_the_database_counts_no_fourth_try(parent: Parent) -> None:
    deposits = make_unconfirmed_bank(parent).micro_deposits.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        MicroDeposits.objects.filter(pk=deposits.pk).update(tries=4)


def test_guesses_at_the_same_moment_are_counted_one_by_one(live_stage: Stage) -> None:
    bank = make_unconfirmed_bank(newcomer())
    wrong = wrong_cents(bank)

    said = in_threads(*[partial(guess, bank, wrong, tries_left=3)] * 4)
    more = in_threads(*[partial(guess, bank, wrong)] * 6)

    bank.refresh_from_db()
    assert sorted(said) == ["already_counted"] * 3 + ["wrong_amounts"]
    assert sorted(more) == ["no_tries_left"] + ["refused"] * 4 + ["wrong_amounts"]
    assert bank.micro_deposits.get().tries == 3
    assert bank.status == "REFUSED"


def test_the_amounts_are_nowhere_to_be_read(
    stage: Stage, parent: Parent, caplog: pytest.LogCaptureFixture
) -> None:
    bank = make_unconfirmed_bank(parent)
    deposits = bank.micro_deposits.get()
    guess(bank, wrong_cents(bank))

    cents = deposits.amounts.split(",")
    told = [str(entry.detail) for entry in AuditEntry.objects.all()]
    logged = re.sub(r"\d{4}-\d\d-\d\dT\S+", "", caplog.text)  # a moment may look like dollars
    assert all(f"0.{amount}" not in logged for amount in cents)
    assert all(f"{{'tries': {n}}}" in told for n in (1,))
    assert deposits.amounts not in "".join(told) + str(deposits) + caplog.text
    assert "0.12" not in repr(Order("021000021", "1234", "CHECKING", deposits.in_dollars()))
    raw = MicroDeposits.objects.raw("SELECT * FROM brokerage_microdeposits")
    assert raw[0].amounts == deposits.amounts


def test_expired_amounts_count_no_more_and_new_ones_may_be_sent(
    stage: Stage, parent: Parent
) -> None:
    bank = make_unconfirmed_bank(parent)
    old = amounts_sent(bank)
    guess(bank, wrong_cents(bank))
    stage.advance(timedelta(days=14).total_seconds())

    late = guess(bank, old)
    step(bank)
    again = resend(bank)
    new = step(bank)

    assert (late, again) == ("expired", "")
    assert new.tries == 1  # new amounts, no new tries
    assert bank.status == "VERIFYING"
    assert guess(bank, old if old != amounts_sent(bank) else wrong_cents(bank)) == "wrong_amounts"
    assert guess(bank, amounts_sent(bank)) == ""


def test_new_amounts_are_sent_after_the_old_ones_should_have_come_and_twice_at_most(
    stage: Stage, parent: Parent
) -> None:
    bank = make_unconfirmed_bank(parent)
    said = [resend(bank)]
    for _time in range(3):
        stage.go_to("next-banking-day")
        stage.go_to("next-banking-day")
        said.append(resend(bank))
        step(bank)

    assert said == ["too_early", "", "", "no_resends_left"]
    assert len(stage.state()["microDeposits"]) == 3
    stage.advance(timedelta(days=14).total_seconds())
    step(bank)
    assert (bank.status, "not confirmed in time" in bank.refusal) == ("REFUSED", True)


def test_nobody_pumps_deposits(stage: Stage, parent: Parent, settings: Any) -> None:
    for number in ("000111111111", "000222222222", "000333333333"):
        link(parent, number)

    with pytest.raises(DomainError) as refusal:
        link(parent, "000444444444")
    stage.advance(timedelta(days=1, seconds=1).total_seconds())

    assert refusal.value.code == "too_many_deposits"
    assert link(parent, "000444444444").status == "INTENDED"


@pytest.mark.parametrize(
    ("number", "said"),
    [("99000003", "knows no account with these numbers"), ("99000002", "This account is closed")],
)
def test_a_bank_that_sends_the_amounts_back_is_refused(
    stage: Stage, parent: Parent, number: str, said: str
) -> None:
    bank = make_unconfirmed_bank(parent, number=f"7{number}")
    step(bank)
    before = bank.status
    stage.go_to("next-banking-day")
    stage.go_to("next-banking-day")

    deposits = step(bank)

    assert (before, bank.status) == ("VERIFYING", "REFUSED")
    assert said in bank.refusal
    assert deposits.ended_at
    assert guess(bank, (1, 2)) == "refused"


def test_while_the_sender_is_away_the_order_waits(stage: Stage, parent: Parent) -> None:
    stage.fault(method="POST", path="/bank/*", kind="status", status=503, times=1)
    bank = link(parent)

    deposits = step(bank)
    waits = (bank.status, deposits.attempts, guess(bank, (1, 2)))
    step(bank)

    assert waits == ("INTENDED", 1, "not_sent")
    assert bank.status == "VERIFYING"
    assert len(stage.state()["microDeposits"]) == 1


@pytest.mark.parametrize("kind", ["drop-after", "malformed", "html"])
def test_a_lost_answer_sends_nothing_twice(stage: Stage, parent: Parent, kind: str) -> None:
    stage.fault(method="POST", path="/bank/*", kind=kind, times=1)
    bank = link(parent)

    step(bank)
    step(bank)

    assert bank.status == "VERIFYING"
    assert len(stage.state()["microDeposits"]) == 1


def test_a_worker_that_died_after_sending_leaves_one_order(stage: Stage, parent: Parent) -> None:
    bank = link(parent)
    row = MicroDeposits.take(bank.micro_deposits.get().pk, at=clock.now())
    assert row is not None
    order = Order("021000021", "000123456789", "CHECKING", row.in_dollars())
    get_sender().send(order, key=row.key)  # … and here it dies

    sweep(stage.now())
    untouched = BankAccount.objects.get(pk=bank.pk).status
    stage.advance(LEASE.total_seconds() + 1)
    sweep(stage.now())

    assert untouched == "INTENDED"
    assert BankAccount.objects.get(pk=bank.pk).status == "VERIFYING"
    assert len(stage.state()["microDeposits"]) == 1


def test_a_wrong_key_of_ours_refuses_no_parent(stage: Stage, parent: Parent, settings: Any) -> None:
    settings.MICRO_DEPOSITS_KEY = "wrong"
    bank = link(parent)

    deposits = step(bank)

    assert (bank.status, deposits.trouble) == ("INTENDED", "micro-deposits answered 401")


def test_a_halt_of_deposits_holds_these_too(stage: Stage, parent: Parent) -> None:
    cast.halt("halt-deposits")
    bank = link(parent)

    step(bank)

    assert bank.status == "INTENDED"
    assert stage.state()["microDeposits"] == []


def test_a_bank_removed_meanwhile_can_not_be_confirmed(stage: Stage, parent: Parent) -> None:
    bank = make_unconfirmed_bank(parent)
    cents = amounts_sent(bank)

    assert cast.sign_in(parent).post(f"/banks/{bank.pk}/remove/").status_code == 302

    assert guess(bank, cents) == "not_sent"
    assert bank.micro_deposits.get().ended_at
    assert make_bank(parent).status == "ACTIVE"
