"""Mergers, spin-offs and the like: one event with its legs, and no gain told that is not known."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from brokerage.books import get_books
from brokerage.lot_history import get_lots
from brokerage.models import Case, CompanyAction, Instrument, Movement
from brokerage.operations import audit_account
from core.models import AuditEntry
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.money import auditor
from tests.money.test_movements import act_for_company
from tests.money.test_odd_rows import slow
from tests.money.test_reconciliation import look_again
from tests.pages.reading import read

D = Decimal
pytestmark = pytest.mark.documented_too


def lots_of(family: Family, symbol: str) -> Any:
    return get_lots(family.account)[Instrument.objects.get(symbol=symbol).pk]


def portfolio(family: Family) -> Any:
    return family.client.get(f"/api/portfolio/{family.child.pk}").json()


def history(family: Family) -> Any:
    return family.client.get(f"/api/children/{family.child.pk}/history").json()


def page(family: Family, which: str = "history/") -> str:
    return read(family.client.get(f"/children/{family.child.pk}/{which}")).text


def check_whole(family: Family) -> None:
    """Cash and shares are equal, and nothing is held as unexplained."""
    auditor.check_books(family)
    assert not Movement.objects.filter(status="HELD").exists()


def check_worked_out(family: Family, known_by: str) -> CompanyAction:
    action = CompanyAction.objects.get()
    assert (action.status, action.known_by) == ("SETTLED", known_by)
    assert not Case.objects.filter(status="OPEN").exists()
    check_whole(family)
    return action


@pytest.mark.bought
@pytest.mark.parametrize(
    "order",
    [
        {"type": "MERGER", "ratio": "0.473"},
        slow({"type": "SYMBOL_CHANGE"}),
        slow({"type": "MERGER", "ratio": "12.5", "tellBasis": False}),
    ],
)
def test_shares_for_shares_keep_their_cost_and_their_dates(
    family: Family, order: dict[str, Any]
) -> None:
    before = lots_of(family, "DIS")
    cost, since = before.cost, before.held[0].since
    act_for_company(family, into="SONY", **order)

    look_again(family)
    look_again(family)

    action = check_worked_out(family, "RULE")
    assert action.legs.count() == 2
    after = lots_of(family, "SONY")
    assert (after.cost, [lot.since for lot in after.held]) == (cost, [since])
    assert lots_of(family, "DIS").held == []
    assert family.account.realized_gain == 0
    told = portfolio(family)
    assert D(told["totalCostBasis"]) == cost
    assert told["holdings"][0]["symbol"] == "SONY"
    assert "became" in history(family)["companyActions"][0]["sentence"]
    assert "shares of The Walt Disney Company became" in page(family)


@pytest.mark.bought
def test_cash_beside_shares_is_counted_by_the_brokers_figure(family: Family) -> None:
    cost, cash = lots_of(family, "DIS").cost, family.account.cash
    act_for_company(family, type="MERGER", into="SONY", ratio="0.5", cashPerShare="20.00")

    look_again(family)
    look_again(family)

    action = check_worked_out(family, "BROKER")
    boot = family.account.cash - cash
    assert boot > 0
    assert action.basis == cost - boot  # as the practice broker has it: the cash was own money
    assert family.account.realized_gain == 0
    assert lots_of(family, "SONY").cost == action.basis


@pytest.mark.bought
def test_without_the_brokers_figure_nothing_is_told_until_staff_file_it(family: Family) -> None:
    cost, cash = lots_of(family, "DIS").cost, family.account.cash
    act_for_company(
        family, type="MERGER", into="SONY", ratio="0.5", cashPerShare="20.00", tellBasis=False
    )

    look_again(family)
    look_again(family)

    action, case = CompanyAction.objects.get(), Case.objects.get(kind="ACTION")
    assert (action.status, case.status) == ("OPEN", "OPEN")
    check_whole(family)
    told = portfolio(family)
    assert told["beingWorkedOut"] is True
    for name in ("totalCostBasis", "unrealizedGainLoss", "realizedGainLoss"):
        assert told[name] is None
    assert told["holdings"][0]["costBasis"] is None
    assert D(told["totalGainLoss"]) == D(told["totalValue"]) - D(told["totalPutIn"])
    assert history(family)["beingWorkedOut"] is True
    boot = family.account.cash - cash
    assert f"${boot} was paid in cash beside" in page(family)
    assert "being worked out" in page(family)
    assert "being worked out" in page(family, "")

    desk = at_the_desk()
    url = reverse("admin:brokerage_companyaction_act", args=[action.pk, "file"])
    filed = cost - boot + D("1.50")
    assert (
        family.client.post(url, {"basis": "1", "reason": "Mine."}, follow=True).status_code == 403
    )
    desk.post(url, {"basis": str(filed), "reason": "The company's Form 8937."})
    look_again(family)

    action.refresh_from_db()
    case.refresh_from_db()
    assert (action.status, action.known_by, case.status) == ("SETTLED", "STAFF", "CLOSED")
    assert family.account.realized_gain == D("1.50")
    told = portfolio(family)
    assert (D(told["totalCostBasis"]), D(told["realizedGainLoss"])) == (filed, D("1.50"))
    assert AuditEntry.objects.filter(verb="company_action.settled").count() == 1
    assert desk.post(url, {"basis": "1", "reason": "Again."}).status_code == 404


@pytest.mark.bought
@pytest.mark.parametrize("tells", [True, False])
def test_a_spin_off_takes_its_part_of_the_parents_cost(family: Family, tells: bool) -> None:
    cost = lots_of(family, "DIS").cost
    act_for_company(
        family, type="SPINOFF", into="HAS", ratio="0.25", basisPart="0.2", tellBasis=tells
    )

    look_again(family)
    look_again(family)

    if not tells:
        action = CompanyAction.objects.get()
        assert action.status == "OPEN"
        assert portfolio(family)["totalCostBasis"] is None
        url = reverse("admin:brokerage_companyaction_act", args=[action.pk, "file"])
        at_the_desk().post(url, {"basis": "10.00", "parent": "dis", "reason": "Form 8937."})
        look_again(family)
    action = check_worked_out(family, "BROKER" if tells else "STAFF")
    parent, child = lots_of(family, "DIS"), lots_of(family, "HAS")
    assert child.cost == action.basis == round(cost * D("0.2"), 2)
    assert parent.cost + child.cost == cost
    assert child.held[0].since == parent.held[0].since
    assert D(portfolio(family)["totalCostBasis"]) == cost
    assert family.account.realized_gain == 0


@pytest.mark.bought
@pytest.mark.parametrize(("kind", "price"), [("GOING_PRIVATE", "140.00"), slow("DELISTING", "0")])
def test_shares_that_end_are_sold_for_what_came(family: Family, kind: str, price: str) -> None:
    cost, cash = lots_of(family, "DIS").cost, family.account.cash
    act_for_company(family, type=kind, cashPerShare=price)

    look_again(family)

    if kind == "DELISTING":  # it might be the first leg of a merger: a person decides
        action = CompanyAction.objects.get()
        assert action.status == "OPEN"
        assert not family.account.realized_gain
        url = reverse("admin:brokerage_companyaction_act", args=[action.pk, "file"])
        at_the_desk().post(url, {"basis": "0", "reason": "Worthless, by the trustee's notice."})
        look_again(family)
    check_worked_out(family, "RULE" if kind == "GOING_PRIVATE" else "STAFF")
    assert family.account.realized_gain == family.account.cash - cash - cost
    assert portfolio(family)["holdings"] == []


@pytest.mark.bought
def test_a_split_in_two_legs_is_one_split(family: Family) -> None:
    """DriveWealth's page: the record shows shares removed, and added at the new rate."""
    before = lots_of(family, "DIS")
    disney = Instrument.objects.get(symbol="DIS")
    leg = {"finTranTypeID": "STOCK_SPLIT", "accountAmount": 0, "tranWhen": "2026-11-23T15:00:00Z"}
    named = {"instrument": {"id": disney.vendor_id, "symbol": "DIS"}}
    family.stage.control("POST", "odd", {
        "path": "*/transactions",
        "add": leg | named | {"finTranID": "XX.1", "positionDelta": str(-before.quantity)},
    })  # fmt: skip
    look_again(family)
    family.stage.control("POST", "odd", {
        "path": "*/transactions",
        "add": leg | named | {"finTranID": "XX.2", "positionDelta": str(3 * before.quantity)},
    })  # fmt: skip

    family.stage.advance(3700)
    family.stage.work()
    audit_account(family.account.pk, at=family.stage.now())

    action = CompanyAction.objects.get()
    assert (action.kind, action.status, action.legs.count()) == ("SPLIT", "SETTLED", 2)
    after = lots_of(family, "DIS")
    assert (after.quantity, after.cost, after.sales) == (3 * before.quantity, before.cost, [])
    assert family.account.realized_gain == 0


@pytest.mark.slow
@pytest.mark.bought
def test_a_reverse_split_pays_for_what_is_no_whole_share(family: Family) -> None:
    family.buy("500.00")
    look_again(family)
    before, cash = lots_of(family, "DIS"), family.account.cash
    family.stage.control("POST", "prices", {"symbol": "DIS", "price": "130.00"})
    act_for_company(family, type="STOCK_SPLIT", wholeShares=True, **{"from": 3, "to": 1})

    look_again(family)
    look_again(family)

    action = CompanyAction.objects.get()
    assert (action.status, action.known_by) == ("SETTLED", "BROKER")
    in_lieu = family.account.cash - cash
    after = lots_of(family, "DIS")
    assert after.quantity == get_books(family.account).shares["DIS"] == 1
    assert family.account.realized_gain == in_lieu - (before.cost - after.cost)
    assert f"${in_lieu} was paid in cash for a part of a share" in page(family)
    check_whole(family)
