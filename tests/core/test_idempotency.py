"""`Idempotency-Key`: a repeat gets the first answer, whoever sends it when."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from django.db import connections

from accounts.models import Child
from core.models import IdempotentRequest
from tests.api.calling import Answer, Caller, sign_in_by_app
from tests.cast import Family

PATH = "/api/children"


def child(name: str = "Robin", ssn: str = "345678912") -> dict[str, Any]:
    return {
        "firstName": name, "lastName": "Sample", "birthdate": "2020-02-02",
        "ssn": ssn, "governingState": "CO", "agreeToUtma": True,
    }  # fmt: skip


def keyed(caller: Caller, key: str) -> Caller:
    return Caller(caller.client, caller.headers | {"Idempotency-Key": key})


def test_a_repeat_gets_the_first_answer_and_does_nothing(family: Family) -> None:
    app = keyed(sign_in_by_app("custodian@family.example"), str(uuid4()))
    first = app.post(PATH, child())

    again = app.post(PATH, child())

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Child.objects.filter(first_name="Robin").count() == 1


def test_the_same_key_with_another_body_is_refused(family: Family) -> None:
    app = keyed(sign_in_by_app("custodian@family.example"), str(uuid4()))
    app.post(PATH, child())

    answer = app.post(PATH, child("Kim", "456789123"))

    assert answer.problem() == (422, "idempotency_key_reused")
    assert not Child.objects.filter(first_name="Kim").exists()


def test_a_refused_request_leaves_its_key_free(family: Family) -> None:
    app = keyed(sign_in_by_app("custodian@family.example"), str(uuid4()))
    assert app.post(PATH, child(ssn="000000000")).status == 400

    assert app.post(PATH, child()).status == 201


def test_two_people_may_use_the_same_key(family: Family, stranger: Family) -> None:
    key = str(uuid4())
    mine = keyed(sign_in_by_app("custodian@family.example"), key).post(PATH, child())

    theirs = keyed(sign_in_by_app("stranger@elsewhere.example"), key).post(PATH, child())

    assert theirs.status == 201
    assert theirs.body["child"]["id"] != mine.body["child"]["id"]


def test_a_key_too_short_to_be_unique_is_refused(family: Family) -> None:
    answer = keyed(sign_in_by_app("custodian@family.example"), "1").post(PATH, child())

    assert answer.problem() == (400, "idempotency_key")
    assert "Idempotency-Key" in answer.fields


def test_sent_four_times_at_once_it_is_done_once(live_family: Family) -> None:
    key = str(uuid4())
    callers = [keyed(sign_in_by_app("custodian@family.example"), key) for _ in range(4)]

    def send(caller: Caller) -> Answer:
        try:
            return caller.post(PATH, child())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, callers))

    assert [answer.status for answer in answers] == [201] * 4
    assert len({answer.body["child"]["id"] for answer in answers}) == 1
    assert Child.objects.filter(first_name="Robin").count() == 1


def test_the_kept_answer_is_not_readable_in_the_database(family: Family) -> None:
    app = keyed(sign_in_by_app("custodian@family.example"), str(uuid4()))
    app.post(PATH, child())

    record = IdempotentRequest.objects.get()

    assert "Robin" in record.body
    assert b"Robin" not in bytes(_stored(record))


def _stored(record: IdempotentRequest) -> Any:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT body FROM core_idempotentrequest WHERE id = %s", [record.pk])
        row = cursor.fetchone()
    assert row is not None
    return row[0]
