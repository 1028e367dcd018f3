"""Answers that were lost: our reference finds them again; where none tells, a person decides."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brokerage.models import Case, Deposit, Order, Purchase
from core.models import AuditEntry
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.events.conftest import sender
from tests.events.sender import Sender
from tests.money import auditor, own_deposits
from tests.money.test_faults import LONGER_THAN_KEYS_LIVE, buy_the_rest, faults_left, order_fault
from tests.sandbox.partner import Partner

pytestmark = pytest.mark.documented_too

__all__ = ["sender"]
NOT_FOUND = {"kind": "status", "status": 404}


@pytest.fixture
def desk(family: Family, settings: Any) -> Client:
    settings.MFA_TOTP_TOLERANCE = 1
    return at_the_desk()


def forget_references(family: Family) -> None:
    """Have the broker repeat nothing of what it was told about its deposits and orders."""
    world = family.stage.box.world
    with world.lock:
        for deposit in world.drivewealth.deposits:
            deposit.note, deposit.metadata = "", {}
        for order in world.drivewealth.orders:
            order.client_order_id = ""


def lose(family: Family, place: str, kind: str = "drop-after") -> None:
    """Have one call's answer lost, and the world stop before it is repeated."""
    order_fault(family, place, kind=kind, times=1)
    for _round in range(10):
        family.stage.work(rounds=1)
        if not faults_left(family):
            return
    raise AssertionError("nobody called")


def lose_the_deposit(family: Family) -> Purchase:
    """Have a gift's deposit made, its answer lost, its reference told nowhere, and days pass."""
    purchase = family.approve(family.give())
    lose(family, "sending the deposit")
    forget_references(family)
    family.stage.advance(LONGER_THAN_KEYS_LIVE)
    family.stage.work()
    return purchase


def act(desk: Client, case: Case, action: str, **fields: str) -> Any:
    address = reverse("admin:brokerage_case_act", args=[case.pk, action])
    return desk.post(address, {"reason": "Asked the broker."} | fields, follow=True)


def lost_case() -> Case:
    return Case.objects.get(kind=Case.Kind.LOST)


@pytest.mark.documented_too
def test_where_no_reference_is_told_nothing_is_sent_again(family: Family) -> None:
    purchase = lose_the_deposit(family)
    for _day in range(8):
        family.stage.advance(86_400)
        family.stage.work()

    assert len(family.stage.state()["deposits"]) == 1
    assert Deposit.objects.get(purchase=purchase).status == "INTENDED"
    purchase.refresh_from_db()
    assert (purchase.status, purchase.parked_at) == ("FUNDING", None)
    assert lost_case().status == "OPEN"
    assert AuditEntry.objects.filter(verb="case.opened").count() == 1


def test_staff_recognize_it_and_the_gift_goes_on_with_that_money(
    family: Family, desk: Client
) -> None:
    purchase = lose_the_deposit(family)
    (vendor_id,) = (row["id"] for row in family.stage.state()["deposits"])
    case = lost_case()
    address = reverse("admin:brokerage_case_change", args=[case.pk])
    shown = desk.get(address).content.decode()
    assert "$50.00, made 2026-11-16" in shown
    assert "This is it" in shown
    assert "It is not there, send again" in shown
    assert "Close the case" not in shown
    form = desk.get(reverse("admin:brokerage_case_act", args=[case.pk, "recognize"]))
    assert "$50.00, made 2026-11-16" in form.content.decode()

    act(desk, case, "recognize", payment=vendor_id)
    buy_the_rest(family)

    deposit = Deposit.objects.get(purchase=purchase)
    assert deposit.vendor_id == vendor_id
    assert [row["status"] for row in family.stage.state()["deposits"]] == ["SUCCESSFUL"]
    purchase.refresh_from_db()
    assert purchase.status == "EXECUTED"
    auditor.check_books(family)
    case.refresh_from_db()
    assert (case.status, case.finding) == ("CLOSED", "Asked the broker.")
    assert AuditEntry.objects.filter(verb="deposit.recognized").count() == 1
    assert act(desk, case, "send-again").status_code == 404


def test_what_is_not_one_of_the_candidates_is_not_taken(family: Family, desk: Client) -> None:
    lose_the_deposit(family)
    case = lost_case()

    for wrong in ("", "somebody-elses", "SBXX000001-1619421162147-D1A2B"):
        act(desk, case, "recognize", payment=wrong)

    case.refresh_from_db()
    assert case.status == "OPEN"
    assert not Deposit.objects.exclude(vendor_id="").exists()


def test_staff_find_that_it_never_came_and_it_is_sent_once(family: Family, desk: Client) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    lose(family, "sending the deposit", "drop-before")
    another = add_nameless_deposit(family)
    family.stage.advance(LONGER_THAN_KEYS_LIVE)
    family.stage.work()
    assert [row["id"] for row in family.stage.state()["deposits"]] == [another]

    act(desk, lost_case(), "send-again")
    buy_the_rest(family)

    made = [row["id"] for row in family.stage.state()["deposits"]]
    assert len(made) == 2
    deposit = Deposit.objects.get(purchase=purchase)
    assert (deposit.status, deposit.ruled_out) == ("SETTLED", [another])
    assert deposit.vendor_id in set(made) - {another}
    purchase.refresh_from_db()
    assert purchase.status == "EXECUTED"
    assert AuditEntry.objects.filter(verb="deposit.not_there").count() == 1


def add_nameless_deposit(family: Family, amount: str = "50.00") -> str:
    """Have somebody debit the same bank for the same account without any reference."""
    partner = Partner(family.stage.box)
    body = {
        "accountNo": family.account.number,
        "amount": float(amount),
        "currency": "USD",
        "type": "ACH",
        "bankAccountID": family.bank.vendor_id,
    }
    return str(partner.ok("POST", "/funding/deposits", body)["id"])


@pytest.mark.daily(1)
@pytest.mark.parametrize("difference", ["amount", "older"])
def test_what_can_not_be_it_stops_nothing(family: Family, difference: str) -> None:
    if difference == "older":
        add_nameless_deposit(family)
        family.stage.advance(2 * 3600)
    gift = family.give()
    family.approve(gift)
    lose(family, "sending the deposit", "drop-before")
    if difference == "amount":
        add_nameless_deposit(family, "50.01")
    family.stage.advance(LONGER_THAN_KEYS_LIVE)
    buy_the_rest(family)

    assert not Case.objects.filter(kind=Case.Kind.LOST).exists()
    assert Purchase.objects.get(gift=gift).status == "EXECUTED"


@pytest.mark.documented_too(daily=True)
def test_a_repeat_refused_while_the_list_lags_does_not_fail_the_gift(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    lose(family, "sending the deposit")
    world = family.stage.box.world
    with world.lock:
        (made,) = list(world.drivewealth.deposits)
        world.drivewealth.deposits.remove(made.id)
    order_fault(family, "sending the deposit", **NOT_FOUND, times=1)
    family.stage.advance(30)
    family.stage.work(rounds=2)
    assert Purchase.objects.get(gift=gift).status == "FUNDING"

    with world.lock:
        world.drivewealth.deposits.add(made.id, made)
    family.stage.advance(400)
    buy_the_rest(family)

    auditor.check_bought_once(family, gift)


def test_a_first_try_that_is_refused_fails_at_once(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    order_fault(family, "sending the deposit", kind="status", status=400, code="Y025", times=1)

    family.stage.work(rounds=3)

    assert Purchase.objects.get(gift=gift).status == "FAILED"
    assert family.stage.state()["deposits"] == []


@pytest.mark.slow
def test_an_event_tells_which_one_it_is_and_nobody_has_to_decide(
    family: Family, sender: Sender
) -> None:
    purchase = lose_the_deposit(family)
    deposit = Deposit.objects.get(purchase=purchase)
    (made,) = family.stage.state()["deposits"]
    payload = {"paymentID": made["id"], "metadata": {"clientDepositRef": str(deposit.key)}}

    sender.tell("deposits.updated", payload)
    buy_the_rest(family)

    purchase.refresh_from_db()
    assert purchase.status == "EXECUTED"
    assert [row["status"] for row in family.stage.state()["deposits"]] == ["SUCCESSFUL"]
    assert lost_case().status == "CLOSED"


def test_an_event_that_names_another_payment_is_not_believed(
    family: Family, sender: Sender
) -> None:
    purchase = lose_the_deposit(family)
    deposit = Deposit.objects.get(purchase=purchase)
    other = add_nameless_deposit(family, "75.00")
    payload = {"paymentID": other, "metadata": {"clientDepositRef": str(deposit.key)}}

    sender.tell("deposits.updated", payload)
    family.stage.advance(3700)
    family.stage.work()

    deposit.refresh_from_db()
    assert (deposit.vendor_id, deposit.status) == ("", "INTENDED")
    assert lost_case().status == "OPEN"


def test_money_of_the_parents_own_is_not_sent_again_either(family: Family, desk: Client) -> None:
    deposit = own_deposits.add(family, "50.00")
    lose(family, "sending the deposit")
    forget_references(family)
    family.stage.advance(LONGER_THAN_KEYS_LIVE)
    family.stage.work()
    (made,) = family.stage.state()["deposits"]

    act(desk, lost_case(), "recognize", payment=made["id"])
    own_deposits.hear(family)

    deposit.refresh_from_db()
    assert (deposit.vendor_id, deposit.status) == (made["id"], "SETTLED")
    assert len(family.stage.state()["deposits"]) == 1


@pytest.mark.slow
def test_an_order_nobody_can_tell_waits_for_a_person(family: Family, desk: Client) -> None:
    gift = family.give()
    family.approve(gift)
    family.stage.work()
    family.stage.settle_ach()
    lose(family, "sending the order")
    forget_references(family)
    family.stage.advance(LONGER_THAN_KEYS_LIVE)
    family.stage.work()
    (made,) = family.stage.state()["orders"]
    order = Order.objects.get()
    assert (order.status, order.vendor_id) == ("INTENDED", "")

    act(desk, lost_case(), "recognize", payment=made["id"])
    buy_the_rest(family)

    order.refresh_from_db()
    assert (order.vendor_id, order.status) == (made["id"], "FILLED")
    auditor.check_bought_once(family, gift)
    assert AuditEntry.objects.filter(verb="order.recognized").count() == 1


def test_a_parent_may_not_decide(family: Family) -> None:
    lose_the_deposit(family)

    answer = family.client.post(
        reverse("admin:brokerage_case_act", args=[lost_case().pk, "send-again"]),
        {"reason": "Mine."},
        follow=True,
    )

    assert answer.status_code == 403
    assert len(family.stage.state()["deposits"]) == 1
