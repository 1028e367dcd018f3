"""Requests that move money need a key of the caller's; a repeat under it moves no money twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4, uuid5

import pytest
from django.db import connections
from drf_spectacular.generators import SchemaGenerator

from brokerage.models import Deposit, Order
from core.models import IdempotentRequest
from tests.api.calling import Caller, sign_in_by_app, with_key
from tests.cast import Family
from tests.money.trading import fund

# What else of the parents' API makes something, and why a repeat without a key is safe.
WITHOUT = {
    "post /api/children": "a child's tax number is taken once",
    "post /api/children/{child_id}/account/close": "an account is closed once",
    "patch /api/gifts/{id}/approve": "a gift is approved once, and its debit is named after it",
    "post /api/children/{child_id}/gift-links": "a name is an open link's once, twenty at most",
    "post /api/consents/e-sign": "agreed to once, until it is ended",
    "post /api/consents/end": "takes back",
    "post /api/consents/paper": "one case for staff, while they have not sent it",
    "post /api/gift-links/{id}/close": "takes back",
    "post /api/gift-links/{id}/pause": "takes back",
    "post /api/gift-links/{id}/replace": "a link is replaced once: then it is closed",
    "post /api/gift-links/{id}/resume": "a paused link is opened once",
    "post /api/gifts/{id}/cancel": "takes back",
    "post /api/gifts/{id}/decline": "takes back",
    "post /api/gifts/{id}/decline-alike": "takes back",
    "post /api/orders/{id}/cancel": "takes back",
    "post /api/bank-accounts": "numbers are linked once, with two amounts at a time",
    "post /api/bank-accounts/choose": "an account is linked once, whoever shows it",
    "post /api/bank-accounts/{id}/confirm": "a right answer again changes nothing",
    "post /api/bank-accounts/{id}/resend": "not before the last amounts have come",
    "post /api/bank-accounts/{id}/verify": "numbers are linked once",
    "post /api/kyc": "the last answers count",
    "post /api/kyc/spelling": "keeps nothing",
    "post /api/kyc/documents": "a picture is asked for once",
    "post /api/children/{child_id}/kyc/documents": "a picture is asked for once",
    "post /api/to-do/put-away": "what is put away is put away",
    "post /api/waiting-list": "an address waits once for a state",
    "post /api/sync/positions/{child_id}": "only reads",
    "post /api/sync/orders/{child_id}": "only reads",
}


def ways(family: Family) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return what moves money: address and body."""
    deposit = {"childId": str(family.child.pk), "amount": "40.00", "authorize": True}
    order = {"symbol": "KO", "side": "BUY", "amount": "50.00"}
    return {
        "deposit": ("/api/deposits", deposit),
        "order": (f"/api/children/{family.child.pk}/orders", order),
    }


def rows() -> int:
    made = Deposit.objects.filter(purchase=None).count()
    return made + Order.objects.filter(purchase=None).count()


@pytest.mark.parametrize("way", ["deposit", "order"])
@pytest.mark.funded
def test_without_a_key_nothing_is_done(family: Family, app: Caller, way: str) -> None:
    path, body = ways(family)[way]
    before = rows()

    for _time in range(2):
        answer = app.post(path, body)
        assert answer.problem() == (400, "idempotency_key_required")
        assert list(answer.fields) == ["Idempotency-Key"]

    assert rows() == before


@pytest.mark.parametrize("way", ["deposit", "order"])
@pytest.mark.parametrize("key", ["short", "", "x" * 101])
@pytest.mark.funded
def test_a_key_nobody_should_send_is_refused(
    family: Family, app: Caller, way: str, key: str
) -> None:
    path, body = ways(family)[way]
    before = rows()
    app.headers["Idempotency-Key"] = key

    assert app.post(path, body).problem() == (400, "idempotency_key")
    assert rows() == before


@pytest.mark.parametrize("way", ["deposit", "order"])
@pytest.mark.funded
def test_one_key_is_one_row_also_where_the_kept_answer_is_gone(
    family: Family, app: Caller, way: str
) -> None:
    path, body = ways(family)[way]
    keyed, before = with_key(app), rows()

    first = keyed.post(path, body)
    IdempotentRequest.objects.all().delete()
    second = keyed.post(path, body)

    assert (first.status, second.status) == (201, 201)
    assert first.body[way]["id"] == second.body[way]["id"]
    assert rows() == before + 1
    assert with_key(app).post(path, body).status == 201
    assert rows() == before + 2


def test_two_people_s_same_key_is_two_rows(family: Family, stranger: Family, app: Caller) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    other = Caller(stranger.client, key)
    mine = Caller(app.client, app.headers | key)

    assert mine.post(*ways(family)["deposit"]).status == 201
    assert other.post(*ways(stranger)["deposit"]).status == 201
    assert Deposit.objects.count() == 2


def test_the_broker_is_asked_under_a_key_that_follows_from_the_request(
    family: Family, app: Caller
) -> None:
    keyed, (path, body) = with_key(app), ways(family)["deposit"]
    keyed.post(path, body)
    deposit = Deposit.objects.get()

    assert deposit.form_key is not None
    assert deposit.key == uuid5(deposit.form_key, "deposit")


def test_sent_at_once_by_several_it_is_one(live_family: Family) -> None:
    fund(live_family)
    app = with_key(sign_in_by_app("custodian@family.example"))
    path, body = ways(live_family)["order"]

    def send(_number: int) -> int:
        try:
            return Caller(type(app.client)(), app.headers).post(path, body).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(4))) <= {201, 409}
    assert Order.objects.filter(purchase=None).count() == 1


def test_whatever_moves_money_needs_a_key_or_says_why_not() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    keyed: set[str] = set()
    others: set[str] = set()
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            if method == "get" or path.startswith("/api/v1/"):
                continue
            header = [one for one in told.get("parameters", []) if one["name"] == "Idempotency-Key"]
            needed = any(one.get("required") for one in header)
            (keyed if needed else others).add(f"{method} {path}")

    assert keyed == {
        "post /api/deposits",
        "post /api/children/{child_id}/orders",
        "post /api/gifts/{id}/retry",
    }
    makes = {one for one in others if one.startswith("post ")} | {"patch /api/gifts/{id}/approve"}
    assert makes <= others
    assert makes == set(WITHOUT)
    assert all(WITHOUT.values())
