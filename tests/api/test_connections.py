"""Banks connected by Plaid over the API: chosen from and ended, as on the page."""

from __future__ import annotations

from uuid import uuid4

import pytest

from brokerage.models import BankAccount, Deposit, Purchase
from core.models import AuditEntry
from prefill.models import PlaidItem
from prefill.operations import get_own_applicant
from sandbox.plaid.banks import TARTAN, TOKENIZING
from tests.api.calling import Caller, with_key
from tests.cast import Family
from tests.prefill.banking import link_one, make_tenant_with_banks, now

HERE = "/api/connections"
CHOOSE = "/api/bank-accounts/choose"


def connect(family: Family, bank: str = "ins_109508") -> PlaidItem:
    make_tenant_with_banks()
    return link_one(family.stage, get_own_applicant(family.parent, at=now()), bank)


def choice(app: Caller, kind: str = "CHECKING") -> str:
    choices = app.get(HERE).body["choices"]
    return str(next(one["id"] for one in choices if one["accountType"] == kind))


def test_an_account_is_chosen_without_its_numbers(family: Family, app: Caller) -> None:
    item = connect(family)
    told = app.get(HERE).body

    answer = app.post(CHOOSE, {"choiceId": choice(app), "authorize": True})
    family.stage.work()

    assert [(one["id"], one["status"]) for one in told["connections"]] == [
        (str(item.pk), "connected")
    ]
    assert {one["accountType"] for one in told["choices"]} == {"CHECKING", "SAVINGS"}
    assert all("1111222233" not in str(one) for one in told["choices"])
    assert answer.status == 201
    bank = BankAccount.objects.get(source="PLAID")
    assert (str(bank.pk), bank.status) == (answer.body["bankAccount"]["id"], "ACTIVE")
    assert answer.body["bankAccount"]["last4"] == "0000"
    left = app.get(HERE).body["choices"]
    assert [one["accountType"] for one in left] == ["SAVINGS"]


def test_a_repeat_with_the_key_gets_the_first_answer(family: Family, app: Caller) -> None:
    connect(family)
    keyed = with_key(app)
    asked = {"choiceId": choice(app), "authorize": True}

    first, again = (keyed.post(CHOOSE, asked) for _ in "ab")
    bare = app.post(CHOOSE, asked)

    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert bare.problem() == (404, "not_found")  # it is no choice any more
    assert BankAccount.objects.filter(source="PLAID").count() == 1


def test_what_can_not_be_chosen_is_refused(
    family: Family, app: Caller, stranger: Family, nobody: Caller
) -> None:
    connect(family)
    mine = choice(app)
    theirs = Caller(stranger.client)

    unsigned = app.post(CHOOSE, {"choiceId": mine, "authorize": False})
    unknown = app.post(CHOOSE, {"choiceId": str(uuid4()), "authorize": True})
    by_stranger = theirs.post(CHOOSE, {"choiceId": mine, "authorize": True})
    by_nobody = nobody.post(CHOOSE, {"choiceId": mine, "authorize": True})

    assert set(unsigned.fields) == {"authorize"}
    assert unknown.problem() == (404, "not_found")
    assert by_stranger.problem() == (404, "not_found")
    assert by_nobody.problem() == (401, "not_authenticated")
    assert not BankAccount.objects.filter(source="PLAID").exists()


def test_an_account_in_another_name_is_held(family: Family, app: Caller) -> None:
    connect(family, TARTAN)

    answer = app.post(CHOOSE, {"choiceId": choice(app, "SAVINGS"), "authorize": True})

    assert answer.status == 201
    assert answer.body["bankAccount"]["status"] == "held"
    assert "another owner" in answer.body["bankAccount"]["note"]


@pytest.mark.slow
def test_a_connection_is_ended_after_saying_what_that_means(
    family: Family, app: Caller, stranger: Family
) -> None:
    item = connect(family)
    app.post(CHOOSE, {"choiceId": choice(app), "authorize": True})
    family.stage.work()
    typed, family.bank = family.bank, BankAccount.objects.get(source="PLAID")
    purchase = family.approve(family.give())
    family.stage.work()
    path = f"{HERE}/{item.pk}"

    told = app.get(path).body["removing"]
    foreign = [Caller(stranger.client).call(method, path).status for method in ("GET", "DELETE")]
    removed = app.call("DELETE", path)
    repeated = app.call("DELETE", path)
    family.stage.settle_ach()
    family.stage.work()

    deposit = Deposit.objects.get()
    assert (told["canRemove"], told["mustArriveFirst"]) == (True, [])
    assert told["stopsDebitsOf"] == [str(family.bank.pk)]
    assert told["paysThen"] == str(typed.pk)
    (row,) = told["underWay"]
    assert (row["amount"], row["canBeStopped"]) == ("50.00", False)
    assert row["expectedOn"] == str(deposit.expected_on)
    assert "goes on" in row["note"]
    assert foreign == [404, 404]
    assert (removed.status, repeated.problem()) == (204, (404, "not_found"))
    assert AuditEntry.objects.filter(verb="item.removed").count() == 1
    purchase.refresh_from_db()
    assert purchase.status == Purchase.Status.EXECUTED


@pytest.mark.parametrize("bank", [TOKENIZING])
def test_numbers_that_end_with_it_keep_it(family: Family, app: Caller, bank: str) -> None:
    item = connect(family, bank)
    app.post(CHOOSE, {"choiceId": choice(app), "authorize": True})
    family.stage.work()
    family.bank = BankAccount.objects.get(source="PLAID")
    family.approve(family.give())
    family.stage.work()
    path = f"{HERE}/{item.pk}"

    told = app.get(path).body["removing"]
    refused = app.call("DELETE", path)
    bank_refused = app.call("DELETE", f"/api/bank-accounts/{family.bank.pk}")

    assert (told["canRemove"], told["underWay"]) == (False, [])
    assert told["removableFrom"] == str(Deposit.objects.get().expected_on)
    assert "must arrive first" in told["mustArriveFirst"][0]["note"]
    assert refused.problem() == (409, "money_under_way")
    assert bank_refused.problem() == (409, "money_under_way")
    assert "That should be by" in bank_refused.body["detail"]
    item.refresh_from_db()
    assert item.status == PlaidItem.Status.ACTIVE
