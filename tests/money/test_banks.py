"""Linked banks: one primary, the broker's word followed, removals told, Plaid's tokens."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest

from accounts.models import Consent, Parent
from brokerage.gateway import BankDetails, get_broker
from brokerage.models import BankAccount, BrokerEvent, BrokerUser, Deposit
from brokerage.operations import (
    advance_bank,
    advance_broker_event,
    advance_purchase,
    confirm_bank,
    disable_bank,
    link_bank_by_token,
    make_primary,
    remove_bank,
    verify_bank_again,
)
from brokerage.operations.banks import PlaidBankToken
from core import clock
from core.errors import NotNow
from core.vendors.answers import dump_json
from tests.cast import Family, amounts_sent, halt, make_bank, make_unconfirmed_bank
from tests.money.test_micro_deposits import newcomer, step
from tests.money.test_races import in_threads
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

TOKEN = PlaidBankToken("processor-sandbox-0asd1-a92nc", "acc-1", "0000", "CHECKING", "A Bank")


@pytest.fixture
def parent(stage: Stage) -> Parent:
    return newcomer()


def advance(bank: BankAccount) -> BankAccount:
    """Let the worker look at the bank now."""
    BankAccount.objects.filter(pk=bank.pk).update(next_step_at=clock.now())
    advance_bank(bank.pk, at=clock.now())
    bank.refresh_from_db()
    return bank


def at_broker(stage: Stage) -> list[str]:
    return [row["status"] for row in stage.state()["bankAccounts"]]


def broker_says(stage: Stage, bank: BankAccount, status: str) -> None:
    stage.control("POST", f"bank-accounts/{bank.vendor_id}", {"status": status})


def remove(bank: BankAccount) -> None:
    remove_bank(bank=bank, by=bank.parent, at=clock.now())


def test_there_is_one_primary_whoever_clicks_at_the_same_moment(live_stage: Stage) -> None:
    parent = newcomer()
    banks = [make_bank(parent, number=f"00012345678{n}") for n in range(3)]

    def click(bank: BankAccount) -> None:
        with suppress(NotNow):  # the one that is removed meanwhile
            make_primary(bank=bank, by=parent, at=clock.now())

    in_threads(*[partial(click, bank) for bank in banks], partial(remove, banks[0]))

    (primary,) = BankAccount.objects.filter(is_primary=True)
    assert primary.status == "ACTIVE"
    assert primary in banks[1:]


def test_a_bank_that_is_not_linked_can_not_be_the_primary(parent: Parent) -> None:
    bank = make_unconfirmed_bank(parent)

    with pytest.raises(NotNow):
        make_primary(bank=bank, by=parent, at=clock.now())

    assert not BankAccount.objects.filter(is_primary=True).exists()


def test_a_removed_bank_is_removed_at_the_broker_once_that_answers(
    stage: Stage, parent: Parent
) -> None:
    bank = make_bank(parent)
    stage.fault(method="DELETE", path="*", kind="status", status=503, times=1)

    remove(bank)
    advance(bank)
    before = at_broker(stage)
    advance(bank)
    advance(bank)  # once more is fine

    assert (before, at_broker(stage)) == (["ACTIVE"], ["DELETED"])
    assert bank.next_step_at is None


def test_a_bank_removed_while_it_is_being_linked_is_removed_at_the_broker(
    stage: Stage, parent: Parent
) -> None:
    bank = make_unconfirmed_bank(parent)
    confirm_bank(bank=bank, cents=amounts_sent(bank), by=parent, at=clock.now())
    user = BrokerUser.objects.get(parent=parent)
    details = BankDetails("021000021", "000123456789", "CHECKING", "Household")
    get_broker().create_bank(user.vendor_id, details, key=bank.key)  # its worker dies here

    remove(bank)
    advance(bank)

    assert bank.status == "REMOVED"
    assert at_broker(stage) == ["DELETED"]


def test_what_the_broker_does_to_a_bank_is_followed_day_by_day(
    stage: Stage, parent: Parent
) -> None:
    bank, other = make_bank(parent), make_bank(parent, number="000987654321")
    broker_says(stage, bank, "DISABLED")
    unread = BankAccount.objects.get(pk=bank.pk).status
    stage.advance(timedelta(days=1, seconds=1).total_seconds())

    advance_bank(bank.pk, at=clock.now())  # due by itself
    bank.refresh_from_db()
    other.refresh_from_db()
    assert (unread, bank.status, bank.is_primary) == ("ACTIVE", "DISABLED", False)
    assert "The broker has disabled" in bank.refusal
    assert other.is_primary

    broker_says(stage, bank, "ACTIVE")
    assert (advance(bank).status, bank.refusal) == ("ACTIVE", "")

    broker_says(stage, bank, "DELETED")
    assert advance(bank).status == "REMOVED"


def test_an_event_has_the_bank_read_again(stage: Stage, parent: Parent) -> None:
    bank = make_bank(parent)
    broker_says(stage, bank, "DISABLED")
    news = stage.control("GET", "events?limit=1000")["events"][-1]["event"]
    event = BrokerEvent.objects.create(
        event_id=news["id"], type=news["type"], source="RELAY", payload=dump_json(news),
        happened_at=clock.now(), received_at=clock.now(), next_step_at=clock.now(),
    )  # fmt: skip

    advance_broker_event(event.pk, at=clock.now())
    advance_bank(bank.pk, at=clock.now())

    bank.refresh_from_db()
    event.refresh_from_db()
    assert (news["type"], event.status) == ("bankAccounts.updated", "DONE")
    assert bank.status == "DISABLED"


def test_a_bank_its_own_bank_disowned_is_verified_again_or_stays_out(
    stage: Stage, parent: Parent
) -> None:
    old = make_bank(parent)
    disable_bank(old, reason="Your bank knows no such account.", at=clock.now())
    stays = advance(old).status  # the broker still says ACTIVE

    bank = verify_bank_again(bank=old, by=parent, at=clock.now())
    step(bank)
    confirm_bank(bank=bank, cents=amounts_sent(bank), by=parent, at=clock.now())
    advance(bank)
    advance(old)

    assert stays == "DISABLED"
    assert (bank.status, bank.is_primary, old.status) == ("ACTIVE", True, "REMOVED")
    assert at_broker(stage) == ["DELETED", "ACTIVE"]
    with pytest.raises(NotNow):
        verify_bank_again(bank=old, by=parent, at=clock.now())


def test_a_bank_is_kept_while_a_deposit_of_ones_own_is_on_its_way(family: Family) -> None:
    consent = Consent.objects.create(
        parent=family.parent, kind=Consent.Kind.choices[0][0], text="t", given_at=clock.now()
    )
    deposit = Deposit.objects.create(
        account=family.account, bank=family.bank, amount=5, authorization=consent,
        created_at=clock.now(),
    )  # fmt: skip

    for status in ("INTENDED", "PENDING", "ON_HOLD"):
        if status != "INTENDED":
            deposit.move_to(status)
        with pytest.raises(NotNow):
            remove(family.bank)
    deposit.move_to("SETTLED")
    remove(family.bank)

    family.bank.refresh_from_db()
    assert family.bank.status == "REMOVED"


def test_a_purchase_whose_bank_is_gone_fails_instead_of_waiting_for_ever(family: Family) -> None:
    halt("halt-deposits")
    purchase = family.approve(family.give())
    advance_purchase(purchase.pk, at=clock.now())
    purchase.refresh_from_db()
    waits = purchase.status

    disable_bank(family.bank, reason="Closed.", at=clock.now())
    family.stage.advance(61)
    advance_purchase(purchase.pk, at=clock.now())

    purchase.refresh_from_db()
    assert (waits, purchase.status) == ("QUEUED", "FAILED")
    assert purchase.failure == "The bank account is not linked any more. Choose another one."


def test_a_bank_comes_by_plaids_token_once_and_the_token_goes(stage: Stage, parent: Parent) -> None:
    bank = link_bank_by_token(parent=parent, token=TOKEN, at=clock.now())
    with pytest.raises(NotNow) as refusal:
        link_bank_by_token(parent=parent, token=TOKEN, at=clock.now())
    kept = BankAccount.objects.get(pk=bank.pk).processor_token

    advance(bank)

    assert refusal.value.code == "bank_known"
    assert (bank.status, bank.is_primary, bank.bank_name) == ("ACTIVE", True, "A Bank")
    assert bank.verified_at
    assert str(kept) == TOKEN.processor_token
    assert bank.processor_token is None
    assert at_broker(stage) == ["ACTIVE"]
    assert "0asd1" not in repr(TOKEN)


def test_a_bad_token_refuses_the_bank_with_what_to_do(stage: Stage, parent: Parent) -> None:
    token = PlaidBankToken("made-up", "acc-2", "0000", "SAVINGS")

    bank = advance(link_bank_by_token(parent=parent, token=token, at=clock.now()))

    assert bank.status == "REFUSED"
    assert bank.processor_token is None
    assert "Link the bank once more" in bank.refusal
    assert link_bank_by_token(parent=parent, token=token, at=clock.now())
