"""`/api/v1/` when vendors fail, answers get lost, tabs race, and somebody is erased meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog

from core.models import AuditEntry
from prefill.models import PlaidItem
from tests.api.calling import Answer
from tests.core.vendor import at_once
from tests.prefill.banking import Window, vendor_items
from tests.prefill.cast import CODE, make_prefilling_company, number
from tests.prefill.following import (
    BORN,
    LAYER_PHONE,
    PERSON,
    PHONE,
    SECRETS,
    V1,
    Follower,
    begin,
    exchange,
    keyed,
    pass_link,
    text,
)
from tests.prefill.odd import standing_in
from tests.stage import Stage
from tests.tenants.company import Company

SMS, VERIFY = "/spinwheel/*/sms", "/spinwheel/*/verify"
EXCHANGE, SESSION_GET = "/plaid/item/public_token/exchange", "/plaid/user_account/session/get"
HALF_AN_HOUR = 1801


@pytest.fixture
def person(acme: Company, stage: Stage) -> Follower:
    return begin(acme, stage)


@pytest.fixture
def live_person(live_acme: Company, live_stage: Stage) -> Follower:
    live_stage.control("POST", "spinwheel/people", PERSON)
    return begin(live_acme, live_stage)


def action(person: Follower) -> str:
    return str(person.look()["action"])


def trail(verb: str) -> list[Any]:
    return list(
        AuditEntry.objects.filter(verb=verb).order_by("id").values_list("detail", flat=True)
    )


# --- vendors that are away ------------------------------------------------------------------------


@pytest.mark.daily(1)
@pytest.mark.parametrize(
    ("vendor", "before", "after"),
    [("plaid", "open_layer", "verify_phone"), ("spinwheel", "verify_phone", "open_link")],
)
def test_a_vendor_that_is_away_is_said_plainly_and_asked_again_later(
    stage: Stage, vendor: str, before: str, after: str
) -> None:
    company = make_prefilling_company("acme", aggregation_products=(
        ["auth", "identity", "layer"] if vendor == "plaid" else ["auth", "identity"]
    ))  # fmt: skip
    stage.fault(kind="status", path=f"/{vendor}/*", status=503, times=5)
    calls = stage.box.world.calls
    for count in range(7):  # five fail, then nobody is asked
        person = begin(company, stage, number(f"{42 + count}"))
        assert action(person) == before
        getattr(person, before)(person.look())
        assert person.refusals == ["vendor_unavailable"]
        assert "another way" in person.messages[0]
        assert action(person) == after
    assert sum(fault["hits"] for fault in stage.control("GET", "faults")["faults"]) == 5
    assert not [path for path in calls if path.startswith(f"POST /{vendor}")]

    stage.advance(HALF_AN_HOUR)

    assert action(person) == before
    assert getattr(person, before)(person.look()).status < 300


ODD = {
    "malformed": b'{"status": {"code": 200}, "data": {"us',
    "not an object": b"[1, 2]",
    "nothing in it": b"{}",
    "huge": b'{"padding": "' + b"x" * (11 << 20) + b'"}',
    "somebody else": json.dumps(
        {
            "status": {"code": 200, "desc": "success"},
            "data": {
                "userId": "u-1", "extUserId": "Quincy Mcallister", "connectionId": "c-1",
                "connectionStatus": "IN_PROGRESS", "profile": PERSON,
            },
        }
    ).encode(),
}  # fmt: skip


@pytest.mark.daily(2)
@pytest.mark.parametrize("what", ODD)
def test_an_answer_of_another_shape_is_none(
    person: Follower, stage: Stage, settings: Any, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    caplog.set_level("DEBUG")
    public = pass_link(person)
    with standing_in(settings) as odd, structlog.testing.capture_logs() as lines:
        odd.body = ODD[what]
        layer = person.post("plaid/link-token", {"user_id": person.user, "kind": "layer"})
        assert layer.problem() == (503, "vendor_unavailable")
        after = action(person)
        session = text(person)
        code = {"session_id": session, "verification_code": CODE}
        unsent = person.post("phone/confirm", code)
        bank = exchange(person, public)

    assert after == "verify_phone"
    assert unsent.problem() == (409, "resend_code")  # a text may have gone out
    assert bank.problem() == (503, "vendor_unavailable")
    written = f"{lines} {caplog.text} {list(AuditEntry.objects.values_list('detail', flat=True))}"
    assert "vendor_call" in written
    assert [secret for secret in SECRETS if secret in written] == []
    stage.advance(301)
    assert person.follow().steps[-1] == "review"  # the code, once the vendor is itself again


@pytest.mark.daily(2)
@pytest.mark.parametrize("fault", ["malformed", "html", "drop-after", "delay-after", "status"])
def test_a_verdict_that_is_lost_can_be_asked_for_again(
    person: Follower, stage: Stage, settings: Any, fault: str
) -> None:
    settings.VENDOR_TIMEOUT = (1, 0.3)
    code = {"session_id": text(person), "verification_code": CODE}
    stage.fault(kind=fault, path=VERIFY, seconds=0.6, status=502)

    lost = person.post("phone/confirm", code)

    assert lost.problem() == (503, "vendor_unavailable")
    assert action(person) == "enter_code"
    assert person.shop.get(f"{V1}/phone/status/{code['session_id']}").body["attempts_left"] == 2
    assert trail("phone_session.confirm_refused") == [{"code": "vendor_unavailable"}]


# --- answers lost between the client and us, and two tabs -----------------------------------------


@pytest.mark.parametrize("with_key", [True, False], ids=["key", "no key"])
def test_who_repeats_a_call_whose_answer_was_lost_gets_the_same(
    person: Follower, stage: Stage, with_key: bool
) -> None:
    version = person.shop.get(f"{V1}/phone/consent-text").body["text_version"]

    def twice(path: str, body: Any) -> tuple[Answer, Answer]:
        caller = keyed(person) if with_key else person.shop
        first, again = (caller.post(f"{V1}/{path}", body) for _time in "ab")
        assert first.status == again.status < 300, (first.body, again.body)
        assert ("Idempotent-Replayed" in again.headers) == with_key
        return first, again

    link, same_link = twice("plaid/link-token", {"user_id": person.user, "kind": "layer"})
    verify, same_session = twice("phone/verify", {
        "user_id": person.user, "phone_number": PHONE, "date_of_birth": BORN,
        "consent": {"accepted": True, "text_version": version},
    })  # fmt: skip
    session = verify.body["session_id"]
    confirmed = twice("phone/confirm", {"session_id": session, "verification_code": CODE})
    public = Window(stage.box).pass_layer(link.body["link_token"], LAYER_PHONE)
    banks = twice("plaid/exchange-token", {"user_id": person.user, "public_token": public})

    assert same_link.body == link.body
    assert same_session.body["session_id"] == session
    assert [answer.body["status"] for answer in confirmed] == ["verified"] * 2
    assert banks[0].body == banks[1].body
    assert len(banks[0].body["items"]) == 2
    assert person.texts("Spinwheel") == [CODE]
    calls = stage.box.world.calls
    for path in ("/plaid/session/token/create", SESSION_GET, "/spinwheel/v1/users/connect/sms"):
        assert calls[f"POST {path}"] == 1


@pytest.mark.parametrize(
    ("kind", "path"), [("layer", SESSION_GET), ("link", EXCHANGE), ("code", VERIFY)]
)
def test_two_tabs_with_keys_of_their_own_end_as_one(
    live_person: Follower, live_stage: Stage, kind: str, path: str
) -> None:
    if kind == "code":
        body = {"session_id": text(live_person), "verification_code": CODE}
        address = f"{V1}/phone/confirm"
    else:
        body = {"user_id": live_person.user, "public_token": pass_link(live_person, kind)}
        address = f"{V1}/plaid/exchange-token"
    live_stage.fault(kind="delay", path=path, seconds=0.4)

    answers = at_once(3, lambda: keyed(live_person).post(address, body))

    assert [getattr(answer, "status", answer) for answer in answers] == [200] * 3
    bodies = [answer.body for answer in answers if isinstance(answer, Answer)]
    ends = [body.get("status") or [row["item_id"] for row in body["items"]] for body in bodies]
    assert ends == [ends[0]] * 3
    assert PlaidItem.objects.count() == {"layer": 2, "link": 1, "code": 0}[kind]
    verb = "phone_session.verified" if kind == "code" else "link.finished"
    assert len(trail(verb)) == 1
    assert {body["next_step"]["action"] for body in bodies} == {"review"}


def test_the_same_bank_again_keeps_its_ids(person: Follower, stage: Stage) -> None:
    first = exchange(person, pass_link(person)).body

    again = exchange(person, pass_link(person)).body

    for name in ("items", "accounts"):
        key = name[:-1] + "_id"
        assert [row[key] for row in again[name]] == [row[key] for row in first[name]]
    assert len(again["items"]) == 1
    assert len({row["account_id"] for row in again["accounts"]}) == len(again["accounts"])
    stage.work()
    assert len(vendor_items(stage)) == 1  # the login it had before is removed
