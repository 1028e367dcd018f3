"""Our books and the broker's are compared to the cent; a difference is kept until it is gone."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from brokerage.models import Case, Deposit, Movement, Order, Purchase, ReconciliationBreak
from brokerage.operations import (
    accept_movement,
    advance_purchase,
    audit_account,
    sync_account,
)
from core.templatetags.show import moment
from tests.cast import Family
from tests.money import auditor
from tests.money.processes import start, wait, wait_for_fault
from tests.money.test_unhappy_ends import go_to_friday_night, say_of_deposit
from tests.sandbox.partner import Partner

pytestmark = pytest.mark.documented_too


def look_again(family: Family) -> None:
    """Let the hour pass after which every account is read again."""
    family.stage.advance(3700)
    family.stage.work()


def open_breaks(family: Family) -> dict[str, tuple[Decimal, Decimal]]:
    """Return `{kind and symbol: (ours, broker's)}`."""
    rows = ReconciliationBreak.objects.filter(account=family.account, healed_at__isnull=True)
    return {f"{row.kind} {row.symbol}".strip(): (row.ours, row.theirs) for row in rows}


def read_child_page(family: Family) -> str:
    return family.client.get(f"/children/{family.child.pk}/").content.decode()


@pytest.mark.bought
def test_equal_books_are_said_to_be_checked(family: Family) -> None:
    purchase = family.purchase()

    checked_at = family.account.checked_at
    assert checked_at
    assert purchase.ended_at
    assert checked_at >= purchase.ended_at
    assert f"Checked with the broker {moment(checked_at)}" in read_child_page(family)
    assert not ReconciliationBreak.objects.exists()


@pytest.mark.bought
def test_a_difference_is_kept_with_both_numbers_and_stops_the_claim(family: Family) -> None:
    checked_at = family.account.checked_at
    ours = auditor.broker_account(family)["cash"]

    adjust_cash(family, "-1.25")
    look_again(family)
    look_again(family)

    assert open_breaks(family) == {"CASH": (ours, ours - Decimal("1.25"))}
    (row,) = ReconciliationBreak.objects.all()
    assert auditor.verbs(row) == ["break.found"]
    assert row.last_seen_at > row.created_at
    assert family.account.checked_at == checked_at
    assert f"Checked with the broker {moment(checked_at)}" in read_child_page(family)


@pytest.mark.bought
def test_a_difference_that_is_gone_is_healed_and_kept(family: Family) -> None:
    checked_at = family.account.checked_at
    adjust_cash(family, "-1.25")
    look_again(family)
    adjust_cash(family, "1.25")

    look_again(family)

    (row,) = ReconciliationBreak.objects.all()
    assert (row.healed_at is not None, row.healed_by) == (True, "gone")
    assert auditor.verbs(row) == ["break.found", "break.healed"]
    assert checked_at
    assert family.account.checked_at
    assert family.account.checked_at > checked_at


@pytest.mark.bought
def test_an_old_difference_becomes_a_case_and_healing_leaves_a_note(family: Family) -> None:
    adjust_cash(family, "-1.25")
    look_again(family)
    assert not Case.objects.filter(kind="BREAK").exists()

    family.stage.advance(24 * 3600)
    family.stage.work()
    (row,) = ReconciliationBreak.objects.all()
    case = Case.objects.get(kind="BREAK")
    assert (row.case, case.status, case.account) == (case, "OPEN", family.account)

    adjust_cash(family, "1.25")
    look_again(family)

    case.refresh_from_db()
    assert case.status == "OPEN"
    assert auditor.verbs(case) == ["case.opened", "case.break_healed"]


@pytest.mark.bought
def test_a_return_nobody_told_us_of_is_noticed_and_heals_the_difference(family: Family) -> None:
    purchase = family.purchase()
    say_of_deposit(family, purchase, "RETURNED")

    look_again(family)

    purchase.refresh_from_db()
    assert purchase.status == "RETURNED"
    assert {row.healed_by for row in ReconciliationBreak.objects.all()} <= {"return recorded"}
    auditor.check_books(family)


@pytest.mark.bought
def test_at_night_a_return_is_noticed_though_cash_was_never_compared(family: Family) -> None:
    """The list of deposits tells it, even where the ledger says nothing of it."""
    purchase = family.purchase()
    say_of_deposit(family, purchase, "RETURNED")
    family.approve(family.give())  # money moves: cash is not compared
    family.stage.work()
    family.stage.go_to("next-market-close")
    family.stage.advance(3600)

    audit_account(family.account.pk, at=family.stage.now())

    purchase.refresh_from_db()
    assert purchase.status == "RETURNED"


@pytest.mark.bought
def test_every_account_is_audited_once_after_the_close(family: Family) -> None:
    family.stage.go_to("next-market-close")
    family.stage.advance(3600)
    family.stage.work()
    audited_at = family.account.audited_at
    asked = family.stage.state()["calls"]["GET /accounts/<account_id>/reports/order-history"]

    look_again(family)

    assert audited_at
    assert family.account.audited_at == audited_at
    calls = family.stage.state()["calls"]
    assert calls["GET /accounts/<account_id>/reports/order-history"] == asked
    assert open_breaks(family) == {}


@pytest.mark.bought
def test_deposits_and_orders_of_others_are_found_at_night(family: Family) -> None:
    bring_cash(family, 30)
    partner = Partner(family.stage.box)
    order = {"accountNo": family.account.number, "orderType": "MARKET", "side": "BUY"}
    placed = partner.ok("POST", "/orders", order | {"symbol": "KO", "amountCash": 30})
    family.stage.advance(10)

    audit_account(family.account.pk, at=family.stage.now())

    kinds = {row.kind: row for row in ReconciliationBreak.objects.filter(healed_at=None)}
    assert kinds["DEPOSIT"].theirs == 30
    assert kinds["ORDER"].reference == placed["orderId"]
    assert kinds["ORDER"].ours == 0
    held = Movement.objects.filter(account=family.account)
    assert {(row.kind, row.status) for row in held} == {("DEPOSIT", "HELD"), ("OTHER", "HELD")}

    for movement in held:
        accept_movement(movement, by=family.parent.user, reason="Seen.", at=family.stage.now())
    audit_account(family.account.pk, at=family.stage.now())

    auditor.check_books(family)


@pytest.mark.bought
def test_what_the_broker_does_not_list_is_found_at_night(family: Family) -> None:
    purchase = family.purchase()
    Order.objects.update(vendor_id="EF.unknown", key=uuid4())
    Deposit.objects.update(vendor_id="unknown", key=uuid4())

    audit_account(family.account.pk, at=family.stage.now() + timedelta(hours=2))

    rows = ReconciliationBreak.objects.filter(reference__contains="unknown")
    assert {(row.kind, int(row.theirs)) for row in rows} == {("DEPOSIT", 0), ("ORDER", 0)}
    assert purchase.status == "EXECUTED"


@pytest.mark.bought
def test_the_command_prints_what_differs(family: Family) -> None:
    out = StringIO()
    call_command("reconcile", account=str(family.account.pk), stdout=out)
    assert "All books are equal." in out.getvalue()
    adjust_cash(family, "-1.25")

    table = StringIO()
    call_command("reconcile", csv=True, stdout=table)

    head, row = table.getvalue().splitlines()
    assert head.startswith("account,kind")
    assert row.startswith(f"{family.account.pk},CASH")
    assert family.account.number not in table.getvalue()
    with pytest.raises(CommandError):
        call_command("reconcile", account=str(uuid4()), stdout=out)


def adjust_cash(family: Family, dollars: str) -> None:
    """Have the broker correct the cash, which says nothing about why."""
    family.stage.control("POST", f"accounts/{family.account.vendor_id}/cash", {"amount": dollars})


def bring_cash(family: Family, dollars: int) -> None:
    """Pay into the child's account past our books."""
    partner = Partner(family.stage.box)
    body = {
        "accountNo": family.account.number,
        "amount": dollars,
        "currency": "USD",
        "type": "ACH",
        "bankAccountID": family.bank.vendor_id,
    }
    deposit = partner.ok("POST", "/funding/deposits", body)
    family.stage.control("POST", f"deposits/{deposit['id']}", {"status": "SUCCESSFUL"})


@pytest.mark.bought
def test_shares_nobody_here_ordered_are_a_difference(family: Family) -> None:
    ours = auditor.broker_account(family)["cash"]
    bring_cash(family, 30)
    partner = Partner(family.stage.box)
    order = {"accountNo": family.account.number, "orderType": "MARKET", "side": "BUY"}
    partner.ok("POST", "/orders", order | {"symbol": "KO", "amountCash": 30})

    family.stage.advance(10)
    look_again(family)

    theirs = auditor.broker_account(family)
    bought = {row["symbol"]: row["quantity"] for row in theirs["positions"]}["KO"]
    found = open_breaks(family)
    assert found.pop("POSITION KO") == (Decimal(0), bought)
    assert found in ({}, {"CASH": (ours, theirs["cash"])})


@pytest.mark.bought
def test_nothing_is_compared_while_money_moves(family: Family) -> None:
    checked_at = family.account.checked_at
    family.approve(family.give())
    family.stage.work()
    bring_cash(family, 30)  # would be a difference

    look_again(family)

    assert open_breaks(family) == {}
    assert family.account.checked_at == checked_at
    assert family.account.cash == auditor.broker_account(family)["cash"]


def test_nothing_is_compared_while_an_order_rests(family: Family) -> None:
    family.approve(family.give())
    family.stage.work()
    go_to_friday_night(family)
    family.stage.work()
    checked_at = family.account.checked_at
    bring_cash(family, 30)

    look_again(family)

    assert (open_breaks(family), family.account.checked_at) == ({}, checked_at)


@pytest.mark.bought
def test_an_older_reading_never_overwrites_a_younger(family: Family) -> None:
    young = family.account
    bring_cash(family, 30)
    assert young.synced_at

    sync_account(young.pk, at=young.synced_at - timedelta(seconds=1))

    assert (family.account.cash, family.account.synced_at) == (young.cash, young.synced_at)
    assert open_breaks(family) == {}


@pytest.mark.daily(1)
@pytest.mark.parametrize("news", ["the deposit arrives", "the order fills"])
def test_money_that_moves_during_the_reading_is_no_difference(
    live_family: Family, news: str
) -> None:
    purchase = live_family.approve(live_family.give())
    live_family.stage.work()
    if "order" in news:
        go_to_friday_night(live_family)
        live_family.stage.work()
        live_family.stage.go_to("next-market-open")
    live_family.stage.fault(
        method="GET", path="*/summary/positions", kind="delay-after", seconds=1.5
    )

    reader = start(partial(sync_account, live_family.account.pk, at=live_family.stage.now()))
    wait_for_fault(live_family.stage)
    if "deposit" in news:
        say_of_deposit(live_family, purchase, "SUCCESSFUL")
    live_family.stage.advance(5)
    advance_purchase(purchase.pk, at=live_family.stage.now())
    moved = Purchase.objects.get(pk=purchase.pk).status
    assert wait(reader) == 0

    assert moved == ("FUNDED" if "deposit" in news else "EXECUTED")
    assert not ReconciliationBreak.objects.exists()


@pytest.mark.parametrize("status", [404, 500])
def test_one_accounts_trouble_keeps_no_other_from_being_read(
    family: Family, stranger: Family, status: int
) -> None:
    pair = family.account, stranger.account
    read = []

    for sick, well in (pair, pair[::-1]):
        path = f"*/accounts/{sick.vendor_id}/summary/*"
        family.stage.advance(3700)
        family.stage.fault(path=path, kind="status", status=status, times=2)
        family.stage.work(rounds=2)
        before = well.synced_at
        well.refresh_from_db()
        read.append(well.synced_at != before)
        family.stage.control("DELETE", "faults")
        family.stage.advance(70)
        family.stage.work()
        sick.refresh_from_db()

    assert read == [True, True]
