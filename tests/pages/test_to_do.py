"""What waits for a parent: on Home and in the API; each kind of it is in test_to_do_kinds."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brokerage.models import Deposit, Order
from brokerage.operations import advance_broker_account
from core.models import AuditEntry
from gifting.models import Gift
from tests.api.calling import Caller
from tests.api.test_lists import make_orders
from tests.cast import (
    Family,
    halt,
    make_child,
    make_known,
    make_parent,
    make_unconfirmed_bank,
    sign_in,
)
from tests.money.own_deposits import add, bank_says, hear
from tests.pages.reading import Page, read
from tests.stage import Stage


@pytest.fixture(autouse=True)
def _has_answered(request: pytest.FixtureRequest) -> None:
    """Have the family answer whom it trusts, so that nothing waits for it."""
    if "family" in request.fixturenames:
        family: Family = request.getfixturevalue("family")
        family.client.post("/about-you/trusted-contact/remove/")


def rows(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Caller(client).get("/api/to-do").body["toDo"]
    return found


def kinds(client: Any) -> list[str]:
    return [row["kind"] for row in rows(client)]


def home(family: Family) -> Page:
    return read(family.client.get("/home/"))


def fail_gift(family: Family) -> Gift:
    """Have the bank take the money of a gift back before anything was bought."""
    gift = family.give()
    purchase = family.approve(gift)
    family.stage.work()
    path = f"deposits/{purchase.deposits.get().vendor_id}"
    family.stage.control("POST", path, {"status": "RETURNED", "code": "R01"})
    hear(family)
    return gift


def fail_deposit(family: Family) -> Deposit:
    deposit = add(family)
    family.stage.work()
    deposit.refresh_from_db()
    bank_says(family, deposit, "RETURNED", "R01")
    hear(family)
    return deposit


def end_order(family: Family) -> Order:
    make_orders(family, 1)
    order = Order.objects.get()
    order.move_to("REJECTED", failure="The broker did not take it.", next_step_at=None)
    return order


def freeze(family: Family) -> None:
    told = {"status": "FROZEN", "reason": "LEGAL_AML"}
    family.stage.control("POST", f"accounts/{family.account.vendor_id}", told)
    advance_broker_account(family.account.pk, at=family.stage.now())


def test_a_family_with_nothing_to_do_reads_of_nothing(family: Family) -> None:
    assert rows(family.client) == []
    assert "Needs you" not in home(family).text


def test_the_steps_of_a_new_parent_are_in_it(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    client = sign_in(parent)
    at_first = kinds(client)
    make_known(parent)
    stage.work()

    assert at_first == ["identity_start"]
    assert kinds(client) == ["add_child", "bank_link", "trusted_contact"]


def test_what_the_broker_asks_a_parent_is_in_it_until_it_is_answered(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent, last_name="DOB_NOT_MATCH")
    stage.work()

    (row,) = [row for row in rows(sign_in(parent)) if row["kind"] == "identity"]

    assert row["path"] == "/about-you/"
    assert "date of birth" in row["text"]


def test_a_decided_gift_is_gone(family: Family) -> None:
    gift = family.give()
    family.client.post(f"/gifts/{gift.pk}/decline/")

    assert rows(family.client) == []


@pytest.mark.slow
def test_a_failed_gift_stays_until_it_is_tried_again_or_put_away(family: Family) -> None:
    gift = fail_gift(family)
    for _week in range(3):
        family.stage.advance(7 * 86_400)
        family.stage.work()
    stays = home(family)

    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    family.client.post(
        f"/gifts/{gift.pk}/retry/",
        page.form_to("retry").fill(authorize="on"),
    )

    assert "Grandma's gift for Sunny did not go through" in stays.text
    assert "gift_failed" not in kinds(family.client)


@pytest.mark.parametrize("make", [fail_gift, fail_deposit, end_order, freeze])
def test_what_can_only_be_read_is_put_away_once_and_written_down(
    make: Callable[[Family], object], family: Family
) -> None:
    make(family)
    form = home(family).form_to("/home/put-away/")

    for _click in range(2):
        family.client.post("/home/put-away/", form.fill())

    assert rows(family.client) == []
    assert AuditEntry.objects.filter(verb="to_do.put_away").count() == 1


def test_what_is_to_be_done_can_not_be_put_away(family: Family) -> None:
    family.give()
    (row,) = rows(family.client)
    app = Caller(family.client)

    assert row["canPutAway"] is False
    assert app.post("/api/to-do/put-away", {"id": row["id"]}).problem() == (409, "still_to_do")
    assert len(rows(family.client)) == 1


def test_by_the_api_it_is_put_away_too(family: Family, stranger: Family) -> None:
    fail_deposit(family)
    (row,) = rows(family.client)

    theirs = Caller(stranger.client).post("/api/to-do/put-away", {"id": row["id"]})
    mine = Caller(family.client).post("/api/to-do/put-away", {"id": row["id"]})

    assert theirs.problem() == (404, "not_found")
    assert mine.body == {"toDo": []}


@pytest.mark.slow
def test_a_new_failure_of_the_same_gift_is_shown_anew(family: Family) -> None:
    gift = fail_gift(family)
    family.client.post("/home/put-away/", home(family).form_to("/home/put-away/").fill())
    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    family.client.post(f"/gifts/{gift.pk}/retry/", page.form_to("retry").fill(authorize="on"))
    family.stage.work()
    gift.refresh_from_db()
    assert gift.purchase is not None
    path = f"deposits/{gift.purchase.deposits.get().vendor_id}"
    family.stage.control("POST", path, {"status": "RETURNED", "code": "R01"})
    hear(family)

    assert kinds(family.client) == ["gift_failed"]


def test_a_waiting_gift_says_that_approvals_are_paused(family: Family) -> None:
    family.give()
    halt("halt-approvals")

    assert "Approvals are paused." in rows(family.client)[0]["text"]


def test_the_order_of_kinds_is_fixed(family: Family) -> None:
    fail_deposit(family)
    family.give()
    make_unconfirmed_bank(family.parent, number="000987654321")
    fail_gift(family)

    assert kinds(family.client) == [
        "bank_confirm",
        "gift_waiting",
        "gift_failed",
        "deposit_failed",
    ]


def test_a_strangers_things_are_not_shown(family: Family, stranger: Family) -> None:
    stranger.give()
    fail_deposit(stranger)

    assert rows(family.client) == []


def test_more_of_everything_costs_no_more_queries(family: Family) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert family.client.get("/home/").status_code == 200
        return len(asked)

    family.give()
    make_orders(family, 1)
    Order.objects.get().move_to("REJECTED", next_step_at=None)
    cost()  # the switches are asked for once
    one = cost()
    for n in range(3):
        make_child(family.parent, ssn=f"34567891{n}", born=date(2020, 1, 2 + n))
        family.give()
    make_orders(family, 5)
    for order in Order.objects.filter(status="INTENDED"):
        order.move_to("REJECTED", next_step_at=None)
    family.stage.work()

    assert len(rows(family.client)) >= 7
    assert cost() == one
