"""Deposits over the API: asked for once, listed, followed; a gift tried again."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Consent
from brokerage.models import Deposit, Purchase
from tests.api.calling import Answer, Caller, with_key
from tests.cast import Family
from tests.money.own_deposits import bank_says, hear


def ask(caller: Caller, family: Family, **changes: Any) -> Answer:
    body = {"childId": str(family.child.pk), "amount": "40.00", "authorize": True}
    return with_key(caller).post("/api/deposits", body | changes)


def test_money_is_added_listed_and_followed(family: Family, app: Caller) -> None:
    answer = ask(app, family)
    family.stage.work()

    told = answer.body["deposit"]
    assert answer.status == 201
    assert told | {"createdAt": "", "authorization": ""} == {
        "id": str(Deposit.objects.get().pk),
        "childId": str(family.child.pk),
        "bankAccountId": str(family.bank.pk),
        "amount": "40.00",
        "forGift": False,
        "status": "intended",
        "explanation": "We are asking your bank for the money. This can take a moment.",
        "authorization": "",
        "createdAt": "",
        "moneyExpectedOn": "2026-11-20",
        "arrivedAt": None,
        "returnedAt": None,
        "returnCode": None,
    }
    assert "debit $40.00 once from my Checking ••6789" in told["authorization"]
    bank_says(family, Deposit.objects.get(), "RETURNED", "R02")
    hear(family)
    after = app.get(f"/api/deposits/{told['id']}/status").body["deposit"]
    assert (after["status"], after["returnCode"]) == ("returned", "R02")
    assert "This bank account is closed." in after["explanation"]
    for path in (f"/api/children/{family.child.pk}/deposits", f"/api/deposits/{family.child.pk}"):
        assert app.get(path).body == {"deposits": [after], "next": None}


def test_a_repeated_request_is_one_deposit(family: Family, app: Caller) -> None:
    app.headers["Idempotency-Key"] = str(uuid4())

    first, second = ask(app, family), ask(app, family)

    assert first.body == second.body
    assert Deposit.objects.count() == 1
    assert ask(app, family, amount="41.00").problem() == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("changes", "problem", "field"),
    [
        ({"amount": "5.00"}, (400, "amount"), "amount"),
        ({"amount": "x"}, (400, "invalid"), "amount"),
        ({"amount": "10.005"}, (400, "invalid"), "amount"),
        ({"authorize": False}, (400, "invalid"), "authorize"),
        ({"childId": str(uuid4())}, (400, "invalid"), "childId"),
        ({"bankAccountId": str(uuid4())}, (400, "invalid"), "bankAccountId"),
    ],
)
def test_wrong_input_is_named(
    family: Family,
    app: Caller,
    changes: dict[str, Any],
    problem: tuple[int, str],
    field: str,
) -> None:
    answer = ask(app, family, **changes)

    assert (answer.problem(), list(answer.fields)) == (problem, [field])
    assert not Deposit.objects.exists()
    assert not Consent.objects.filter(kind="ACH").exists()


def test_strangers_and_visitors_get_nothing(
    family: Family, stranger: Family, app: Caller, nobody: Caller
) -> None:
    deposit = ask(app, family).body["deposit"]["id"]
    other = Caller(stranger.client)
    paths = (
        f"/api/children/{family.child.pk}/deposits",
        f"/api/deposits/{family.child.pk}",
        f"/api/deposits/{deposit}/status",
    )

    for path in paths:
        assert other.get(path).problem() == (404, "not_found")
        assert nobody.get(path).status in (401, 403)
    assert list(ask(other, family).fields) == ["childId"]
    assert list(ask(app, family, bankAccountId=str(stranger.bank.pk)).fields) == ["bankAccountId"]
    assert ask(nobody, family).status in (401, 403)
    assert Deposit.objects.count() == 1


def test_a_gift_is_tried_again_once(family: Family, app: Caller, stranger: Family) -> None:
    gift = family.give()
    purchase = family.approve(gift)
    path = f"/api/gifts/{gift.pk}/retry"
    assert app.post(path, {"authorize": True}).problem() == (400, "idempotency_key_required")
    assert with_key(app).post(path, {"authorize": True}).problem() == (409, "already_done")
    family.stage.work()
    bank_says(family, purchase.deposits.get(), "RETURNED", "R01")
    hear(family)

    assert with_key(app).post(path, {"authorize": False}).problem() == (400, "invalid")
    assert with_key(Caller(stranger.client)).post(path, {"authorize": True}).problem()[0] == 404
    keyed = with_key(app)
    answer = keyed.post(path, {"authorize": True})

    assert (answer.status, answer.body["gift"]["executionStatus"]) == (200, "pending")
    assert keyed.post(path, {"authorize": True}).body == answer.body
    assert with_key(app).post(path, {"authorize": True}).problem() == (409, "already_done")
    assert Purchase.objects.count() == 2
