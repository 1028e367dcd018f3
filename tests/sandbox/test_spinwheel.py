"""Spinwheel: a code to the phone, and with the date of birth a person behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.server import Box, running
from sandbox.spinwheel.words import CONNECT, OLDER, VERIFY
from tests.sandbox.partner import MONDAY_NOON

PHONE, BORN = "+12125550142", "1988-07-04"
AUDIT = {"verificationType": "SMS", "verificationDate": BORN, "userConsentDate": BORN}
SMS = "users/connect/sms"
Json = Any


class Caller:
    """A partner of Spinwheel's with nothing but HTTP."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Authorization"] = "Bearer sandbox-spinwheel-key"

    def call(self, method: str, path: str, /, **body: Json) -> tuple[int, str, Json]:
        """Return the status, its word and the data, out of the envelope."""
        url = f"{self.box.spinwheel_url}/v1/{path}"
        answer = self.http.request(method, url, json=body or None, timeout=10)
        status = answer.json()["status"]
        assert status["code"] == answer.status_code
        assert (status["desc"] == "success") == (status["messages"] == [])
        return answer.status_code, status["desc"], answer.json()["data"]

    def connect(self, phone: str = PHONE, **more: Json) -> tuple[int, str, Json]:
        body = {"phoneNumber": phone, "dateOfBirth": BORN, "extUserId": f"ours {phone}"} | more
        return self.call("POST", SMS, **{key: body[key] for key in body if body[key] is not None})

    def verify(self, user: Json, code: str = "123456") -> tuple[int, str, Json]:
        return self.call("POST", f"users/{user['userId']}/connect/sms/verify", code=code)

    def control(self, path: str, /, **order: Json) -> requests.Response:
        return self.http.post(f"{self.box.url}/_sandbox/{path}", json=order, timeout=10)

    def wait(self, seconds: int) -> None:
        assert self.control("clock", advanceSeconds=seconds).ok

    def texts(self) -> list[str]:
        state = self.http.get(f"{self.box.url}/_sandbox/state", timeout=10).json()
        return [text["text"][:6] for text in state["texts"] if text["to"] == PHONE]


@pytest.fixture
def caller(box: Box) -> Iterator[Caller]:
    caller = Caller(box)
    yield caller
    caller.http.close()


def test_the_code_on_the_phone_connects_a_person_with_a_profile(caller: Caller) -> None:
    status, _, user = caller.connect()
    again = caller.call(
        "POST", f"{SMS}/", phoneNumber="+12125550143", dateOfBirth=BORN, extUserId="b"
    )
    page = requests.get(f"{caller.box.url}/_sandbox/", timeout=10).text
    _, _, verified = caller.verify(user)

    assert (status, again[0]) == (201, 201)
    assert user["connectionStatus"] == "IN_PROGRESS"
    assert user["sms"]["codeTimeoutSeconds"] == 300
    assert "123456 is your code" in page
    assert verified["connectionStatus"] == "SUCCESS"
    profile = verified["profile"]
    assert (profile["phoneNumber"], profile["dateOfBirth"]) == (PHONE, BORN)
    assert len(profile["ssnLastFourDigits"]) == 4
    assert all(profile[name] for name in ("firstName", "lastName"))
    assert "@" in profile["emailAddress"]
    assert profile["addresses"][0].keys() >= {"addressLine1", "city", "state", "zip"}
    by_path = caller.call("GET", f"users/{user['userId']}")
    assert by_path == caller.call("GET", f"users?userId={user['userId']}")
    assert by_path[2]["profile"] == profile
    # A code is used once, and a user can be forgotten, once.
    assert caller.verify(user)[:2] == (400, "EXPIRED")
    assert caller.call("DELETE", f"users/{user['userId']}")[0] == 200
    assert caller.call("DELETE", f"users/{user['userId']}")[:2] == (404, "USER_NOT_FOUND")
    assert caller.verify(user)[:2] == (404, "USER_NOT_FOUND")


def test_a_code_lives_five_minutes_and_ends_when_a_new_one_is_sent(caller: Caller) -> None:
    _, _, user = caller.connect()
    too_soon = caller.connect(extUserId=None, userId=user["userId"])
    caller.wait(31)
    status, _, resent = caller.connect(extUserId=None, userId=user["userId"])
    old, new = caller.texts()

    assert too_soon[:2] == (429, "TOO_MANY_REQUESTS")
    assert (status, resent["userId"]) == (201, user["userId"])
    assert resent["connectionId"] != user["connectionId"]
    assert caller.verify(user, old)[1] == "INCORRECT"
    caller.wait(299)
    caller.wait(2)
    assert caller.verify(user, new)[1] == "EXPIRED"
    _, _, later = caller.connect()
    assert later["userId"] == user["userId"]
    assert caller.verify(later)[2]["connectionStatus"] == "SUCCESS"


def test_more_than_five_wrong_codes_lock_the_number_for_a_while(caller: Caller) -> None:
    _, _, user = caller.connect()
    words = [caller.verify(user, "000000")[1] for _try in range(6)]

    assert words == ["INCORRECT"] * 5 + ["MAX_ATTEMPTS_REACHED"]
    assert caller.verify(user)[1] == "MAX_ATTEMPTS_REACHED"
    caller.wait(60)
    assert caller.connect()[1] == "MAX_ATTEMPTS_REACHED"
    caller.wait(241)
    assert caller.verify(caller.connect()[2])[1] == "success"


@pytest.mark.parametrize(
    ("tail", "connects", "verifies"),
    [
        ("00", 201, "success"),
        ("01", 201, "INCORRECT"),
        ("02", 201, "EXPIRED"),
        ("03", 201, "FAILED_ELIGIBILITY"),
        ("04", 201, "FAILED_IDENTIFICATION"),
        ("05", 201, "FAILED_IDENTIFICATION_INFO_MISMATCH"),
        ("06", 400, ""),
        ("07", 429, ""),
        ("09", 500, ""),
        ("10", 201, "success"),
    ],
)
def test_the_last_two_digits_steer_the_outcome(
    caller: Caller, tail: str, connects: int, verifies: str
) -> None:
    status, _, user = caller.connect(f"+171855501{tail}")

    assert status == connects
    if verifies:
        assert caller.verify(user)[1] == verifies


def test_a_slow_answer_comes_after_the_text_was_sent() -> None:
    with running(start_at=MONDAY_NOON, spinwheel_slow_seconds=0.6) as box:
        caller = Caller(box)
        body = {"phoneNumber": "+12125550108", "dateOfBirth": BORN, "extUserId": "slow"}
        with pytest.raises(requests.ReadTimeout):
            caller.http.post(f"{box.spinwheel_url}/v1/{SMS}", json=body, timeout=0.2)
        caller.http.close()

        assert len(box.world.texts.sent) == 1


def test_a_wrong_request_is_refused_in_the_envelope(caller: Caller) -> None:
    for phone in ("2125550142", "+1234567890", "+442071838750", "+1 212 555 0142", ""):
        assert caller.connect(phone)[:2] == (400, "INVALID_NUMBER")
    for born in ("4 July 1988", "1988-13-01", "19880704", None):
        assert caller.connect(dateOfBirth=born)[0] == 400
    assert caller.connect(extUserId=None)[0] == 400
    assert caller.connect(userId="both")[0] == 400
    assert caller.connect(extUserId=None, userId="nobody")[:2] == (404, "USER_NOT_FOUND")
    assert caller.verify(caller.connect()[2], "12345")[:2] == (400, "BAD_REQUEST")
    assert caller.call("GET", "phones")[:2] == (404, "NOT_FOUND")
    assert caller.call("POST", SMS)[0] == 400


def test_only_who_bears_the_key_is_served(caller: Caller) -> None:
    caller.http.headers["Authorization"] = "Bearer another"
    assert caller.connect()[:2] == (401, "UNAUTHORIZED")
    del caller.http.headers["Authorization"]
    caller.http.headers["x-api-key"] = "sandbox-spinwheel-key"
    assert caller.connect()[:2] == (401, "UNAUTHORIZED")
    assert caller.texts() == []


def test_a_number_proved_elsewhere_connects_without_a_text(caller: Caller) -> None:
    path = "users/connect/preverified/phoneNumber"
    body = {"phoneNumber": PHONE, "dateOfBirth": BORN, "extUserId": "a"}

    assert caller.call("POST", path, **body)[0] == 400
    assert caller.call("POST", path, **body, audit=AUDIT | {"verificationType": "GUESS"})[0] == 400
    assert caller.call("POST", path, **body, audit=AUDIT)[2]["profile"]["dateOfBirth"] == BORN
    assert caller.texts() == []


def test_the_operator_says_who_answers_at_a_number(caller: Caller) -> None:
    person = {"phoneNumber": PHONE, "firstName": "Maria", "lastName": "Rivera", "dob": BORN}
    assert caller.control("spinwheel/people", **person).ok

    _, _, verified = caller.verify(caller.connect()[2])
    caller.wait(60)
    _, _, other = caller.connect(dateOfBirth="1990-01-01")

    names = (verified["profile"]["firstName"], verified["profile"]["lastName"])
    assert names == ("Maria", "Rivera")
    assert verified["profile"]["addresses"]
    assert caller.verify(other)[1] == "FAILED_IDENTIFICATION_INFO_MISMATCH"
    assert caller.control("spinwheel/people", phoneNumber="12").status_code == 400
    assert caller.control("spinwheel/people", phoneNumber=PHONE, dob="1").status_code == 400


@pytest.mark.parametrize("word", [*CONNECT, *OLDER, "BRAND_NEW"])
def test_the_operator_has_any_word_said_when_a_code_is_asked_for(caller: Caller, word: str) -> None:
    assert caller.control("spinwheel/people", phoneNumber=PHONE, connects=word).ok

    assert caller.connect()[1] == word
    assert caller.texts() == []


@pytest.mark.parametrize("word", [*VERIFY, *OLDER, "BRAND_NEW"])
def test_the_operator_has_any_word_said_to_a_right_code_which_is_used(
    caller: Caller, word: str
) -> None:
    assert caller.control("spinwheel/people", phoneNumber=PHONE, verifies=word).ok
    _, _, user = caller.connect()

    assert caller.verify(user)[1] == word
    assert caller.verify(user)[1] == "EXPIRED"


def test_faults_and_snapshots_know_spinwheel(caller: Caller, tmp_path: Path) -> None:
    caller.control("faults", kind="status", path="/spinwheel/*", status=400, code="EXPIRED")
    caller.control("faults", kind="429", path="/spinwheel/*", seconds=3)

    assert caller.connect()[:2] == (400, "EXPIRED")
    assert caller.connect()[:2] == (429, "TOO_MANY_REQUESTS")
    settings = {"state_path": tmp_path / "state.json", "start_at": MONDAY_NOON}
    with running(**settings) as box:
        first = Caller(box)
        user = first.connect()[2]
        first.http.close()
    with running(**settings) as box:
        second = Caller(box)
        assert second.verify(user)[1] == "success"
        second.control("reset")
        assert second.verify(user)[1] == "USER_NOT_FOUND"
        second.http.close()
