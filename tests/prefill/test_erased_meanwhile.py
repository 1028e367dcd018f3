"""Somebody erased by the API while a call about them is under way: nothing is left, anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from core.models import IdempotentRequest
from prefill.models import Applicant, LinkSession, PhoneSession, PlaidItem
from tests.api.calling import Answer
from tests.prefill.banking import vendor_items
from tests.prefill.cast import CODE
from tests.prefill.following import (
    PERSON,
    SECRETS,
    V1,
    Follower,
    begin,
    exchange,
    keyed,
    pass_link,
    text,
)
from tests.stage import Stage
from tests.tenants.company import Company

SMS, VERIFY = "/spinwheel/*/sms", "/spinwheel/*/verify"
EXCHANGE, SESSION_GET = "/plaid/item/public_token/exchange", "/plaid/user_account/session/get"


@pytest.fixture
def person(acme: Company, stage: Stage) -> Follower:
    return begin(acme, stage)


@pytest.fixture
def live_person(live_acme: Company, live_stage: Stage) -> Follower:
    live_stage.control("POST", "spinwheel/people", PERSON)
    return begin(live_acme, live_stage)


def list_models() -> list[Any]:
    return [*apps.get_app_config("prefill").get_models(), IdempotentRequest]


def find_secrets() -> list[str]:
    """Return where in prefill's tables, or in what repeats are answered with, a person stands.

    Every column of every row is read as Python has it, that is decrypted.
    """
    found = []
    for model in list_models():
        for row in model._base_manager.all():
            for column in model._meta.concrete_fields:
                value = str(getattr(row, column.attname))
                found += [f"{model.__name__}.{column.name}: {s}" for s in SECRETS if s in value]
    return found


ERASED_DURING: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "a text": (SMS, PhoneSession, {"status": "PENDING"}),
    "a verdict": (VERIFY, PhoneSession, {"attempts": 1}),
    "an exchange": (EXCHANGE, LinkSession, {"status": "FINISHING"}),
    "a Layer exchange": (SESSION_GET, LinkSession, {"status": "FINISHING"}),
    "an import": ("/plaid/identity/get", PlaidItem, {}),
}


@pytest.mark.daily(2)
@pytest.mark.parametrize("what", ERASED_DURING)
def test_who_is_erased_during_a_call_leaves_nothing_anywhere(
    live_person: Follower, live_stage: Stage, what: str
) -> None:
    path, model, under_way = ERASED_DURING[what]
    act = _prepare(live_person, what)
    live_stage.fault(kind="delay-after", path=path, seconds=0.6)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(_in_thread, act)
        _wait_for(lambda: model._base_manager.filter(**under_way).exists() or answer.done())
        erased = live_person.shop.call("DELETE", f"{V1}/users/{live_person.user}")
        assert not answer.done()
        late = answer.result()

    assert erased.status == 202
    assert late.status in {404, 409}, late.body
    assert find_secrets() == []
    for wait in (3, 121):  # the second is for a call that had not told the vendor by then
        live_stage.advance(wait)
        live_stage.work()
    assert find_secrets() == []
    assert vendor_items(live_stage) == []
    assert live_stage.state()["spinwheelUsers"] == []
    assert not PlaidItem.objects.filter(access_token__isnull=False).exists()
    row = Applicant.objects.get(pk=live_person.user)
    assert (row.status, row.spinwheel_user_id, row.next_step_at) == ("ERASED", "", None)


def _prepare(person: Follower, what: str) -> Callable[[], Answer]:
    """Bring a person up to a call, and return the call."""
    if what == "a text":
        return lambda: person.verify_phone({"needs": ["date_of_birth", "instructions"]})
    if what == "a verdict":
        code = {"session_id": text(person), "verification_code": CODE}
        return lambda: keyed(person).post(f"{V1}/phone/confirm", code)
    public = pass_link(person, "layer" if what == "a Layer exchange" else "link")
    return lambda: exchange(person, public, keyed(person))


def _in_thread(act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    finally:
        connection.close()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline


def test_the_scan_finds_who_is_there(person: Follower, stage: Stage) -> None:
    stage.control("POST", "spinwheel/people", PERSON)
    code = {"session_id": text(person), "verification_code": CODE}
    keyed(person).post(f"{V1}/phone/confirm", code)
    exchange(person, pass_link(person), keyed(person))

    found = {place.split(":")[0] for place in find_secrets()}

    assert {"PhoneSession.phone", "PhoneSession.date_of_birth", "Applicant.phone",
            "RawImport.payload", "FieldValue.value"} <= found  # fmt: skip
