"""Children over the API."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Child
from tests.api.calling import LOGIN, Caller, sign_in_by_app
from tests.cast import Family, halt, make_known, make_parent
from tests.stage import Stage

URL = "/api/children"
CHILD: dict[str, Any] = {
    "firstName": "Rain",
    "lastName": "Sample",
    "birthdate": "2021-02-03",
    "ssn": "345-67-8912",
    "governingState": "CO",
    "agreeToUtma": True,
}


@pytest.fixture
def known(stage: Stage) -> Caller:
    """A parent who is known, without a child yet, by the app."""
    make_known(make_parent("custodian@family.example"))
    return sign_in_by_app("custodian@family.example")


@pytest.mark.parametrize("way", ["web", "app"])
def test_the_custodians_children_are_listed(
    way: str, family: Family, request: pytest.FixtureRequest
) -> None:
    caller: Caller = request.getfixturevalue(way)

    answer = caller.get(URL)

    (child,) = answer.body["children"]
    assert answer.status == 200
    assert child == {
        "id": str(family.child.pk),
        "firstName": "Sunny",
        "lastName": "Sample",
        "giftLinkCode": family.child.gift_code,
        "controlAge": 21,
        "controlOn": "2040-04-01",
        "driveWealthAccountNo": f"••{family.account.number[-4:]}",
        "accountStatus": "approved",
    }


def test_a_child_is_added_and_its_account_opens(stage: Stage, known: Caller) -> None:
    answer = known.post(URL, CHILD)
    stage.work()

    child = answer.body["child"]
    assert answer.status == 201
    assert (child["accountStatus"], child["driveWealthAccountNo"]) == ("pending", None)
    assert Child.objects.get(pk=child["id"]).ssn == "345678912"
    assert known.get(URL).body["children"][0]["accountStatus"] == "approved"
    assert "345678912" not in json.dumps(answer.body)


@pytest.mark.parametrize("name", list(CHILD))
def test_a_missing_field_is_named(known: Caller, name: str) -> None:
    body = {key: value for key, value in CHILD.items() if key != name}

    answer = known.post(URL, body)

    assert answer.problem() == (400, "invalid")
    assert list(answer.fields) == [name]
    assert not Child.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("firstName", ""),
        ("firstName", "R2D2"),
        ("firstName", None),
        ("firstName", {"a": 1}),
        ("firstName", "R" * 37),
        ("lastName", "<b>"),
        ("lastName", "nul\x00"),
        ("birthdate", "03/02/2021"),
        ("birthdate", "2999-01-01"),
        ("birthdate", "2021-02-30"),
        ("birthdate", 20210203),
        ("birthdate", 1.5),
        ("birthdate", "1990-01-01"),
        ("ssn", "000-12-3456"),
        ("ssn", "345-67-891"),
        ("ssn", 3.5),
        ("ssn", ["345678912"]),
        ("ssn", "3" * 5000),
        ("governingState", "XX"),
        ("governingState", "NY"),
        ("governingState", ["CO"]),
        ("agreeToUtma", False),
        ("agreeToUtma", "perhaps"),
        ("agreeToUtma", []),
    ],
)
def test_a_field_that_can_not_be_is_named(known: Caller, name: str, value: Any) -> None:
    answer = known.post(URL, CHILD | {name: value})

    assert answer.problem()[0] == 400
    assert list(answer.fields) == [name]
    assert not Child.objects.exists()


def test_a_state_not_open_has_its_own_code(known: Caller) -> None:
    answer = known.post(URL, CHILD | {"governingState": "NY"})

    assert answer.problem() == (400, "state_not_open")
    assert "New York" in answer.fields["governingState"]


def test_the_same_child_twice_is_a_conflict(known: Caller) -> None:
    known.post(URL, CHILD)

    answer = known.post(URL, CHILD)

    assert answer.problem() == (409, "child_known")
    assert "already" in answer.fields["ssn"]
    assert Child.objects.count() == 1


def test_who_is_not_known_yet_adds_nobody(db: None) -> None:
    make_parent("newcomer@family.example")

    answer = sign_in_by_app("newcomer@family.example").post(URL, CHILD)

    assert answer.problem() == (409, "kyc_first")


def test_nobody_is_added_while_new_accounts_are_halted(known: Caller) -> None:
    halt("halt-accounts")

    assert known.post(URL, CHILD).problem() == (503, "halted")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"text"',
        "null",
        "17",
        "{'firstName': 'Rain'}",
        '{"birthdate": NaN}',
        '{"birthdate": Infinity}',
        '{"birthdate": -Infinity}',
        b"\xff\xfe",
        '{"ssn": ' + "9" * 5000 + "}",
        "[" * 50_000,
    ],
)
def test_a_body_that_is_no_json_object_is_refused(known: Caller, text: str | bytes) -> None:
    answer = known.call("POST", URL, text)

    assert answer.problem()[0] == 400
    assert not Child.objects.exists()


def test_a_body_too_large_is_refused(known: Caller) -> None:
    answer = known.post(URL, CHILD | {"firstName": "R" * 300_000})

    assert answer.problem() == (413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_content_type_is_refused(known: Caller, kind: str) -> None:
    answer = known.call("POST", URL, json.dumps(CHILD), kind)

    assert answer.problem() == (415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_another_method_is_refused(known: Caller, method: str) -> None:
    assert known.call(method, URL, "{}").problem() == (405, "method_not_allowed")


def test_a_stranger_sees_none_of_them(family: Family, stranger: Family) -> None:
    (child,) = Caller(stranger.client).get(URL).body["children"]

    assert child["id"] == str(stranger.child.pk)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_let_in_unnamed(nobody: Caller, method: str) -> None:
    answer = nobody.call(method, URL, json.dumps(CHILD))

    assert answer.problem() == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_forged_token_is_refused(db: None, token: str) -> None:
    answer = Caller(Client(), {"Authorization": f"Bearer {token}"}).get(URL)

    assert answer.problem()[0] == 401


def test_a_token_ends_with_its_session(family: Family) -> None:
    signed_in = Caller(Client()).post(
        LOGIN, {"email": "custodian@family.example", "password": "correct horse battery"}
    )
    meta = signed_in.body["meta"]
    app = Caller(Client(), {"Authorization": f"Bearer {meta['access_token']}"})
    assert app.get(URL).status == 200

    app.call("DELETE", "/_allauth/app/v1/auth/session")

    assert app.get(URL).problem()[0] == 401


def test_a_wrong_password_gets_no_token(family: Family) -> None:
    answer = Caller(Client()).post(
        LOGIN, {"email": "custodian@family.example", "password": "wrong password here"}
    )

    assert answer.status == 400
    assert "access_token" not in json.dumps(answer.body)


def test_a_page_of_another_site_can_not_use_the_session(family: Family) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(family.parent.user)

    answer = Caller(client).post(URL, CHILD)

    assert answer.problem() == (403, "permission_denied")
    assert Child.objects.count() == 1
