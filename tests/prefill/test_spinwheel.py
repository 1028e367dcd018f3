"""How Spinwheel's answers are read: strictly, and never more of a person than we may keep."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import responses
import structlog
from django.core.cache import cache

from core.vendors import Rejected, Unavailable
from prefill.gateway import Confirmation, InstructionsGiven
from prefill.spinwheel.client import Spinwheel
from prefill.spinwheel.schemas import read_moment

BASE = "https://spinwheel.example"
SMS = f"{BASE}/v1/users/connect/sms"
VERIFY = f"{BASE}/v1/users/u-1/connect/sms/verify"
PROVEN = f"{BASE}/v1/users/connect/preverified/phoneNumber"
PHONE, BORN = "+12125550142", date(1988, 7, 4)
NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)


@pytest.fixture
def wire(db: None) -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


@pytest.fixture
def client() -> Spinwheel:
    return Spinwheel("test", base_url=BASE, key="k", preverified=True)


def envelope(data: Any, code: Any = 200, desc: str = "success", *messages: str) -> dict[str, Any]:
    told = [{"desc": text, "type": "ERROR"} for text in messages]
    return {"status": {"code": code, "desc": desc, "messages": told}, "data": data}


def person(**changes: Any) -> dict[str, Any]:
    asked = {"phone": PHONE, "date_of_birth": BORN, "reference": "ours", "user_id": ""}
    return asked | {"instructions": InstructionsGiven(NOON)} | changes


def send(client: Spinwheel) -> Any:
    return client.send_code(**person())


def check(client: Spinwheel) -> Confirmation:
    return client.check_code(user_id="u-1", phone=PHONE, code="123456")


def found(**profile: Any) -> dict[str, Any]:
    return {"userId": "u-1", "connectionStatus": "SUCCESS", "profile": profile}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (1_794_848_400, NOON),
        (1_794_848_400_000, NOON),
        ("1794848400000", NOON),
        ("2026-11-16T12:00:00-05:00", NOON),
        ("2026-11-16T17:00:00", NOON),
        ("soon", None),
        (True, None),
        ("9" * 400, None),
        (10**30, None),
        (None, None),
        ({}, None),
    ],
)
def test_the_end_of_a_code_is_read_however_it_came(told: Any, expected: datetime | None) -> None:
    assert read_moment(told) == expected


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_code_is_asked_for_as_spinwheel_wants_it(
    wire: responses.RequestsMock, client: Spinwheel, status: int
) -> None:
    data = {"userId": "u-1", "extUserId": "ours", "connectionId": "c-1", "sms": {}}
    wire.post(SMS, json=envelope(data, status), status=status)

    sent = send(client)
    client.send_code(**person(user_id="u-1"))

    bodies = [json.loads(call.request.body or "") for call in wire.calls]
    assert (sent.user_id, sent.connection_id, sent.expires_at) == ("u-1", "c-1", None)
    assert wire.calls[0].request.headers["Authorization"] == "Bearer k"
    assert bodies[0] == {
        "phoneNumber": PHONE,
        "dateOfBirth": "1988-07-04",
        "extUserId": "ours",
        "audit": {"consentTimestamp": NOON.isoformat()},
    }
    assert (bodies[1]["userId"], "extUserId" in bodies[1]) == ("u-1", False)


def test_no_full_number_leaves_the_client(wire: responses.RequestsMock, client: Spinwheel) -> None:
    ssns: list[dict[str, Any]] = [
        {"ssn": "123-45-6789"},
        {"ssn": 123456789},
        {"ssn": "XXX-XX-6789"},
        {"ssnLastFourDigits": "123456789"},
        {"ssnLastFourDigits": 6789},
        {"ssn": "12345XXXX", "ssnLastFourDigits": "6789"},
    ]
    for told in ssns:
        wire.post(VERIFY, json=envelope(found(deep=[told], creditScore=701.5, **told)))
        profile = check(client).profile
        assert profile["ssnLastFourDigits"] == profile["deep"][0]["ssnLastFourDigits"] == "6789"
        assert "12345" not in repr(profile)
        assert profile["creditScore"] == "701.5"
        wire.reset()


def test_whose_answer_it_is_and_what_it_decides_is_looked_at(
    wire: responses.RequestsMock, client: Spinwheel
) -> None:
    large = {f"field{number}": "x" * 100 for number in range(3000)}
    deep: Any = {}
    for _level in range(400):
        deep = {"deeper": [deep]}
    answers: list[Any] = [
        envelope(found() | {"userId": "u-2"}),
        envelope(found() | {"userId": None}),
        envelope(found() | {"userId": "u\x00"}),
        envelope(found(phoneNumber="+12125550143")),
        envelope(found() | {"connectionStatus": "IN_PROGRESS"}),
        envelope({}),
        envelope([]),
        envelope(found() | {"profile": "Dana"}),
        envelope(found(**large)),
        envelope(found(**deep)),
        envelope(found(), 400, "EXPIRED"),
        envelope(found(), "200"),
        envelope(found(), code=True),
        {"data": found()},
        {"status": "success", "data": found()},
        [],
        None,
        "<html>",
    ]
    with structlog.testing.capture_logs() as lines:
        for answer in answers:
            wire.post(VERIFY, json=answer)
            with pytest.raises(Unavailable):
                check(client)
            wire.reset()

    assert len([line for line in lines if line["event"] == "vendor_answer_unusable"]) >= 17
    assert "Dana" not in repr(lines)
    assert "55501" not in repr(lines)
    assert "u-2" not in repr(lines)


@pytest.mark.parametrize("data", [{"userId": "u-1", "extUserId": "theirs"}, {"extUserId": "ours"}])
def test_a_code_sent_for_somebody_else_is_no_answer(
    wire: responses.RequestsMock, client: Spinwheel, data: dict[str, Any]
) -> None:
    wire.post(SMS, json=envelope(data))

    with pytest.raises(Unavailable) as lost:
        send(client)

    assert lost.value.sent  # it may well have gone out


# status, word, message, what a checked code's refusal means, what a text's does
REFUSALS: list[tuple[int, str, str, str, str]] = [
    (400, "INVALID_NUMBER", "", "unsupported_number", "unsupported_number"),
    (400, "UNSUPPORTED_NUMBER", "", "unsupported_number", "unsupported_number"),
    (400, "UNSUPPORTED_COUNTRY_CODE", "", "unsupported_number", "unsupported_number"),
    (400, "INCORRECT", "", "wrong_code", "wrong_code"),
    (400, "INCORRECT_CODE", "", "wrong_code", "wrong_code"),
    (422, "BAD_REQUEST", "Incorrect Code", "wrong_code", "wrong_code"),
    (400, "EXPIRED", "Code Expired. Ask for another one.", "expired", "expired"),
    (400, "failed", "Expired Code", "expired", "expired"),
    (400, "MAX_ATTEMPTS_REACHED", "", "too_many_attempts", "too_soon"),
    (400, "TOO_MANY_ATTEMPTS", "", "too_many_attempts", "too_soon"),
    (400, "TOO_MANY_REQUESTS", "", "too_soon", "too_soon"),
    (429, "TOO_MANY_REQUESTS", "", "too_soon", "too_soon"),
    (400, "TOO_MANY_VERIFICATIONS", "", "too_many_attempts", "locked_number"),
    (404, "USER_NOT_FOUND", "", "unknown_user", "unknown_user"),
    (401, "UNAUTHORIZED", "", "misconfigured", "misconfigured"),
    (403, "", "", "misconfigured", "misconfigured"),
    (400, "BRAND_NEW_WORD", "", "unclear", "misconfigured"),
    (409, "x" * 61, "What came of it is told in more words than sixty letters hold.", "", ""),
]


@pytest.mark.parametrize(("status", "word", "message", "checked", "texted"), REFUSALS)
def test_refusals_come_in_our_words(
    wire: responses.RequestsMock,
    client: Spinwheel,
    status: int,
    word: str,
    message: str,
    checked: str,
    texted: str,
) -> None:
    wire.post(VERIFY, json=envelope({}, status, word, message), status=status)
    wire.post(SMS, json=envelope({}, status, word, message), status=status)

    asks: list[tuple[Callable[[Spinwheel], Any], str]] = [(check, checked), (send, texted)]
    for ask, code in asks:
        with pytest.raises((Rejected, Unavailable)) as refused:
            ask(client)
        assert getattr(refused.value, "code", "") == code


def test_a_connection_that_failed_is_judged_and_not_tried_again(
    wire: responses.RequestsMock, client: Spinwheel
) -> None:
    wire.post(VERIFY, json=envelope(found() | {"connectionStatus": "FAILED"}))

    with pytest.raises(Rejected) as refused:
        check(client)

    assert refused.value.code == "unclear"


def test_an_operator_hears_of_an_unknown_word_once_a_day(
    wire: responses.RequestsMock, client: Spinwheel
) -> None:
    cache.clear()
    wire.post(VERIFY, json=envelope({}, 400, "BRAND_NEW_WORD"), status=400)

    with structlog.testing.capture_logs() as lines:
        for _try in range(3):
            with pytest.raises(Rejected):
                check(client)

    told = [line for line in lines if line["log_level"] == "error"]
    assert [(line["event"], line["word"]) for line in told] == [
        ("vendor_word_unknown", "BRAND_NEW_WORD"),
    ]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("FAILED_IDENTIFICATION", "not_found"),
        ("FAILED_IDENTIFICATION_INFO_MISMATCH", "mismatch"),
        ("IDENTIFICATION_FAILED", "not_found"),
        ("Identification Failed – Information Mismatch", "mismatch"),
        ("INFORMATION_MISMATCH", "mismatch"),
        ("FAILED_ELIGIBILITY", "ineligible"),
        ("Ineligible User", "ineligible"),
    ],
)
def test_a_right_code_that_finds_nobody_is_no_refusal(
    wire: responses.RequestsMock, client: Spinwheel, word: str, reason: str
) -> None:
    wire.post(VERIFY, json=envelope({}, 400, word), status=400)
    wire.post(PROVEN, json=envelope({}, 400, word), status=400)

    assert check(client) == Confirmation(identified=False, reason=reason)
    looked_up = client.find_by_proven_phone(**person(user_id="u-1"), proven_at=NOON)
    assert looked_up == ("u-1", Confirmation(identified=False, reason=reason))
    audit = json.loads(wire.calls[-1].request.body or "")["audit"]
    assert audit == {
        "verificationType": "SMS",
        "verificationDate": "2026-11-16",
        "userConsentDate": "2026-11-16",
    }


def test_what_stands_between_us_is_not_spinwheel(
    wire: responses.RequestsMock, client: Spinwheel
) -> None:
    wire.post(SMS, body="<html>Not here</html>", status=404)
    with pytest.raises(Unavailable):
        send(client)
    wire.reset()
    wire.post(SMS, body="<html>Bad gateway</html>", status=502)
    with pytest.raises(Unavailable) as down:
        send(client)
    wire.reset()
    wire.post(SMS, status=429, headers={"Retry-After": "30"})
    with pytest.raises(Rejected) as too_soon:
        send(client)

    assert (down.value.status, too_soon.value.code) == (502, "too_soon")
    assert len(wire.calls) == 1  # a POST is never repeated


def test_who_is_forgotten_twice_is_forgotten(
    wire: responses.RequestsMock, client: Spinwheel
) -> None:
    wire.delete(f"{BASE}/v1/users/u%2F1", status=204)
    wire.delete(f"{BASE}/v1/users/u-2", json=envelope({}, 404, "USER_NOT_FOUND"), status=404)
    wire.delete(f"{BASE}/v1/users/u-3", json=envelope({}, 401, "UNAUTHORIZED"), status=401)

    client.forget("u/1")
    client.forget("u-2")
    with pytest.raises(Rejected):
        client.forget("u-3")
