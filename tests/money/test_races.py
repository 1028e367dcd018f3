"""Two at once: approvals of one gift, gifts for one dollar, workers on one purchase."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from brokerage.models import BrokerAccount, Order, Purchase, ReconciliationBreak
from brokerage.operations import advance_purchase
from core.driven import LEASE
from gifting.models import Gift
from tests.cast import Family, sign_in
from tests.money import auditor
from tests.money.processes import start, wait, wait_for_fault
from tests.sandbox.partner import Partner

pytestmark = pytest.mark.documented_too


def in_threads(*acts: Callable[[], Any]) -> list[Any]:
    """Let all act at the same moment, each over a connection of its own; return the answers."""
    gate = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            answers[place] = act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def wait_until_blocked(number: int) -> None:
    """Wait until so many connections wait for a row that somebody else holds."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 10
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] >= number:
                return
        assert time.monotonic() < deadline, "too few connections wait for the row"
        time.sleep(0.01)


APPROVED = "Approved. We are moving the money now."
TOO_LATE = "This gift is already approved."


def approve(client: Client, gift: Gift, family: Family) -> set[str]:
    """Press the button; return what the next page says of it."""
    form = {"bank": family.bank.pk, "authorize": "on"}
    page = client.post(f"/gifts/{gift.pk}/approve/", form, follow=True).content.decode()
    return {message for message in (APPROVED, TOO_LATE) if message in page}


def test_two_approvals_at_once_are_one_purchase_and_one_refusal(live_family: Family) -> None:
    live_family.approve(live_family.give())  # its switches are cached now, no lock comes from there
    gift = live_family.give()
    doors = [sign_in(live_family.parent), sign_in(live_family.parent)]
    said: list[set[str]] = []

    with transaction.atomic():
        Gift.objects.select_for_update().get(pk=gift.pk)  # both get as far as this row
        clicks = [partial(approve, door, gift, live_family) for door in doors]
        pressing = threading.Thread(target=lambda: said.extend(in_threads(*clicks)))
        pressing.start()
        wait_until_blocked(2)
    pressing.join()

    assert sorted(said, key=str) == [{APPROVED}, {TOO_LATE}]
    assert Purchase.objects.filter(reference=gift.pk).count() == 1
    assert live_family.parent.consents.filter(kind="ACH").count() == 2


def fund_two(family: Family) -> tuple[Purchase, Purchase]:
    """Bring two purchases of $50 to FUNDED, no order sent; the market is open."""
    first, second = family.approve(family.give()), family.approve(family.give())
    family.stage.work()
    family.stage.settle_ach()
    for purchase in (first, second):
        advance_purchase(purchase.pk, at=family.stage.now())
        purchase.refresh_from_db()
        assert purchase.status == "FUNDED"
    return first, second


def withhold(family: Family, dollars: int) -> str:
    """Have the broker keep back some of the account's cash; return how to give it free."""
    partner = Partner(family.stage.box)
    body = {
        "accountNo": family.account.number,
        "orderType": "LIMIT",
        "side": "BUY",
        "symbol": "KO",
        "quantity": 1,
        "price": dollars,
        "timeInForce": "GTC",
    }
    return str(partner.ok("POST", "/orders", body)["orderId"])


def set_free(family: Family, hold: str) -> None:
    Partner(family.stage.box).ok("PATCH", f"/orders/{hold}", {"method": "CANCEL"})


def gift_orders(family: Family) -> list[Any]:
    return [row for row in family.stage.state()["orders"] if row["type"] == "MARKET"]


def test_two_gifts_never_spend_the_same_dollar(live_family: Family) -> None:
    purchases = fund_two(live_family)
    hold = withhold(live_family, 50)
    at = live_family.stage.now()

    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=live_family.account.pk)
        workers = [start(partial(advance_purchase, p.pk, at=at)) for p in purchases]
        wait_until_blocked(2)  # both have read the same $50
    assert [wait(worker) for worker in workers] == [0, 0]
    live_family.stage.work()

    assert Order.objects.count() == 1
    assert [row["amountCash"] for row in gift_orders(live_family)] == [50]
    statuses = sorted(Purchase.objects.values_list("status", flat=True))
    assert statuses == ["EXECUTED", "FUNDED"]

    set_free(live_family, hold)
    live_family.stage.advance(400)
    live_family.stage.work()

    assert [row["status"] for row in gift_orders(live_family)] == ["FILLED", "FILLED"]
    # The order that withheld the cash was placed past us, and the nightly audit has noticed it.
    ReconciliationBreak.objects.get(kind="ORDER").delete()
    auditor.check_books(live_family)
    auditor.check_trail()


@pytest.mark.slow
def test_cash_read_before_another_gift_spent_it_buys_nothing(live_family: Family) -> None:
    slow, quick = fund_two(live_family)
    hold = withhold(live_family, 50)
    live_family.stage.fault(method="GET", path="*/summary/money", kind="delay-after", seconds=1.5)
    at = live_family.stage.now()

    worker = start(partial(advance_purchase, slow.pk, at=at))
    wait_for_fault(live_family.stage)  # it has read $50 and does not know yet
    advance(quick, 2, at)
    assert wait(worker) == 0
    live_family.stage.work()

    assert [row["status"] for row in gift_orders(live_family)] == ["FILLED"]
    slow.refresh_from_db()
    assert slow.status == "FUNDED"
    set_free(live_family, hold)


def test_a_gift_whose_money_went_back_does_not_buy_with_anothers(live_family: Family) -> None:
    taken_back, paid = fund_two(live_family)
    deposit = taken_back.deposits.get()

    live_family.stage.control(
        "POST", f"deposits/{deposit.vendor_id}", {"status": "RETURNED", "code": "R01"}
    )
    live_family.stage.work()

    for purchase, status in ((taken_back, "RETURNED"), (paid, "EXECUTED")):
        purchase.refresh_from_db()
        assert purchase.status == status
    assert [row["status"] for row in gift_orders(live_family)] == ["FILLED"]
    auditor.check_books(live_family)


def advance(purchase: Purchase, steps: int, at: datetime) -> None:
    for _step in range(steps):
        advance_purchase(purchase.pk, at=at)


@pytest.mark.slow
def test_two_workers_on_one_purchase_are_one_deposit_and_one_order(live_family: Family) -> None:
    gift = live_family.give()
    purchase = live_family.approve(gift)

    for path in ("*/funding/deposits", "*/back-office/orders"):
        live_family.stage.fault(method="POST", path=path, kind="delay", seconds=0.3)

    def both() -> None:
        steps = partial(advance, purchase, 5, live_family.stage.now())
        workers = [start(steps), start(steps)]
        assert [wait(worker) for worker in workers] == [0, 0]

    both()
    live_family.stage.settle_ach()
    both()
    live_family.stage.advance(5)
    both()
    live_family.stage.work()

    calls = live_family.stage.state()["calls"]
    assert (calls["POST /funding/deposits"], calls["POST /orders"]) == (1, 1)
    auditor.check_bought_once(live_family, gift)


@pytest.mark.daily(1)
@pytest.mark.parametrize(
    ("path", "steps"), [("*/funding/deposits", 2), ("*/back-office/orders", 3)]
)
def test_a_worker_slower_than_its_lease_changes_nothing_after_it(
    live_family: Family, path: str, steps: int
) -> None:
    gift = live_family.give()
    purchase = live_family.approve(gift)
    if "orders" in path:
        live_family.stage.work()
        live_family.stage.settle_ach()
    live_family.stage.fault(method="POST", path=path, kind="delay-after", seconds=1.5)

    slow = start(partial(advance, purchase, steps, live_family.stage.now()))
    wait_for_fault(live_family.stage)
    live_family.stage.advance(LEASE.total_seconds() + 1)
    advance(purchase, 1, live_family.stage.now())
    taken_over = Purchase.objects.get(pk=purchase.pk)
    assert wait(slow) == 0

    late = Purchase.objects.get(pk=purchase.pk)
    assert (late.next_step_at, late.leased_until) == (taken_over.next_step_at, None)
    live_family.stage.settle_ach()
    live_family.stage.work()
    auditor.check_bought_once(live_family, gift)
