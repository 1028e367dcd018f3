"""What the broker books unasked: taken into our books by rule, or by compliance with a reason."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from brokerage.books import get_books
from brokerage.models import Case, Movement, ReconciliationBreak
from brokerage.operations import read_ledger
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.money import auditor
from tests.money.test_reconciliation import adjust_cash, look_again, open_breaks

pytestmark = pytest.mark.documented_too


def move_cash(family: Family, kind: str, amount: str, comment: str = "") -> None:
    path = f"accounts/{family.account.vendor_id}/cash"
    body = {"amount": amount, "type": kind, "comment": comment or "As it came"}
    family.stage.control("POST", path, body)


def act_for_company(family: Family, **order: Any) -> None:
    family.stage.control("POST", "corporate-actions", {"symbol": "DIS"} | order)


@pytest.mark.bought
def test_a_dividend_a_split_and_a_wire_are_booked_by_rule(family: Family) -> None:
    before = get_books(family.account)
    act_for_company(family, type="CASH_DIVIDEND", amountPerShare="1.00")
    act_for_company(family, type="STOCK_SPLIT", **{"from": 1, "to": 4})
    move_cash(family, "CSR", "25.00", "Incoming wire")

    look_again(family)

    kinds = ("DIVIDEND", "SPLIT", "DEPOSIT")
    rows = {row.kind: row for row in Movement.objects.all()}
    assert {kind: row.status for kind, row in rows.items()} == dict.fromkeys(kinds, "BOOKED")
    after = get_books(family.account)
    assert after.shares["DIS"] == 4 * before.shares["DIS"]
    assert rows["SPLIT"].quantity == 3 * before.shares["DIS"]
    assert after.paid_in == before.paid_in + 25
    assert after.cash == before.cash + 25 + rows["DIVIDEND"].amount
    healed = {row.kind: row.healed_by for row in ReconciliationBreak.objects.all()}
    assert healed["POSITION"] == "split booked"
    assert healed["CASH"] in ("dividend booked", "deposit booked")
    auditor.check_books(family)
    assert not Case.objects.exists()


@pytest.mark.bought
def test_an_entry_is_taken_once_and_our_own_never(family: Family) -> None:
    act_for_company(family, type="CASH_DIVIDEND", amountPerShare="1.00")

    told = [read_ledger(family.account.pk, at=family.stage.now()) for _time in range(3)]

    assert told == [True, False, False]
    assert Movement.objects.count() == 1
    assert get_books(family.account).paid_in == 50


@pytest.mark.bought
def test_a_wire_of_the_same_amount_as_a_deposit_is_another_payment(family: Family) -> None:
    move_cash(family, "CSR", "50.00", "Incoming wire")

    look_again(family)

    assert get_books(family.account).paid_in == 100
    auditor.check_books(family)


@pytest.mark.bought
def test_a_fee_waits_for_compliance_and_is_accepted_once(family: Family) -> None:
    cash = family.account.cash
    move_cash(family, "FEE", "-2.50", f"Fee {family.account.number}")
    look_again(family)
    (movement,) = Movement.objects.all()
    case = Case.objects.get(kind="MOVEMENT")
    assert (movement.kind, movement.status, case.status) == ("FEE", "HELD", "OPEN")
    assert open_breaks(family) == {"CASH": (cash, cash - Decimal("2.50"))}
    desk, url = at_the_desk(), reverse("admin:brokerage_movement_act", args=[movement.pk, "accept"])

    desk.post(url, {"reason": "The broker's wire fee, agreed."})
    look_again(family)

    movement.refresh_from_db()
    case.refresh_from_db()
    assert (movement.status, case.status) == ("BOOKED", "CLOSED")
    assert case.finding == "The broker's wire fee, agreed."
    assert desk.post(url, {"reason": "Again."}).status_code == 404
    assert family.client.post(url, {"reason": "Mine."}, follow=True).status_code == 403
    assert ReconciliationBreak.objects.get().healed_by == "fee booked"
    auditor.check_books(family)
    page = desk.get(reverse("admin:brokerage_movement_change", args=[movement.pk]))
    assert family.account.number not in page.content.decode()


def test_money_out_of_nowhere_is_never_booked_by_rule(family: Family) -> None:
    adjust_cash(family, "5.00")
    move_cash(family, "CSR", "-7.00")
    move_cash(family, "CSD", "-1.00")
    move_cash(family, "INT", "-1.00")
    move_cash(family, "JNLC", "3.00")

    look_again(family)

    assert set(Movement.objects.values_list("kind", "status")) == {
        ("ADJUSTMENT", "HELD"),
        ("DEPOSIT", "HELD"),
        ("WITHDRAWAL", "HELD"),
        ("INTEREST", "HELD"),
        ("JOURNAL", "HELD"),
    }
    assert Case.objects.filter(kind="MOVEMENT").count() == 5
    assert get_books(family.account).cash == 0
