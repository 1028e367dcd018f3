"""Identity checks and account status over the API."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Child
from accounts.operations import ChildDetails, add_child
from brokerage.models import BrokerAccount, BrokerUser, IdDocument
from core import clock
from tests.api.calling import Answer, Caller, sign_in_by_app, with_key
from tests.api.test_children import CHILD
from tests.api.test_schema import OPENAPI, _plain
from tests.cast import Family, make_known, make_parent
from tests.pictures import draw
from tests.stage import Stage

JPEG = draw()
CORRECTION = {
    "firstName": "Rain",
    "lastName": "Sample",
    "birthdate": "2018-05-06",
    "ssn": "345-67-8999",
}


def upload(caller: Caller, path: str, **answers: Any) -> Answer:
    """Send a form with files, as an app does."""
    fields = {"kind": "passport", "front": SimpleUploadedFile("a.jpg", JPEG)} | answers
    response: Any = caller.client.post(path, fields, headers=caller.headers)
    kind = response.headers.get("Content-Type", "").split(";")[0]
    return Answer(response.status_code, kind, json.loads(response.content), response.headers)


@pytest.fixture
def blurred(stage: Stage) -> Caller:
    """A parent, by the app, whose photo the broker finds blurred."""
    make_known(make_parent("custodian@family.example"), last_name="POOR_PHOTO_QUALITY")
    stage.work()
    return sign_in_by_app("custodian@family.example")


@pytest.fixture
def troubled(family: Family) -> Child:
    """A second child, whose number the broker does not find."""
    details = ChildDetails("Rain", "SSN_NOT_MATCH", family.child.date_of_birth, "345678912", "CO")
    child = add_child(parent=family.parent, details=details, at=clock.now(), ip_address=None)
    family.stage.work()
    return child


def test_a_document_is_asked_for_sent_and_accepted(stage: Stage, blurred: Caller) -> None:
    asked = blurred.get("/api/kyc").body
    sent = upload(blurred, "/api/kyc/documents")
    again = upload(blurred, "/api/kyc/documents")
    stage.work()
    done = blurred.get("/api/kyc").body

    assert (asked["status"], asked["problems"]) == ("needs_document", ["photo_quality"])
    assert asked["allowedActions"] == ["upload"]
    assert (sent.status, sent.body["allowedActions"]) == (201, ["wait"])
    assert again.status == 201
    assert IdDocument.objects.count() == 1
    assert (done["status"], done["documents"][0]["status"]) == ("approved", "accepted")


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"front": SimpleUploadedFile("a.gif", b"GIF89a" + bytes(50))}, "front"),
        ({"front": SimpleUploadedFile("a.jpg", b"")}, "front"),
        ({"front": "no file"}, "front"),
        ({"kind": "library card"}, "kind"),
        ({"back": SimpleUploadedFile("a.jpg", JPEG + bytes(10 * 1024 * 1024))}, "back"),
    ],
)
def test_what_is_no_document_is_named(blurred: Caller, answers: Any, field: str) -> None:
    answer = upload(blurred, "/api/kyc/documents", **answers)

    assert answer.problem()[0] == 400
    assert list(answer.fields) == [field]
    assert not IdDocument.objects.exists()


def test_the_same_key_with_another_picture_of_the_same_name_is_refused(blurred: Caller) -> None:
    keyed = with_key(blurred)
    path, name = "/api/kyc/documents", "front.jpg"

    def send(content: bytes, name: str = name) -> Answer:
        return upload(keyed, path, front=SimpleUploadedFile(name, JPEG + content))

    first = send(bytes(5000))

    assert first.status == 201
    assert send(bytes(5000)).body == first.body
    assert send(bytes(5000), "renamed.jpg").body == first.body
    assert send(bytes(4999) + b"1").problem() == (422, "idempotency_key_reused")
    assert IdDocument.objects.count() == 1


def test_json_is_no_way_to_send_a_picture(blurred: Caller) -> None:
    answer = blurred.post("/api/kyc/documents", {"kind": "passport"})

    assert answer.problem()[0] == 415


def test_a_document_nobody_asked_for_is_a_conflict(family: Family, app: Caller) -> None:
    assert upload(app, "/api/kyc/documents").problem() == (409, "no_document_needed")


def test_who_has_told_nothing_has_not_started(db: None) -> None:
    make_parent("newcomer@family.example")

    body = sign_in_by_app("newcomer@family.example").get("/api/kyc").body

    assert (body["status"], body["allowedActions"]) == ("not_started", ["correct"])


def test_what_only_compliance_may_know_is_in_no_answer(stage: Stage) -> None:
    make_known(make_parent("custodian@family.example"), last_name="SANCTION_OFAC")
    stage.work()

    body = sign_in_by_app("custodian@family.example").get("/api/kyc").body

    assert (body["status"], body["problems"]) == ("in_review", ["in_review"])
    del body["brokerSpelling"]  # here the name itself is the word
    assert "ofac" not in json.dumps(body).lower()


def test_a_childs_correction_opens_the_account(
    family: Family, app: Caller, troubled: Child
) -> None:
    path = f"/api/children/{troubled.pk}"
    before = app.get(f"{path}/account-status").body

    answer = app.patch(f"{path}/kyc", CORRECTION)
    repeated = app.patch(f"{path}/kyc", CORRECTION)
    family.stage.work()

    after = app.get(f"{path}/account-status").body
    assert (before["status"], before["kyc"]["fieldsToCorrect"]) == ("pending", ["ssn"])
    assert before["whatToDo"] == ["Check Rain's Social Security number, digit by digit."]
    assert "question about Rain" in before["detail"]
    assert (answer.status, answer.body["allowedActions"]) == (200, ["wait"])
    assert repeated.problem() == (409, "no_correction")
    assert (after["status"], after["kyc"]["status"]) == ("approved", "approved")
    assert after["detail"] == "Shares can be bought in it."
    assert BrokerAccount.objects.get(child=troubled).number not in json.dumps(after)


def test_a_correction_that_can_not_be_is_named(app: Caller, troubled: Child) -> None:
    for field, value in {
        "ssn": "900-12-3456",
        "birthdate": "1990-01-01",
        "firstName": "R2D2",
    }.items():
        answer = app.patch(f"/api/children/{troubled.pk}/kyc", CORRECTION | {field: value})

        assert answer.problem()[0] == 400
        assert list(answer.fields) == [field]


def test_an_account_is_not_closed_before_its_day(family: Family, app: Caller) -> None:
    answer = app.post(f"/api/children/{family.child.pk}/account/close", {})

    assert answer.problem() == (409, "not_of_age")


def test_a_strangers_child_is_not_found(family: Family, stranger: Family, nobody: Caller) -> None:
    for method, path in (
        ("GET", "kyc"),
        ("PATCH", "kyc"),
        ("POST", "kyc/documents"),
        ("GET", "account-status"),
        ("POST", "account/close"),
    ):
        url = f"/api/children/{family.child.pk}/{path}"
        assert Caller(stranger.client).call(method, url, "{}").problem()[0] == 404
        assert nobody.call(method, url, "{}").problem() == (401, "not_authenticated")


def test_the_answers_are_as_the_schema_says(family: Family, app: Caller, troubled: Child) -> None:
    schema = json.loads(app.client.get("/api/schema", headers={"Accept": OPENAPI}).content)
    for template, path in (
        ("/api/kyc", "/api/kyc"),
        ("/api/children/{child_id}/kyc", f"/api/children/{troubled.pk}/kyc"),
        (
            "/api/children/{child_id}/account-status",
            f"/api/children/{troubled.pk}/account-status",
        ),
    ):
        promised = schema["paths"][template]["get"]["responses"]["200"]
        told = promised["content"]["application/json"]["schema"]
        jsonschema.validate(app.get(path).body, _plain(told | {"components": schema["components"]}))


def test_a_teen_account_is_refused_while_they_are_off(family: Family, app: Caller) -> None:
    answer = app.post("/api/children", CHILD | {"accountType": "teen"})

    assert answer.problem() == (400, "invalid")
    assert list(answer.fields) == ["accountType"]
    schema = app.client.get("/api/schema", headers={"Accept": OPENAPI}).content.decode()
    assert '"teen"' not in schema


def test_a_teen_account_is_opened_once_they_are_on(
    family: Family, app: Caller, settings: Any
) -> None:
    settings.TEEN_ACCOUNTS = True
    teen = {"firstName": "Robin", "lastName": "Sample", "birthdate": "2011-05-06"}
    teen |= {"accountType": "teen"}

    unagreed = app.post("/api/children", teen)
    added = app.post("/api/children", teen | {"agreeToTeenTerms": True})
    family.stage.work()

    assert list(unagreed.fields) == ["agreeToTeenTerms"]
    assert (added.status, added.body["child"]["controlOn"]) == (201, None)
    account = BrokerAccount.objects.get(child=added.body["child"]["id"])
    assert (account.status, account.owner) == (
        "OPEN",
        BrokerUser.objects.get(parent=family.parent),
    )
