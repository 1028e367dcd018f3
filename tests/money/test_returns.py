"""A bank takes a debit back: what follows by its code, once, and what is left alone."""

import threading
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse

from brokerage.models import (
    BankAccount,
    BrokerAccount,
    Case,
    DebitPause,
    Deposit,
    Instrument,
    Movement,
    Order,
    Purchase,
)
from brokerage.operations import close_case, lift_pause, recheck_deposit
from brokerage.returns import POLICIES
from core.errors import NotNow
from core.models import AuditEntry
from gifting.money import may_try_again
from tests.cast import Family
from tests.desk.staff import at_the_desk, make_staff
from tests.money import auditor
from tests.money.own_deposits import add, bank_says, hear
from tests.money.test_races import in_threads, wait_until_blocked
from tests.money.test_unhappy_ends import read_parents_page, read_tracker

pytestmark = pytest.mark.documented_too


@dataclass
class Follows:
    """What a code leads to before any share was bought."""

    bank: str = "ACTIVE"
    paused: bool = False
    case: bool = False
    again: bool = False


UNAUTHORIZED = Follows(paused=True, case=True)
LOOKED_INTO = Follows(paused=True, case=True)  # of this bank alone
TABLE = {
    "R01": Follows(again=True),
    "R02": Follows(bank="DISABLED"),  # again only from another bank
    "R03": Follows(bank="DISABLED"),
    "R04": Follows(bank="DISABLED"),
    "R05": UNAUTHORIZED,
    "R07": UNAUTHORIZED,
    "R08": Follows(paused=True),
    "R09": Follows(again=True),
    "R10": UNAUTHORIZED,
    "R11": LOOKED_INTO,
    "R16": Follows(paused=True, case=True),
    "R20": Follows(bank="DISABLED"),
    "R24": LOOKED_INTO,
    "R29": UNAUTHORIZED,
    "R99": LOOKED_INTO,
    "": LOOKED_INTO,
}


@pytest.mark.slow
def test_every_code_of_the_policy_leads_to_what_the_table_says(family: Family) -> None:
    staff, found = make_staff(), {}
    for code in TABLE:
        gift = family.give()
        purchase = family.approve(gift)
        family.stage.work()
        bank_says(family, purchase.deposits.get(), "RETURNED", code)
        hear(family)

        purchase.refresh_from_db()
        family.bank.refresh_from_db()
        gift.refresh_from_db()
        deposit = purchase.deposits.get()
        assert (purchase.status, deposit.return_code) == ("RETURNED", code)
        pause = DebitPause.objects.filter(lifted_at__isnull=True).first()
        cases = Case.objects.filter(status="OPEN")
        assert {case.kind for case in cases} <= {"RETURN_RISK"}
        found[code] = Follows(
            family.bank.status, pause is not None, cases.exists(), may_try_again(gift)
        )
        if pause:
            assert pause.code == code
            lift_pause(pause, by=staff, reason="Talked to them.", at=family.stage.now())
        for case in cases:
            assert "@" not in case.summary
            close_case(case, by=staff, reason="Looked into.", at=family.stage.now())
        if family.bank.status == "DISABLED":
            family.bank.move_to("ACTIVE")

    assert found == TABLE
    assert set(POLICIES) > set(TABLE) - {"R99", ""}  # all of them: test_return_codes


def test_money_that_came_and_went_between_two_looks_is_nobodys_riddle(family: Family) -> None:
    gift = family.give("7.32")
    purchase = family.approve(gift)
    family.stage.work()
    for says in ("SUCCESSFUL", "RETURNED"):  # and nobody asks in between
        bank_says(family, purchase.deposits.get(), says, "R01" if says == "RETURNED" else "")
    hear(family)
    for _day in range(3):
        family.stage.advance(24 * 3600)
        family.stage.work()

    purchase.refresh_from_db()
    deposit = purchase.deposits.get()
    assert (purchase.status, deposit.status, deposit.settled_at) == ("RETURNED", "RETURNED", None)
    assert not Movement.objects.exists()
    assert not Case.objects.exists()
    auditor.check_books(family)


def test_a_disabled_bank_must_be_shown_to_be_the_parents_again(family: Family) -> None:
    for code in ("R02", "R03"):
        BankAccount.objects.filter(pk=family.bank.pk).update(verified_at=family.stage.now())
        deposit = add(family)
        family.stage.work()
        deposit.refresh_from_db()
        bank_says(family, deposit, "RETURNED", code)
        hear(family)

        family.bank.refresh_from_db()
        assert (family.bank.status, family.bank.verified_at) == ("DISABLED", None)
        family.bank.move_to("ACTIVE")


@pytest.mark.daily(1)
@pytest.mark.parametrize(("day", "code"), [(7, "R01"), (59, "R10")])
def test_a_return_after_the_fill_names_the_loss_and_touches_nothing_else(
    family: Family, day: int, code: str
) -> None:
    gift, other = family.give(), family.give("30.00", "KO")
    purchase, kept = family.approve(gift), family.approve(other)
    family.stage.work()
    deposit = purchase.deposits.get()
    order = {"status": "RETURNED", "code": code, "onBankingDay": day}
    family.stage.control("POST", f"deposits/{deposit.vendor_id}", order)
    family.stage.settle_ach()
    family.stage.work()
    shares = auditor.holdings(family)
    assert recheck_deposit(deposit.pk, at=family.stage.now()) is None
    assert not Case.objects.exists()

    for _day in range(day - 4):
        family.stage.go_to("next-banking-day")
    for _night in range(3):  # and a repeat changes nothing
        recheck_deposit(deposit.pk, at=family.stage.now())
        hear(family)

    purchase.refresh_from_db()
    kept.refresh_from_db()
    cost = purchase.orders.get().cost
    (loss,) = Case.objects.filter(kind="RETURN_LOSS")
    assert (purchase.status, kept.status) == ("RETURNED", "EXECUTED")
    assert (loss.loss, loss.account, loss.parent) == (cost, family.account, family.parent)
    assert auditor.holdings(family) == shares
    assert DebitPause.objects.count() == (code == "R10")
    assert len(family.stage.state()["orders"]) == 2
    assert AuditEntry.objects.filter(verb="deposit.returned").count() == 1
    letters = [letter for letter in mail.outbox if "took back the money" in letter.subject]
    assert [letter.to for letter in letters] == [["custodian@family.example"]]
    assert "The shares stay in the account" in read_parents_page(family, gift)
    assert "not enough money" not in read_tracker(gift)
    auditor.check_books(family)
    auditor.check_trail()


@pytest.mark.bought
def test_what_comes_later_waits_for_cash_and_its_page_says_why(family: Family) -> None:
    lost = family.purchase()
    later = family.give()
    purchase = family.approve(later)
    family.stage.work()
    bank_says(family, lost.deposits.get(), "RETURNED", "R01")
    recheck_deposit(lost.deposits.get().pk, at=family.stage.now())
    family.stage.settle_ach()
    family.stage.work()

    purchase.refresh_from_db()
    assert purchase.status == "FUNDED"
    assert "the account lacks that cash" in read_parents_page(family, later)
    assert "lacks" not in read_tracker(later)
    assert len(family.stage.state()["orders"]) == 1


@pytest.mark.daily(1)
@pytest.mark.documented_too(daily=True)
def test_added_money_taken_back_is_a_loss_only_once_it_was_spent(family: Family) -> None:
    unspent, spent = add(family), add(family)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()
    for deposit in (unspent, spent):
        deposit.refresh_from_db()
    bank_says(family, unspent, "RETURNED", "R01")
    recheck_deposit(unspent.pk, at=family.stage.now())
    hear(family)
    assert not Case.objects.exists()
    assert len([letter for letter in mail.outbox if "did not arrive" in letter.subject]) == 1
    Order.objects.create(
        account=family.account,
        placed_by=family.parent,
        instrument=Instrument.objects.get(symbol="DIS"),
        amount=Decimal(30),
        status="FILLED",
        quantity=Decimal("0.25"),
        cost=Decimal(30),
        created_at=family.stage.now(),
    )

    bank_says(family, spent, "RETURNED", "R09")
    recheck_deposit(spent.pk, at=family.stage.now())

    spent.refresh_from_db()
    assert (spent.status, spent.return_code) == ("RETURNED", "R09")
    assert Case.objects.get().loss == Decimal("30.00")


@pytest.mark.bought
def test_two_workers_hear_of_one_return(live_family: Family) -> None:
    purchase = live_family.purchase()
    deposit = purchase.deposits.get()
    bank_says(live_family, deposit, "RETURNED", "R10")
    look = partial(recheck_deposit, deposit.pk, at=live_family.stage.now())

    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=live_family.account.pk)
        both = threading.Thread(target=lambda: in_threads(look, look))
        both.start()
        wait_until_blocked(2)
    both.join()

    purchase.refresh_from_db()
    assert purchase.status == "RETURNED"
    assert sorted(Case.objects.values_list("kind", flat=True)) == ["RETURN_LOSS", "RETURN_RISK"]
    assert DebitPause.objects.count() == 1
    auditor.check_trail()


@pytest.mark.slow
def test_a_return_while_the_order_is_under_way_is_finished_by_the_deposit(
    family: Family,
) -> None:
    halves = {"outcome": "partial-then-fill", "fraction": "0.5", "seconds": 400}
    family.stage.control("POST", "next-order", halves)
    purchase = family.approve(family.give())
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()
    purchase.refresh_from_db()
    assert purchase.status == "ORDERING"
    deposit = purchase.deposits.get()
    bank_says(family, deposit, "RETURNED", "R01")

    assert recheck_deposit(deposit.pk, at=family.stage.now())
    for _look in range(3):
        family.stage.advance(1000)
        family.stage.work()

    purchase.refresh_from_db()
    deposit.refresh_from_db()
    assert (purchase.status, deposit.next_step_at) == ("RETURNED", None)
    assert Case.objects.get(kind="RETURN_LOSS").loss == purchase.orders.get().cost


def test_a_paused_payer_is_not_debited_until_staff_lift_the_pause(family: Family) -> None:
    gift, unsent = family.give(), add(family)
    queued = family.approve(family.give())
    pause = DebitPause.objects.create(
        parent=family.parent, code="R10", created_at=family.stage.now()
    )
    family.stage.work()
    hear(family)
    assert family.stage.state()["deposits"] == []
    for act in (partial(family.approve, gift), partial(add, family)):
        with pytest.raises(NotNow, match="are paused since one was returned"):
            act()
    assert "are paused" in family.client.get("/home/").content.decode()
    assert "are paused" in family.client.get(f"/deposits/{unsent.pk}/").content.decode()
    assert "are paused" in read_parents_page(family, queued.gift)

    url = reverse("admin:brokerage_debitpause_act", args=[pause.pk, "lift"])
    assert family.client.post(url, {"reason": "Mine."}, follow=True).status_code == 403
    at_the_desk().post(url, {"reason": "Talked to the bank."})
    family.stage.work()

    pause.refresh_from_db()
    assert (pause.reason, pause.lifted_by is None) == ("Talked to the bank.", False)
    assert auditor.verbs(pause) == ["debits.resumed"]
    assert {row.status for row in Deposit.objects.all()} == {"PENDING"}
    assert Purchase.objects.get().status == "FUNDING"
