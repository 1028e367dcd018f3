"""Fees and returns as the broker books them: entries of their own, laid by what they belong to."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from brokerage.books import get_books
from brokerage.models import Case, Deposit, Movement, Order, ReconciliationBreak
from brokerage.operations import read_ledger
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.money import auditor
from tests.money.test_movements import act_for_company, move_cash
from tests.money.test_odd_rows import slow
from tests.money.test_reconciliation import look_again
from tests.money.trading import Desk
from tests.pages.reading import read

D = Decimal
pytestmark = pytest.mark.documented_too


def have(family: Family, **habits: Any) -> None:
    family.stage.control("POST", "habits", habits)


def check_quiet(family: Family) -> None:
    """The books are equal to the cent, nothing is held and nobody is called."""
    auditor.check_books(family)
    assert not Movement.objects.filter(status="HELD").exists()
    assert not Case.objects.exists()


# --- fees -----------------------------------------------------------------------------------------


@pytest.mark.funded
def test_a_buys_fee_is_part_of_its_cost(family: Family) -> None:
    have(family, perOrder="0.05")
    desk = Desk(family)

    order = desk.trade(amount="100.00", side="BUY")
    look_again(family)

    order = desk.look(order)
    assert (order.cost, order.fees, order.net) == (D(100), D("0.05"), D("100.05"))
    assert family.account.cash == D("399.95")
    assert not ReconciliationBreak.objects.exists()
    assert read_ledger(family.account.pk, at=family.stage.now()) is False
    entry = Movement.objects.get(kind="FEE")
    assert (entry.status, entry.order) == ("BOOKED", order)
    check_quiet(family)
    page = read(family.client.get(f"/orders/{order.pk}/"))
    assert "Paid $100.05" in page.text
    assert "fees $0.05" in page.text


@pytest.mark.funded
@pytest.mark.parametrize(
    "habits",
    [
        {"perOrder": "3.99", "regulatory": True},
        slow({"regulatory": True}),
        slow({"perShare": "0.0125", "perOrder": "0.99"}),
    ],
)
def test_a_sales_fees_lower_what_it_brings_and_gains(
    family: Family, habits: dict[str, Any]
) -> None:
    desk = Desk(family)
    desk.trade(quantity="10", side="BUY")
    have(family, **habits)
    desk.move_price("40.00")

    sale = desk.trade(quantity="10", side="SELL")
    look_again(family)

    sale = desk.look(sale)
    theirs = next(row for row in family.stage.state()["orders"] if row["side"] == "SELL")
    assert sale.cost == theirs["total"] == D(400)
    assert sale.fees > 0
    assert family.account.cash == D(500) - D(320) + sale.net
    assert family.account.realized_gain == sale.net - D(320)
    check_quiet(family)
    answer = family.client.get(f"/api/orders/{sale.pk}").json()["order"]
    assert (answer["totalAmount"], answer["fees"]) == (str(sale.net), str(sale.fees))


@pytest.mark.funded
def test_a_fee_the_order_does_not_tell_of_is_taken_from_the_ledger(family: Family) -> None:
    have(family, perOrder="1.25")
    family.stage.control("POST", "odd", {"path": "*/back-office/orders/*", "drop": ["fees"]})
    desk = Desk(family)

    order = desk.trade(amount="50.00", side="BUY")
    look_again(family)

    assert desk.look(order).fees == D("1.25")
    assert get_books(family.account).cash == D("448.75")
    check_quiet(family)


@pytest.mark.funded
def test_a_fee_of_an_order_nobody_knows_is_held_and_keeps_no_other_waiting(family: Family) -> None:
    odd = {
        "finTranID": "XX.1", "finTranTypeID": "COMM", "accountAmount": -2.5, "orderID": "XX.77",
    }  # fmt: skip
    family.stage.control("POST", "odd", {"path": "*/transactions", "add": odd})
    move_cash(family, "INT", "0.42")

    look_again(family)

    assert set(Movement.objects.values_list("kind", "status", "amount")) == {
        ("FEE", "HELD", D("-2.50")),
        ("INTEREST", "BOOKED", D("0.42")),
    }
    assert Case.objects.get().kind == "MOVEMENT"


@pytest.mark.slow
def test_gifts_are_bought_also_where_fees_have_made_the_cash_short(family: Family) -> None:
    have(family, perOrder="0.99")

    first, second = family.buy("50.00"), family.buy("50.00", "AAPL")
    look_again(family)

    assert (first.status, second.status) == ("EXECUTED", "EXECUTED")
    orders = list(Order.objects.order_by("created_at").values_list("amount", "cost", "fees"))
    assert orders[0] == (D(50), D(50), D("0.99"))
    assert orders[1][0] == D("49.01")
    check_quiet(family)


# --- returns --------------------------------------------------------------------------------------


@pytest.mark.bought
@pytest.mark.parametrize("kind", ["CADJ", slow("CSR")])
@pytest.mark.parametrize("drop", [[], slow(["comment"])])
def test_a_return_is_the_deposits_whatever_its_entry_is_called(
    family: Family, kind: str, drop: list[str]
) -> None:
    have(family, returnsAs=kind)
    if drop:
        odd = {"path": "*/transactions", "which": "all", "drop": drop}
        family.stage.control("POST", "odd", odd)
    deposit = Deposit.objects.get()
    bank_says(family, deposit, "R01")

    look_again(family)

    deposit.refresh_from_db()
    assert (deposit.status, bool(deposit.taken_back_by)) == ("RETURNED", True)
    assert not Movement.objects.exists()
    assert get_books(family.account).cash == family.account.cash == D(-50) + D("0.00")
    auditor.check_books(family)
    assert not Case.objects.filter(kind="MOVEMENT").exists()
    assert read_ledger(family.account.pk, at=family.stage.now()) is False


@pytest.mark.funded
def test_an_adjustment_that_matches_no_return_is_held(family: Family) -> None:
    move_cash(family, "CADJ", "-500.00", "Correction")  # as much as a deposit that is still there

    family.stage.advance(3700)
    look_again(family)

    movement = Movement.objects.get()
    assert (movement.kind, movement.status) == ("ADJUSTMENT", "HELD")
    assert Deposit.objects.get().status == "SETTLED"
    assert Case.objects.get(kind="MOVEMENT").status == "OPEN"


@pytest.mark.bought
def test_an_entry_that_was_held_is_explained_once_the_deposit_is_told_as_returned(
    family: Family,
) -> None:
    """The broker's ledger may be hours ahead of what it says of the deposit."""
    hide = {"path": "*/funding/deposits/*", "change": {"status": "SUCCESSFUL"}}
    family.stage.control("POST", "odd", hide)
    family.stage.control("POST", "odd", hide | {"path": "*/accounts/*/funding/deposits"})
    deposit = Deposit.objects.get()
    bank_says(family, deposit, "R09")
    look_again(family)
    look_again(family)
    movement = Movement.objects.get()
    assert movement.status == "HELD"

    family.stage.control("POST", "odd/clear", {})
    desk = at_the_desk()
    url = reverse("admin:brokerage_movement_act", args=[movement.pk, "accept"])
    desk.post(url, {"reason": "Looks like a return."})
    look_again(family)

    movement.refresh_from_db()
    deposit.refresh_from_db()
    assert (movement.status, deposit.status) == ("EXPLAINED", "RETURNED")
    assert Case.objects.get(kind="MOVEMENT").status == "CLOSED"
    auditor.check_books(family)


def bank_says(family: Family, deposit: Deposit, code: str) -> None:
    body = {"status": "RETURNED", "code": code}
    family.stage.control("POST", f"deposits/{deposit.vendor_id}", body)


# --- dividends in shares, and what no page tells of -----------------------------------------------


@pytest.mark.bought
def test_a_dividend_in_shares_brings_shares_and_no_money(family: Family) -> None:
    before, cost = get_books(family.account), family.account.holdings.get().cost_basis
    act_for_company(family, type="STOCK_DIVIDEND", amountPerShare="0.10")

    look_again(family)

    row = Movement.objects.get()
    assert (row.kind, row.status) == ("STOCK_DIVIDEND", "BOOKED")
    assert not row.amount
    assert get_books(family.account).shares["DIS"] == before.shares["DIS"] + row.quantity
    assert family.account.holdings.get().cost_basis == cost
    check_quiet(family)


@pytest.mark.funded
@pytest.mark.parametrize("word", ["SWEEP_IN", slow("XYZ"), slow("CCPUR"), slow("STCK")])
def test_a_kind_no_page_tells_of_is_held_and_the_others_are_booked(
    family: Family, word: str
) -> None:
    odd = {"finTranID": "XX.1", "finTranTypeID": word, "accountAmount": 1}
    family.stage.control("POST", "odd", {"path": "*/transactions", "add": odd})
    move_cash(family, "SLIP", "0.42")

    look_again(family)

    held = Movement.objects.get(status="HELD")
    assert held.vendor_kind == word
    assert Movement.objects.get(status="BOOKED").kind == "INTEREST"
    assert Case.objects.get(status="OPEN").kind == "MOVEMENT"
