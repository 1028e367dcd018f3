"""Money given back, dividends in shares, parts of a share: what shares cost, and who is told."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from brokerage.books import get_books
from brokerage.inbox import accept as accept_event
from brokerage.models import BrokerEvent, Case, CompanyAction, Movement
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.money import auditor
from tests.money.machine import to_json
from tests.money.test_company_actions import (
    check_whole,
    check_worked_out,
    history,
    lots_of,
    page,
    portfolio,
)
from tests.money.test_movements import act_for_company
from tests.money.test_odd_rows import slow
from tests.money.test_reconciliation import look_again

D = Decimal
DESKS: dict[UUID, Client] = {}
pytestmark = [pytest.mark.documented_too, pytest.mark.bought]


def desk_of(family: Family) -> Client:
    """Return the one desk of a test."""
    desk = DESKS.get(family.parent.pk) or at_the_desk()
    return DESKS.setdefault(family.parent.pk, desk)


@pytest.fixture(autouse=True)
def _empty_desks() -> Iterator[None]:
    yield
    DESKS.clear()


def twice(family: Family) -> None:
    look_again(family)
    look_again(family)


def tell(family: Family) -> None:
    """Have every event come that the practice broker has published."""
    for row in family.stage.control("GET", "events?after=0")["events"]:
        accept_event(to_json(row["event"]), source=BrokerEvent.Source.RELAY, at=family.stage.now())
    family.stage.work()


def file(family: Family, **filed: str) -> Any:
    action = CompanyAction.objects.get(status="OPEN")
    url = reverse("admin:brokerage_companyaction_act", args=[action.pk, "file"])
    answer = desk_of(family).post(url, {"reason": "The company's Form 8937."} | filed, follow=True)
    look_again(family)
    return answer


# --- money given back -----------------------------------------------------------------------------


@pytest.mark.parametrize("tells", [True, slow(False)])
def test_money_given_back_is_no_dividend_and_lowers_what_the_shares_cost(
    family: Family, tells: bool
) -> None:
    cost = lots_of(family, "DIS").cost
    act_for_company(family, type="RETURN_OF_CAPITAL", amountPerShare="3.10", tellBasis=tells)

    twice(family)

    back = Movement.objects.get(kind="CAPITAL_RETURN").amount
    check_worked_out(family, "RULE")
    assert back > 0
    assert lots_of(family, "DIS").cost == cost - back
    told = portfolio(family)
    assert (D(told["dividends"]), D(told["givenBack"])) == (D(0), back)
    assert D(told["totalCostBasis"]) == D(told["holdings"][0]["costBasis"]) == cost - back
    assert D(told["realizedGainLoss"]) == 0
    assert D(told["unrealizedGainLoss"]) == D(told["holdings"][0]["currentValue"]) - cost + back
    shown = page(family)
    assert f"gave back ${back} of what its shares cost" in shown
    assert f"Own money given back by companies ${back}" in shown
    assert not [letter for letter in mail.outbox if "shares of" in letter.subject]


def test_more_than_the_shares_had_cost_is_a_gain(family: Family) -> None:
    cost = lots_of(family, "DIS").cost
    act_for_company(family, type="RETURN_OF_CAPITAL", amountPerShare="250.00")

    twice(family)

    back = Movement.objects.get(kind="CAPITAL_RETURN").amount
    assert back > cost
    assert lots_of(family, "DIS").cost == 0
    assert family.account.realized_gain == back - cost
    assert D(portfolio(family)["totalCostBasis"]) == 0
    auditor.check_books(family)


@pytest.mark.parametrize(
    ("told", "tells", "taxed"),
    [
        ({"taxCode": "NON_TAXABLE"}, True, None),  # the broker's own figure says it
        slow({"taxCode": "NON_TAXABLE"}, False, "on"),
        slow({"dividendType": "OTHER"}, False, ""),
    ],
)
def test_a_payment_that_may_be_either_is_in_no_sum_until_it_is_known(
    family: Family, told: dict[str, str], tells: bool, taxed: str | None
) -> None:
    cost = lots_of(family, "DIS").cost
    kind = {"type": "RETURN_OF_CAPITAL" if tells else "CASH_DIVIDEND", "dividendType": "CASH"}
    act_for_company(family, amountPerShare="2.00", **kind | told, tellBasis=tells)

    twice(family)

    paid = Movement.objects.get(kind="DISTRIBUTION").amount
    if taxed is not None:
        assert portfolio(family)["withoutSymbols"] == ["DIS"]
        assert D(portfolio(family)["dividends"]) == D(portfolio(family)["givenBack"]) == 0
        assert "as income or out of what its shares cost" in page(family)
        file(family, basis="0", taxed=taxed)
    check_worked_out(family, "BROKER" if taxed is None else "STAFF")
    answer = portfolio(family)
    income = paid if taxed else 0
    assert (D(answer["dividends"]), D(answer["givenBack"])) == (income, paid - income)
    assert lots_of(family, "DIS").cost == cost - paid + income
    assert D(answer["totalCostBasis"]) == cost - paid + income


# --- dividends in shares --------------------------------------------------------------------------


def test_a_taxed_dividend_in_shares_is_income_and_a_purchase_of_its_day(family: Family) -> None:
    before = lots_of(family, "DIS")
    act_for_company(family, type="STOCK_DIVIDEND", amountPerShare="0.1", taxCode="FULLY_TAXABLE")

    twice(family)

    action = check_worked_out(family, "BROKER")
    after = lots_of(family, "DIS")
    assert action.basis
    assert action.basis > 0
    assert after.cost == before.cost + action.basis
    assert after.held[:-1] == before.held
    assert after.held[-1].since == action.happened_at
    told = portfolio(family)
    assert D(told["dividends"]) == action.basis
    assert D(told["totalCostBasis"]) == after.cost
    assert f"They count as a dividend of ${action.basis}" in page(family)


@pytest.mark.parametrize(
    ("code", "filed", "worth"),
    [("TAX_EXEMPT", {"basis": "0"}, "0"), slow("null", {"basis": "6.25", "taxed": "on"}, "6.25")],
)
def test_where_nobody_says_whether_shares_are_taxed_a_person_does(
    family: Family, code: str, filed: dict[str, str], worth: str
) -> None:
    before = lots_of(family, "DIS")
    act_for_company(family, type="STOCK_DIVIDEND", amountPerShare="0.1", taxCode=code)

    twice(family)

    assert CompanyAction.objects.get().status == "OPEN"
    assert portfolio(family)["totalCostBasis"] is None
    check_whole(family)
    file(family, **filed)

    check_worked_out(family, "STAFF")
    after = lots_of(family, "DIS")
    assert (after.cost, len(after.held)) == (before.cost + D(worth), 1 + bool(D(worth)))
    assert D(portfolio(family)["dividends"]) == D(worth)


@pytest.mark.slow
def test_shares_that_prose_alone_tells_of_wait_for_a_person(family: Family) -> None:
    before = get_books(family.account).shares["DIS"]
    dropped = {"path": "*/transactions", "which": "all", "drop": ["dividend"]}
    family.stage.control("POST", "odd", dropped)
    act_for_company(family, type="STOCK_DIVIDEND", amountPerShare="0.1")

    twice(family)

    movement = Movement.objects.get()
    assert (movement.kind, movement.status) == ("STOCK_DIVIDEND", "HELD")
    assert Case.objects.filter(kind="MOVEMENT").count() == 1
    assert get_books(family.account).shares["DIS"] == before
    assert "we find out what" in page(family)
    assert portfolio(family)["withoutSymbols"] == ["DIS"]
    accept(family, movement)
    look_again(family)
    auditor.check_books(family)
    file(family, basis="0")
    assert get_books(family.account).shares["DIS"] == before + movement.quantity
    assert portfolio(family)["beingWorkedOut"] is False


def accept(family: Family, movement: Movement, taken_as: str = "") -> Any:
    url = reverse("admin:brokerage_movement_act", args=[movement.pk, "accept"])
    return desk_of(family).post(url, {"reason": "Understood.", "taken_as": taken_as}, follow=True)


# --- cash for a part of a share -------------------------------------------------------------------


@pytest.mark.slow
def test_cash_that_comes_by_itself_belongs_to_its_split(family: Family) -> None:
    family.buy("500.00")
    look_again(family)
    before, cash = lots_of(family, "DIS"), family.account.cash
    family.stage.control("POST", "prices", {"symbol": "DIS", "price": "130.00"})
    act_for_company(
        family, type="STOCK_SPLIT", wholeShares=True, cashApart=True, **{"from": 3, "to": 1}
    )

    twice(family)

    action = check_worked_out(family, "BROKER")
    in_lieu = family.account.cash - cash
    assert in_lieu > 0
    assert action.legs.count() == 2
    after = lots_of(family, "DIS")
    assert family.account.realized_gain == in_lieu - (before.cost - after.cost)
    assert "paid in cash for a part of a share" in page(family)


@pytest.mark.slow
@pytest.mark.parametrize("word", ["STOCK_SPLIT", slow("CASH_IN_LIEU"), slow("CIL")])
def test_cash_weeks_later_opens_what_was_worked_out(family: Family, word: str) -> None:
    act_for_company(family, type="STOCK_SPLIT", **{"from": 1, "to": 2})
    twice(family)
    check_worked_out(family, "RULE")
    cost = lots_of(family, "DIS").cost
    family.stage.advance(21 * 24 * 3600)
    pay(family, word, "1.25")

    twice(family)

    action = CompanyAction.objects.get()
    assert (action.status, action.legs.count()) == ("OPEN", 2)
    assert Case.objects.get().status == "OPEN"
    file(family, basis=str(cost - 1))

    check_worked_out(family, "STAFF")
    assert family.account.realized_gain == D("0.25")
    assert D(portfolio(family)["totalCostBasis"]) == cost - 1


def pay(family: Family, word: str, amount: str) -> None:
    """Move cash at the broker under a word, about the shares of DIS."""
    path = f"accounts/{family.account.vendor_id}/cash"
    body = {"amount": amount, "type": word, "comment": "In lieu", "symbol": "DIS"}
    family.stage.control("POST", path, body)


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, slow(False)])
def test_a_kind_nobody_knows_near_an_action_is_told_and_decided_once(
    family: Family, named: bool
) -> None:
    act_for_company(family, type="STOCK_SPLIT", **{"from": 1, "to": 2})
    twice(family)
    cost = lots_of(family, "DIS").cost
    if named:
        pay(family, "XYZ_CASH", "1.25")
    else:
        path = f"accounts/{family.account.vendor_id}/cash"
        family.stage.control("POST", path, {"amount": "1.25", "type": "XYZ_CASH"})

    twice(family)
    twice(family)

    movement = Movement.objects.get(status="HELD")
    assert Case.objects.filter(kind="MOVEMENT").count() == 1
    told = portfolio(family)
    assert (told["withoutSymbols"], told["totalCostBasis"]) == (["DIS"], None)
    assert "being worked out" in page(family, "")
    if not named:
        assert "names no company" in accept(family, movement, "CASH_IN_LIEU").content.decode()
        accept(family, movement, "INTEREST")
        look_again(family)
        assert portfolio(family)["beingWorkedOut"] is False
        return
    assert "The broker booked $1.25" in page(family)
    assert history(family)["companyActions"][0]["open"] is True
    accept(family, movement, "CASH_IN_LIEU")
    twice(family)
    file(family, basis=str(cost - 1))
    auditor.check_books(family)
    assert family.account.realized_gain == D("0.25")
    assert portfolio(family)["beingWorkedOut"] is False


# --- spin-offs ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_part_in_cash_takes_its_cost_along_at_a_spin_off(family: Family) -> None:
    family.buy("500.00")
    look_again(family)
    cost, cash = lots_of(family, "DIS").cost, family.account.cash
    act_for_company(
        family, type="SPINOFF", into="HAS", ratio="0.35", basisPart="0.2", wholeShares=True
    )

    twice(family)

    action = check_worked_out(family, "BROKER")
    in_lieu = family.account.cash - cash
    moved = round(cost * D("0.2"), 2)
    assert in_lieu > 0
    assert action.basis
    assert action.sold_basis
    assert action.basis + action.sold_basis == moved
    assert (lots_of(family, "DIS").cost, lots_of(family, "HAS").cost) == (
        cost - moved,
        action.basis,
    )
    assert family.account.realized_gain == in_lieu - action.sold_basis


@pytest.mark.slow
def test_an_event_tells_whose_shares_were_parted_and_staff_find_it_written(family: Family) -> None:
    family.buy("60.00", "AAPL")
    twice(family)
    act_for_company(
        family, type="SPINOFF", into="HAS", ratio="0.25", basisPart="0.2", tellBasis=False
    )
    twice(family)
    assert portfolio(family)["withoutSymbols"] == ["AAPL", "HAS", "DIS"]

    tell(family)
    twice(family)

    action = CompanyAction.objects.get()
    assert (action.status, action.parent and action.parent.symbol) == ("OPEN", "DIS")
    told = portfolio(family)
    assert told["withoutSymbols"] == ["HAS", "DIS"]
    assert D(told["totalCostBasis"]) == lots_of(family, "AAPL").cost
    url = reverse("admin:brokerage_companyaction_act", args=[action.pk, "file"])
    assert 'value="DIS"' in desk_of(family).get(url).content.decode()
    assert "had cost" in file(family, basis="5000", parent="DIS").content.decode()
    file(family, basis="10.00", parent="DIS")
    check_worked_out(family, "STAFF")


# --- what it hides, and what is written -----------------------------------------------------------


@pytest.mark.slow
def test_an_open_action_hides_its_own_shares_alone(family: Family) -> None:
    family.buy("60.00", "AAPL")
    twice(family)
    apple = lots_of(family, "AAPL").cost
    act_for_company(
        family, type="MERGER", into="SONY", ratio="0.5", cashPerShare="20.00", tellBasis=False
    )

    twice(family)

    told = portfolio(family)
    held = {row["symbol"]: row for row in told["holdings"]}
    assert held["SONY"]["costBasis"] is None
    assert D(held["AAPL"]["costBasis"]) == D(told["totalCostBasis"]) == apple
    assert D(told["unrealizedGainLoss"]) == D(held["AAPL"]["unrealizedGainLoss"])
    assert told["withoutSymbols"] == history(family)["withoutSymbols"]
    assert told["beingWorkedOut"] is True
    for which in ("history/", ""):
        assert "without" in page(family, which)
        assert "being worked out" in page(family, which)
    account = reverse("admin:brokerage_brokeraccount_change", args=[family.account.pk])
    assert "being worked out" in desk_of(family).get(account).content.decode()


@pytest.mark.slow
def test_the_family_is_written_to_when_it_begins_and_when_it_is_known(family: Family) -> None:
    mail.outbox.clear()
    cost = lots_of(family, "DIS").cost
    act_for_company(
        family, type="MERGER", into="SONY", ratio="0.5", cashPerShare="20.00", tellBasis=False
    )
    twice(family)
    twice(family)

    (begun,) = mail.outbox
    assert begun.to == [family.parent.user.email]
    assert "The Walt Disney Company" in begun.subject
    assert "became" in begun.body
    assert "being worked out" in begun.body
    assert f"/children/{family.child.pk}/history/" in begun.body

    file(family, basis=str(cost - 1))
    twice(family)

    (_begun, known) = mail.outbox
    assert "what the shares cost is known" in known.body
    auditor.check_mail_once()


def test_what_is_clear_at_once_is_written_once(family: Family) -> None:
    mail.outbox.clear()
    act_for_company(family, type="STOCK_SPLIT", **{"from": 1, "to": 4})

    twice(family)

    (letter,) = mail.outbox
    assert "split its shares" in letter.body
    assert "need not do anything" in letter.body
