"""Plaid's webhooks: signed, tried again, and disturbed to order."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from sandbox.server import Box
from tests.sandbox.plaids import Ear, PlaidCaller, check_webhook, listening


@pytest.fixture
def caller(box: Box) -> Iterator[PlaidCaller]:
    caller = PlaidCaller(box)
    yield caller
    caller.close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as ear:
        yield ear


def settle(caller: PlaidCaller, sequence: int, tries: int) -> tuple[str, list[str]]:
    """Wait until a webhook was tried so often; return its status and the answers it got."""
    for _time in range(400):
        row = caller.state("plaidWebhooks")[sequence - 1]
        if len(row["answers"]) >= tries:
            return row["status"], row["answers"]
        time.sleep(0.01)
    raise AssertionError(row)


def test_a_layer_session_is_told_and_the_signature_holds(caller: PlaidCaller, ear: Ear) -> None:
    token = caller.layer_token(webhook=ear.url)
    public = caller.pass_layer(token)
    left = caller.layer_token(webhook=ear.url)
    caller.window("exit", left)
    caller.window("exit", left)

    assert ear.codes(3) == ["LAYER_AUTHENTICATION_PASSED", "SESSION_FINISHED", "SESSION_FINISHED"]
    bodies = [json.loads(body) for _, body in ear.heard]
    assert bodies[0]["link_token"] == bodies[1]["link_token"] == token
    assert (bodies[1]["status"], bodies[1]["public_tokens"]) == ("SUCCESS", [public])
    assert (bodies[2]["status"], bodies[2]["public_tokens"]) == ("EXITED", [])
    for signature, body in ear.heard:
        assert check_webhook(caller, signature, body, time.time()) == ""
    signature, body = ear.heard[0]
    assert check_webhook(caller, signature, body + b" ", time.time()) == "wrong hash"
    assert check_webhook(caller, ear.heard[1][0], body, time.time()) == "wrong hash"
    assert check_webhook(caller, signature, body, time.time() + 400) == "stale"
    head, claims, last = signature.split(".")
    assert check_webhook(caller, f"{head}.{claims}.{last[::-1]}", body, time.time())


def test_an_item_tells_of_its_data_and_troubles(caller: PlaidCaller, ear: Ear) -> None:
    access, item_id = caller.item(ear.url, "transactions")
    caller.wait(3)
    caller.ask("sandbox_item_reset_login", access_token=access)
    caller.control(f"plaid/items/{item_id}", error="HEALTHY")
    caller.ask(
        "sandbox_item_fire_webhook", access_token=access, webhook_code="NEW_ACCOUNTS_AVAILABLE"
    )
    caller.control(f"plaid/items/{item_id}/webhooks", code="PENDING_DISCONNECT")
    changed = caller.ask("item_webhook_update", access_token=access, webhook=f"{ear.url}/elsewhere")

    assert changed["item"]["webhook"] == f"{ear.url}/elsewhere"
    assert ear.codes(6) == [
        "SYNC_UPDATES_AVAILABLE",
        "ERROR",
        "LOGIN_REPAIRED",
        "NEW_ACCOUNTS_AVAILABLE",
        "PENDING_DISCONNECT",
        "WEBHOOK_UPDATE_ACKNOWLEDGED",
    ]
    bodies = [json.loads(body) for _, body in ear.heard]
    assert {body["item_id"] for body in bodies} == {item_id}
    assert bodies[1]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"


def test_what_is_not_taken_is_sent_again_ever_later_until_given_up(
    caller: PlaidCaller, ear: Ear
) -> None:
    ear.answers = [500] * 7
    _, item_id = caller.item(ear.url)
    caller.control(f"plaid/items/{item_id}/webhooks", code="LOGIN_REPAIRED")

    for count, pause in enumerate((30, 120, 480, 1920, 7680, 30_720), start=1):
        assert settle(caller, 1, count) == ("WAITING", ["500"] * count)
        caller.wait(pause - 5)
        caller.wait(6)

    assert settle(caller, 1, 7) == ("GIVEN_UP", ["500"] * 7)
    caller.control("plaid/webhooks/1")
    assert settle(caller, 1, 8) == ("DELIVERED", ["500"] * 7 + ["200"])
    assert caller.control("plaid/webhooks/99").status_code == 400


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("webhook-stale", "stale"),
        ("webhook-wrong-hash", "wrong hash"),
        ("webhook-unknown-kid", "unknown kid"),
    ],
)
def test_one_that_does_not_hold_comes_before_the_true_one(
    caller: PlaidCaller, ear: Ear, kind: str, problem: str
) -> None:
    ear.answers = [401]
    caller.control("faults", kind=kind, event="ITEM.*")
    _, item_id = caller.item(ear.url)
    caller.control(f"plaid/items/{item_id}/webhooks", code="LOGIN_REPAIRED")

    (bad, body), (good, same) = ear.wait_for(2)
    assert body == same
    assert check_webhook(caller, bad, body, time.time()) == problem
    assert check_webhook(caller, good, body, time.time()) == ""
    assert settle(caller, 1, 1) == ("DELIVERED", ["200"])
    assert caller.state("faults")[0]["answer"] == "401"


def test_webhooks_go_out_twice_late_overtaken_or_not_at_all(caller: PlaidCaller, ear: Ear) -> None:
    _, item_id = caller.item(ear.url)
    for kind, event in (
        ("webhook-duplicate", "ITEM.LOGIN_REPAIRED"),
        ("webhook-drop", "ITEM.PENDING_EXPIRATION"),
        ("webhook-reorder", "ITEM.PENDING_DISCONNECT"),
        ("webhook-late", "ITEM.NEW_ACCOUNTS_AVAILABLE"),
    ):
        assert caller.control("faults", kind=kind, event=event, seconds=900).ok
    codes = (
        "LOGIN_REPAIRED",
        "PENDING_EXPIRATION",
        "PENDING_DISCONNECT",
        "NEW_ACCOUNTS_AVAILABLE",
        "USER_PERMISSION_REVOKED",
    )
    for code in codes:
        caller.control(f"plaid/items/{item_id}/webhooks", code=code)

    early = ear.codes(4)
    caller.wait(901)
    assert early == [codes[0], codes[0], codes[4], codes[2]]
    assert ear.codes(5)[4] == codes[3]
    assert caller.state("plaidWebhooks")[1]["status"] == "DROPPED"
