"""Every error and webhook Plaid documents, played by its stand-in, and where each leads."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog
from django.core.cache import cache

from brokerage.models import BankAccount
from core.vendors import Rejected, Unavailable
from prefill.gateway import BankLinker, get_bank_linker
from prefill.models import PlaidAccount, PlaidEvent, PlaidItem
from prefill.operations import get_own_applicant, start_link
from prefill.operations.events import _HANDLERS, NOT_FOLLOWED
from sandbox.plaid.words import ERRORS, ITEM_WEBHOOKS, LINK_WEBHOOKS
from tests.cast import Family
from tests.prefill.banking import (
    Window,
    finish,
    link_one,
    make_person,
    make_tenant_with_banks,
    now,
    start,
)
from tests.stage import Stage

ACCOUNTS = "/plaid/accounts/get"
NEEDS_USER, GONE, WAITS, OURS, UNSUPPORTED = (
    "needs_user",
    "gone",
    "",
    "misconfigured",
    "unsupported",
)
# What is made of a code that is not simply of its type's kind.
MEANT = {
    **dict.fromkeys(
        (
            "ACCESS_NOT_GRANTED", "INSUFFICIENT_CREDENTIALS", "INVALID_CREDENTIALS", "INVALID_MFA",
            "INVALID_OTP", "INVALID_SEND_METHOD", "INVALID_UPDATED_USERNAME", "ITEM_LOCKED",
            "ITEM_LOGIN_REQUIRED", "NO_ACCOUNTS", "NO_AUTH_ACCOUNTS", "PASSWORD_RESET_REQUIRED",
            "USER_INPUT_TIMEOUT", "USER_SETUP_REQUIRED", "ADDITIONAL_CONSENT_REQUIRED",
        ),
        NEEDS_USER,
    ),
    **dict.fromkeys(
        (
            "ITEM_NOT_FOUND", "ITEM_CONCURRENTLY_DELETED", "USER_PERMISSION_REVOKED",
            "INVALID_ACCESS_TOKEN", "INSTITUTION_NO_LONGER_SUPPORTED",
        ),
        GONE,
    ),
    **dict.fromkeys(
        (
            "ITEM_NOT_SUPPORTED", "MFA_NOT_SUPPORTED", "PRODUCTS_NOT_SUPPORTED",
            "INVALID_ACCOUNT_ID", "INSTITUTION_NOT_AVAILABLE", "INSTANT_MATCH_FAILED",
            "MANUAL_VERIFICATION_REQUIRED", "NO_INVESTMENT_ACCOUNTS", "NO_LIABILITY_ACCOUNTS",
            "NO_INVESTMENT_AUTH_ACCOUNTS",
        ),
        UNSUPPORTED,
    ),
    **dict.fromkeys(
        (
            "PRODUCT_NOT_ENABLED", "INVALID_PHONE_NUMBER", "CREDITS_EXHAUSTED",
            "TRIAL_CONNECTION_LIMIT", "INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT",
            "INSTITUTION_REGISTRATION_REQUIRED", "UNAUTHORIZED_INSTITUTION",
        ),
        OURS,
    ),
    "PRODUCT_NOT_READY": "not_ready",
    "INVALID_PUBLIC_TOKEN": "used_token",
    "INVALID_WEBHOOK_VERIFICATION_KEY_ID": "unknown_key",
    "INVALID_USER_IDENTITY_DATA": "bad_identity",
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": "mutated",
}  # fmt: skip
WAITED_OUT = {"INSTITUTION_ERROR", "API_ERROR", "RATE_LIMIT_EXCEEDED"}
CODES = [(type_, code) for type_, codes in ERRORS.items() for code in codes]
FEW = {"ITEM_LOCKED", "ADDITIONAL_CONSENT_REQUIRED", "INSTITUTION_NO_LONGER_SUPPORTED",
       "CREDITS_EXHAUSTED", "INSTITUTION_DOWN", "PAYMENT_BLOCKED"}  # fmt: skip


def linker() -> BankLinker:
    found = get_bank_linker("test")
    assert found is not None
    return found


def meant(type_: str, code: str) -> str:
    return MEANT.get(code, WAITS if type_ in WAITED_OUT else OURS)


@pytest.mark.parametrize(
    ("type_", "code"),
    [pytest.param(*row, marks=() if row[1] in FEW else pytest.mark.slow) for row in CODES],
)
def test_every_documented_error_has_a_meaning(stage: Stage, type_: str, code: str) -> None:
    status = 429 if meant(type_, code) == WAITS and type_ == "RATE_LIMIT_EXCEEDED" else 400
    stage.fault(kind="status", path=ACCOUNTS, status=status, code=code)

    with structlog.testing.capture_logs() as lines, pytest.raises((Rejected, Unavailable)) as told:
        linker().list_accounts("access-1")

    assert getattr(told.value, "code", WAITS) == meant(type_, code)
    assert not [line for line in lines if line["event"] == "vendor_word_unknown"]


@pytest.mark.parametrize(
    ("type_", "code", "meaning"),
    [
        ("ITEM_ERROR", "ITEM_IN_A_NEW_KIND_OF_TROUBLE", None),
        ("A_NEW_TYPE", "A_NEW_CODE", None),
        ("INVALID_INPUT", "INVALID_NEW_THING", "misconfigured"),
        ("INSTITUTION_ERROR", "INSTITUTION_ASLEEP", None),
    ],
)
def test_an_unknown_error_waits_and_is_told_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, type_: str, code: str, meaning: str | None
) -> None:
    cache.clear()
    monkeypatch.setitem(__import__("sandbox.plaid.words").plaid.words.TYPE_OF, code, type_)
    stage.fault(kind="status", path=ACCOUNTS, status=400, code=code, times=3)

    with structlog.testing.capture_logs() as lines:
        for _time in range(3):
            with pytest.raises((Rejected, Unavailable)) as told:
                linker().list_accounts("access-1")

    assert getattr(told.value, "code", None) == meaning
    alarms = [line["word"] for line in lines if line["event"] == "vendor_word_unknown"]
    assert alarms == ([code] if type_ in {"ITEM_ERROR", "A_NEW_TYPE"} else [])
    if alarms:
        assert getattr(told.value, "retry_after", 0) == 3600


# --- an error inside an answer that is good otherwise ---------------------------------------------


@pytest.mark.daily(3)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ITEM_LOGIN_REQUIRED", "NEEDS_USER"), ("PASSWORD_RESET_REQUIRED", "NEEDS_USER"),
        ("ADDITIONAL_CONSENT_REQUIRED", "NEEDS_USER"), ("USER_PERMISSION_REVOKED", "REVOKED"),
        ("INSTITUTION_NO_LONGER_SUPPORTED", "REVOKED"), ("INSTITUTION_DOWN", "ACTIVE"),
        ("PRODUCT_NOT_READY", "ACTIVE"),
    ],
)  # fmt: skip
def test_the_error_of_an_item_is_acted_on_where_the_answer_is_good(
    stage: Stage, code: str, status: str
) -> None:
    item = link_one(stage, make_person())
    told = {"error": code, "answers": True}
    stage.control("POST", f"plaid/items/{item.item_id}", told)

    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    stage.work()

    item.refresh_from_db()
    assert (item.status, item.error_code) == (status, "" if status == "ACTIVE" else code)


@pytest.mark.parametrize("ask", ["get_item", "list_accounts", "get_identity", "index_numbers"])
def test_every_call_that_returns_an_item_reads_its_error(stage: Stage, ask: str) -> None:
    item = link_one(stage, make_person())
    account = item.accounts.get(subtype="checking").account_id
    told = {"error": "ITEM_LOCKED", "answers": True}
    stage.control("POST", f"plaid/items/{item.item_id}", told)

    with pytest.raises(Rejected) as refused:
        getattr(linker(), ask)(str(item.access_token))
    with pytest.raises(Rejected) as no_debit:
        linker().takes_debits(str(item.access_token), account)

    assert refused.value.code == no_debit.value.code == "needs_user"
    assert refused.value.problems == ("ITEM_LOCKED",)


def test_a_missing_consent_is_asked_for_when_the_bank_is_reconnected(family: Family) -> None:
    make_tenant_with_banks()
    person = get_own_applicant(family.parent, at=now())
    item = link_one(family.stage, person)
    told = {"error": "ADDITIONAL_CONSENT_REQUIRED"}
    family.stage.control("POST", f"plaid/items/{item.item_id}", told)
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    family.stage.work()
    page = family.client.get("/banks/").content.decode()
    item.refresh_from_db()

    started = start_link(applicant=person, kind="update", item=item, by="tests", at=now())
    token = started.link_token
    sent = family.stage.box.world.plaid.links.get(token).request  # type: ignore[union-attr]
    Window(family.stage.box).pass_link(token)
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    family.stage.work()

    assert "wants your permission for one thing more" in page
    assert sent["additional_consented_products"] == ["auth", "identity", "transactions"]
    assert PlaidItem.objects.get(pk=item.pk).status == "ACTIVE"


def test_a_bank_that_is_supported_no_more_is_told_as_that(family: Family) -> None:
    make_tenant_with_banks()
    item = link_one(family.stage, get_own_applicant(family.parent, at=now()))
    told = {"error": "INSTITUTION_NO_LONGER_SUPPORTED"}
    family.stage.control("POST", f"plaid/items/{item.item_id}", told)
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    family.stage.work()

    page = family.client.get("/banks/").content.decode()

    assert "First Platypus Bank can not be connected any more" in page
    assert "You ended our access" not in page


def test_a_phone_plaid_does_not_take_keeps_nobody_from_their_bank(stage: Stage) -> None:
    person = make_person()
    started = start(person, "link", phone="+12125550142")
    PlaidItem.objects.all().delete()
    stage.fault(kind="status", path="/plaid/link/token/create", status=403,
                code="INVALID_USER_IDENTITY_DATA")  # fmt: skip
    again = start(make_person(), "link", phone="+12125550143")

    asked = {row.token: row.request["user"] for row in stage.box.world.plaid.links}
    assert asked[started.link_token]["phone_number"] == "+12125550142"
    assert "phone_number" not in asked[again.link_token]
    assert finish(again.session.applicant, Window(stage.box).pass_link(again.link_token)).items


# --- webhooks -------------------------------------------------------------------------------------

HOOKS = [f"{type_}.{code}" for type_, codes in ITEM_WEBHOOKS.items() for code in codes]


def test_every_documented_webhook_is_followed_or_left_with_a_reason() -> None:
    named = {*HOOKS, *(f"{t}.{code}" for t, codes in LINK_WEBHOOKS.items() for code in codes)}

    assert named == {*_HANDLERS, *NOT_FOLLOWED}


@pytest.mark.daily(6)
@pytest.mark.parametrize("name", HOOKS)
def test_a_webhook_with_the_documented_fields_comes_to_an_end(stage: Stage, name: str) -> None:
    item = link_one(stage, make_person())
    stage.work()
    type_, _dot, code = name.partition(".")
    order = {"type": type_, "code": code}
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=None)

    stage.control("POST", f"plaid/items/{item.item_id}/webhooks", order)
    hook = max(stage.box.world.plaid.webhooks, key=lambda row: row.sequence)
    event = tell(name, hook.body)
    stage.work()

    event.refresh_from_db()
    item.refresh_from_db()
    assert event.status == ("IGNORED" if name in NOT_FOLLOWED else "DONE")
    ending = code in {"PENDING_DISCONNECT", "PENDING_EXPIRATION"}
    assert item.status == ("NEEDS_USER" if ending else "ACTIVE")


def test_an_unknown_webhook_is_kept_and_told_once(stage: Stage) -> None:
    cache.clear()
    item = link_one(stage, make_person())

    with structlog.testing.capture_logs() as lines:
        for _time in range(2):
            event = tell("ITEM.MOVED_TO_MARS", {"item_id": item.item_id})
            stage.work()
    event.refresh_from_db()

    assert event.status == "IGNORED"
    told = [line["word"] for line in lines if line["event"] == "vendor_word_unknown"]
    assert told == ["ITEM.MOVED_TO_MARS"]


def test_an_account_with_new_numbers_is_debited_no_more_until_it_is_chosen_again(
    family: Family, request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tenant_with_banks()
    stage = family.stage
    item = link_one(stage, get_own_applicant(family.parent, at=now()))
    chosen = item.accounts.get(subtype="checking")
    family.client.post("/banks/choose/", {"account": str(chosen.pk), "authorization": "on"})
    stage.work()
    order = {"type": "AUTH", "code": "DEFAULT_UPDATE", "subtype": "checking"}
    monkeypatch.setattr("core.queue._send", _end_banks)

    stage.control("POST", f"plaid/items/{item.item_id}/webhooks", order)
    hook = max(stage.box.world.plaid.webhooks, key=lambda row: row.sequence)
    tell("AUTH.DEFAULT_UPDATE", hook.body, mode="live")
    with request.getfixturevalue("django_capture_on_commit_callbacks")(execute=True):
        stage.work()
    bank = BankAccount.objects.get(source="PLAID")
    page = family.client.get("/banks/").content.decode()
    family.client.post("/banks/choose/", {"account": str(chosen.pk), "authorization": "on"})
    stage.work()

    assert (bank.status, bank.verified_at) == ("DISABLED", None)
    assert "changed the numbers of this account" in page
    again = BankAccount.objects.filter(source="PLAID").latest("created_at")
    assert (again.status, again.pk != bank.pk) == ("ACTIVE", True)
    assert PlaidAccount.objects.get(pk=chosen.pk).number_index


def _end_banks(task: str, kwargs: Any) -> None:
    from django.utils.module_loading import import_string

    if task == "brokerage.tasks.end_plaid_bank":
        import_string(task)(**kwargs)


def tell(name: str, body: dict[str, Any], mode: str = "test") -> PlaidEvent:
    """Keep a webhook as the address for them does, once its signature held."""
    count = PlaidEvent.objects.count()
    return PlaidEvent.objects.create(
        mode=mode, digest=str(count), type=name, payload=json.dumps(body),
        received_at=now(), next_step_at=now(),
    )  # fmt: skip
