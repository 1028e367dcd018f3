"""Gifts over the API: listed, and approved once."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Consent
from brokerage.models import Purchase
from gifting.models import Gift
from tests.api.calling import Answer, Caller
from tests.cast import Family, halt, make_bank

URL = "/api/gifts"
APPROVAL = {"authorize": True}


def approve(caller: Caller, gift: Gift, **changes: Any) -> Answer:
    return caller.patch(f"/api/gifts/{gift.pk}/approve", APPROVAL | changes)


def assert_nothing_moved(gift: Gift) -> None:
    gift.refresh_from_db()
    assert gift.status == "PENDING"
    assert not Purchase.objects.exists()
    assert not Consent.objects.filter(kind="ACH").exists()


def test_gifts_are_listed_newest_first(family: Family, app: Caller) -> None:
    older = family.give("25.00", "KO")
    newer = family.give()

    answer = app.get(URL)

    assert [row["id"] for row in answer.body["gifts"]] == [str(newer.pk), str(older.pk)]
    assert answer.body["gifts"][0] | {"givenAt": ""} == {
        "id": str(newer.pk),
        "childId": str(family.child.pk),
        "fromName": "Grandma",
        "symbol": "DIS",
        "amount": "50.00",
        "message": "For you",
        "givenAt": "",
        "status": "pending",
        "executionStatus": None,
    }


def test_the_givers_address_and_link_are_not_told(family: Family, app: Caller) -> None:
    gift = family.give()

    text = json.dumps(app.get(URL).body)

    assert "grandma@" not in text
    assert gift.token not in text


@pytest.mark.parametrize("way", ["web", "app"])
def test_an_approved_gift_is_paid_for(
    way: str, family: Family, request: pytest.FixtureRequest
) -> None:
    caller: Caller = request.getfixturevalue(way)
    gift = family.give()

    answer = approve(caller, gift)
    family.stage.work()

    assert answer.status == 200
    assert answer.body["gift"]["status"] == "approved"
    assert answer.body["gift"]["executionStatus"] == "pending"
    assert (answer.body["order"], answer.body["moneyExpectedOn"]) == (None, "2026-11-20")
    assert len(family.stage.state()["deposits"]) == 1
    assert app_status(caller) == "funding"


@pytest.mark.slow
@pytest.mark.bought
def test_a_bought_gift_says_so(family: Family, app: Caller) -> None:

    assert app_status(app) == "executed"


def app_status(caller: Caller) -> str:
    status: str = caller.get(URL).body["gifts"][0]["executionStatus"]
    return status


def test_a_named_bank_of_ones_own_pays(family: Family, app: Caller) -> None:
    gift = family.give()
    other = make_bank(family.parent, number="000987654321")
    family.stage.work()

    approve(app, gift, bankAccountId=str(other.pk))

    assert Purchase.objects.get().bank == other


def test_the_second_call_finds_it_approved(family: Family, app: Caller) -> None:
    gift = family.give()

    approve(app, gift)
    answer = approve(app, gift)

    assert answer.problem() == (409, "already_done")
    assert Purchase.objects.count() == 1


def test_without_authorization_nothing_moves(family: Family, app: Caller) -> None:
    gift = family.give()
    values: list[Any] = [False, None, "perhaps", [], {}]

    answers = [approve(app, gift, authorize=value) for value in values]

    for answer in answers:
        assert answer.problem() == (400, "invalid")
        assert list(answer.fields) == ["authorize"]
    assert_nothing_moved(gift)


def test_an_empty_body_approves_nothing(family: Family, app: Caller) -> None:
    gift = family.give()

    answer = app.call("PATCH", f"/api/gifts/{gift.pk}/approve", "")

    assert answer.problem()[0] == 400
    assert_nothing_moved(gift)


def test_a_bank_that_is_none_is_refused(family: Family, app: Caller) -> None:
    gift = family.give()
    unknown = "7e3c4b1a-5d2f-4c60-9b1e-2a8f0c6d9e11"
    values: list[Any] = ["nonsense", None, 17, -1, 1.5, 10**40, True, [], {}, unknown]

    answers = [approve(app, gift, bankAccountId=value) for value in values]

    for answer in answers:
        assert answer.problem() == (400, "invalid")
        assert list(answer.fields) == ["bankAccountId"]
    assert_nothing_moved(gift)


def test_another_parents_bank_is_refused(family: Family, stranger: Family, app: Caller) -> None:
    gift = family.give()

    answer = approve(app, gift, bankAccountId=str(stranger.bank.pk))

    assert answer.problem() == (400, "invalid")
    assert_nothing_moved(gift)


def test_without_a_bank_nothing_moves(family: Family, app: Caller) -> None:
    gift = family.give()
    family.client.post(f"/banks/{family.bank.pk}/remove/")

    assert approve(app, gift).problem() == (409, "bank")
    assert_nothing_moved(gift)


def test_an_expired_gift_can_not_be_approved(family: Family, app: Caller) -> None:
    gift = family.give()
    family.stage.advance(30 * 86_400 + 60)

    assert approve(Caller(family.client), gift).problem() == (409, "expired")
    assert_nothing_moved(gift)


def test_nothing_is_approved_while_approvals_are_halted(family: Family, app: Caller) -> None:
    gift = family.give()
    halt("halt-approvals")

    assert approve(app, gift).problem() == (503, "halted")
    assert_nothing_moved(gift)


def test_a_stranger_finds_no_such_gift(family: Family, stranger: Family) -> None:
    gift = family.give()

    answer = approve(Caller(stranger.client), gift)

    assert answer.problem() == (404, "not_found")
    assert Caller(stranger.client).get(URL).body == {"gifts": [], "next": None}
    assert_nothing_moved(gift)


def test_nobody_unnamed_lists_or_approves(family: Family) -> None:
    gift, nobody = family.give(), Caller(Client())

    assert nobody.get(URL).problem() == (401, "not_authenticated")
    assert approve(nobody, gift).problem() == (401, "not_authenticated")
    assert_nothing_moved(gift)


def test_another_method_approves_nothing(family: Family, app: Caller) -> None:
    gift = family.give()

    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = app.call(method, f"/api/gifts/{gift.pk}/approve", json.dumps(APPROVAL))
        assert answer.problem() == (405, "method_not_allowed")
    assert_nothing_moved(gift)
