"""One row the broker sends that we can not read: nothing else suffers, and a person hears of it."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from brokerage.models import Case, DayValue, Deposit, Holding, Instrument, OddRows, Order
from brokerage.models import ReconciliationBreak as Break
from brokerage.operations import audit_account
from core import audit
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.money import auditor
from tests.money.test_reconciliation import look_again
from tests.money.trading import Desk

pytestmark = pytest.mark.documented_too

POSITIONS, ORDERS = "*/summary/positions", "*/reports/order-history"
DEPOSITS, LEDGER = "*/accounts/*/funding/deposits", "*/transactions"


def slow(*values: Any) -> Any:
    """Return another case of the same kind, for `make test-slow`."""
    return pytest.param(*values, marks=pytest.mark.slow)


def make_odd(family: Family, path: str, **more: Any) -> None:
    family.stage.control("POST", "odd", {"path": path} | more)


def make_even(family: Family) -> None:
    family.stage.control("POST", "odd/clear", {})


def audit_now(family: Family) -> None:
    family.stage.advance(7200)
    audit_account(family.account.pk, at=family.stage.now())


def odd_rows() -> dict[str, str]:
    """Return what could not be read at the last look, the catalogue's own few apart."""
    rows = OddRows.objects.filter(gone_at=None).exclude(what="SECURITIES")
    return dict(rows.values_list("what", "why"))


# --- lists of an account --------------------------------------------------------------------------


@pytest.mark.bought
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"openQty": None}, "another shape (InvalidOperation)"),
        slow({"openQty": "-3"}, "openQty below zero"),
        slow({"symbol": None}, "no symbol"),
        slow({"costBasis": "n/a"}, "another shape (InvalidOperation)"),
    ],
)
def test_a_position_that_can_not_be_read_is_not_sold(
    family: Family, change: dict[str, Any], why: str
) -> None:
    look_again(family)
    held, checked_at = auditor.holdings(family), family.account.checked_at
    days = list(DayValue.objects.values_list("on", "shares_value", "read_at"))
    make_odd(family, POSITIONS, change=change)

    look_again(family)
    look_again(family)

    assert auditor.holdings(family) == held
    assert family.account.checked_at == checked_at
    assert not Break.objects.exists()
    assert list(DayValue.objects.values_list("on", "shares_value", "read_at")) == days
    assert odd_rows() == {"POSITIONS": why}
    case = Case.objects.get(kind="ODD", status="OPEN")
    assert case.account == family.account

    make_even(family)
    look_again(family)

    case.refresh_from_db()
    assert (case.status, odd_rows()) == ("CLOSED", {})
    assert family.account.checked_at != checked_at
    auditor.check_books(family)


@pytest.mark.bought
def test_a_position_of_another_kind_stops_for_a_person_and_the_stock_is_read(
    family: Family,
) -> None:
    bond = {"instrumentID": "b-1", "openQty": 1000, "marketValue": 980.5}
    make_odd(family, POSITIONS, inside="debtPositions", add=bond)
    family.stage.control("POST", "prices", {"symbol": "DIS", "price": "150.00"})

    look_again(family)

    assert odd_rows() == {"POSITIONS": "held among debtPositions"}
    assert Holding.objects.get().price == 150
    assert Case.objects.filter(kind="ODD").count() == 1


@pytest.mark.bought
def test_one_security_in_two_rows_is_neither_doubled_nor_lost(family: Family) -> None:
    held = auditor.holdings(family)
    row = {
        "symbol": "DIS", "instrumentID": "x", "openQty": 9, "avgPrice": 1, "costBasis": 9,
        "mktPrice": 1, "marketValue": 9, "unrealizedPL": 0,
    }  # fmt: skip
    make_odd(family, POSITIONS, add=row)

    look_again(family)

    assert auditor.holdings(family) == held
    assert odd_rows() == {"POSITIONS": "held in more than one row"}


@pytest.mark.bought
@pytest.mark.parametrize(
    "word", [7, *map(slow, [3, "B", "Z", "CALCULATED", "SOMETHING_NEW", None])]
)
def test_an_orders_unknown_word_spoils_no_list_and_breaks_no_books(
    family: Family, word: Any
) -> None:
    make_odd(family, ORDERS, change={"orderStatus": word})

    audit_now(family)

    assert not Break.objects.exists()
    assert family.account.audited_at
    assert set(odd_rows()) == {"ORDERS"}
    assert Order.objects.get().status == "FILLED"
    assert Case.objects.get().kind == "ODD"


@pytest.mark.bought
@pytest.mark.parametrize("word", [-1, slow("UNDER_REVIEW"), slow({"id": 99, "message": "Later"})])
def test_a_deposits_unknown_word_takes_nothing_back(family: Family, word: Any) -> None:
    make_odd(family, DEPOSITS, change={"status": word})

    audit_now(family)

    assert not Break.objects.exists()
    assert set(odd_rows()) == {"DEPOSITS"}
    assert Deposit.objects.get().status == "SETTLED"


@pytest.mark.bought
def test_a_foreign_row_nobody_can_read_hides_no_order_of_ours(family: Family) -> None:
    make_odd(family, ORDERS, add={"orderID": "XX.1", "orderStatus": "Q"})
    make_odd(family, DEPOSITS, add="no object at all")
    make_odd(family, LEDGER, add={"finTranTypeID": "CSR", "accountAmount": 5})

    audit_now(family)

    assert odd_rows() == {
        "ORDERS": "unknown order status 'Q'",
        "DEPOSITS": "no object",
        "TRANSACTIONS": "no finTranID",
    }
    assert not Break.objects.exists()
    assert family.account.audited_at


@pytest.mark.bought
def test_a_foreign_order_beside_an_odd_one_is_still_found(family: Family) -> None:
    foreign = {"orderID": "XX.2", "orderStatus": 2, "cumQty": 1, "executedPrice": 9, "side": "B"}
    make_odd(family, ORDERS, add=foreign)
    make_odd(family, ORDERS, add={"orderID": "XX.1", "orderStatus": "Q"})

    audit_now(family)

    assert Break.objects.get().reference == "XX.2"


@pytest.mark.bought
def test_staff_read_what_was_odd_without_anything_personal(family: Family) -> None:
    secret = {"id": "p-1", "status": "HM", "accountNo": family.account.number, "amount": 1}
    make_odd(family, DEPOSITS, add=secret | {"note": "For Sunny Sample"})

    audit_now(family)
    audit_now(family)

    (row,) = OddRows.objects.exclude(what="SECURITIES")
    assert row.number == 1
    assert "status: HM" in row.example
    page = at_the_desk().get(reverse("admin:brokerage_oddrows_change", args=[row.pk]))
    text = page.content.decode()
    assert "unknown deposit status" in text
    assert family.account.number not in text
    assert "Sunny" not in row.example
    assert family.client.get(reverse("admin:brokerage_oddrows_changelist")).status_code == 302


# --- one row of ours ------------------------------------------------------------------------------


@pytest.mark.funded
@pytest.mark.parametrize("word", ["HELD_FOR_REVIEW", slow("B"), slow("7")])
def test_an_order_of_ours_in_an_unknown_state_waits_and_a_person_is_asked(
    family: Family, word: str
) -> None:
    desk = Desk(family)
    make_odd(family, "*/back-office/orders/*", change={"status": word})
    order = desk.place(amount="40.00", side="BUY")
    family.stage.work()
    desk.pass_time()

    order = desk.look(order)
    assert order.status in ("INTENDED", "NEW")
    assert "unknown order status" in order.trouble
    case = Case.objects.get(kind="ODD", status="OPEN")
    assert case.subject == audit.name_of(order)

    make_even(family)
    desk.pass_time()

    order.refresh_from_db()
    case.refresh_from_db()
    assert (order.status, case.status) == ("FILLED", "CLOSED")
    assert len(family.stage.state()["orders"]) == 2  # the fund's refused one, and this
    auditor.check_books(family)


@pytest.mark.slow
@pytest.mark.funded
@pytest.mark.parametrize("word", ["A", *map(slow, ["9", "PENDING", "SUSPENDED", "PENDING_NEW"])])
def test_an_order_the_broker_has_not_begun_is_one_that_waits(family: Family, word: str) -> None:
    desk = Desk(family)
    desk.wish("rest")
    make_odd(family, "*/back-office/orders/*", change={"status": word})

    order = desk.trade(amount="40.00", side="BUY")

    assert (order.status, order.trouble) == ("NEW", "")
    assert not Case.objects.filter(kind="ODD").exists()


@pytest.mark.slow
def test_a_deposit_of_ours_in_an_unknown_state_is_neither_failed_nor_sent_again(
    family: Family,
) -> None:
    make_odd(family, "*/funding/deposits/*", change={"status": "-"})
    purchase = family.approve(family.give())
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()

    purchase.refresh_from_db()
    assert purchase.status == "FUNDING"
    assert len(family.stage.state()["deposits"]) == 1
    assert Case.objects.get(kind="ODD").subject == audit.name_of(purchase)

    make_even(family)
    family.stage.go_to("next-market-open")
    family.stage.advance(7200)
    family.stage.work()

    auditor.check_bought_once(family, purchase.gift)


# --- the catalogue --------------------------------------------------------------------------------


def sync_catalogue(family: Family) -> None:
    family.stage.advance(13 * 3600)
    family.stage.work()


def active() -> set[str]:
    return set(Instrument.objects.filter(status="ACTIVE").values_list("symbol", flat=True))


def test_the_shop_has_everything_but_what_no_order_can_name(family: Family) -> None:
    assert "DIS" in active()
    assert "TESTTWIN" not in active()
    kinds = set(OddRows.objects.filter(what="SECURITIES").values_list("why", "number"))
    assert kinds == {
        ("no symbol (DEBT)", 1),
        ("no symbol (MUTUAL_FUND)", 1),
        ("symbol too long (OPTION)", 1),
        ("symbol of more than one security", 2),
    }
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"symbol": None}, *map(slow, [{"symbol": "X" * 21}, {"status": None}, {"symbol": 7}])],
)
def test_a_share_whose_row_turns_odd_stays_in_the_shop(
    family: Family, change: dict[str, Any]
) -> None:
    before = active()
    make_odd(family, "*/instruments", change=change, which="0")

    sync_catalogue(family)

    assert active() == before


def test_a_newcomer_with_a_symbol_of_ours_does_not_take_it(family: Family) -> None:
    disney = Instrument.objects.get(symbol="DIS")
    twin = {"id": "other", "symbol": "DIS", "name": "Other", "status": "ACTIVE"}
    make_odd(family, "*/instruments", add=twin)

    sync_catalogue(family)

    assert Instrument.objects.get(symbol="DIS").pk == disney.pk
    assert not Instrument.objects.filter(vendor_id="other").exists()


@pytest.mark.parametrize("drop", ["symbol", slow("id"), slow("status")])
def test_a_catalogue_without_a_usable_row_is_an_outage_and_empties_no_shop(
    family: Family, drop: str
) -> None:
    before = active()
    make_odd(family, "*/instruments", drop=[drop], which="all")

    sync_catalogue(family)
    family.stage.work()

    assert active() == before
    case = Case.objects.get(kind="ODD", status="OPEN")
    assert "Nothing was taken over" in case.summary
    assert family.account.synced_at  # the accounts were read all the same

    make_even(family)
    sync_catalogue(family)

    case.refresh_from_db()
    assert case.status == "CLOSED"


@pytest.mark.bought
def test_prices_that_can_not_be_read_keep_the_last_one(family: Family) -> None:
    family.stage.control("POST", "prices", {"symbol": "DIS", "price": "150.00"})
    make_odd(family, "*/quotes", change={"lastTrade": None}, which="0")
    before = Instrument.objects.get(symbol="AAPL").price

    look_again(family)

    assert odd_rows()["QUOTES"] == "no lastTrade"
    assert Instrument.objects.get(symbol="AAPL").price == before
    assert Instrument.objects.get(symbol="DIS").price == Decimal(150)
