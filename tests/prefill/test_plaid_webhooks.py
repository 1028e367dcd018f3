"""Plaid's webhooks: whom we believe, how often we ask, and what a believed one leads to."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache

from core.models import AuditEntry
from core.retention import forget
from prefill import limits, sweeps
from prefill.gateway import get_bank_linker
from prefill.models import Applicant, LinkSession, PlaidEvent, PlaidItem, PlaidTransaction
from prefill.operations import advance_event, finish_link, start_link
from tests.prefill.banking import ONE_BANK, Window, deliver, link_one, make_person, now, post
from tests.sandbox.plaids import Ear, listening
from tests.stage import Stage

KEY_GET = "POST /plaid/webhook_verification_key/get"


@pytest.fixture
def ear(stage: Stage, settings: Any) -> Iterator[Ear]:
    """Where Plaid posts to; the tests carry it on to the site."""
    cache.clear()
    with listening() as ear:
        settings.PLAID = {
            mode: its | {"webhook_url": ear.url} for mode, its in settings.PLAID.items()
        }
        get_bank_linker.cache_clear()
        yield ear


@pytest.fixture
def person(ear: Ear) -> Applicant:
    return make_person()


def asked_keys(stage: Stage) -> int:
    return int(stage.box.world.calls[KEY_GET])


def signed_one(stage: Stage, ear: Ear, person: Applicant) -> tuple[str, bytes]:
    """Return one true webhook, not yet handed in."""
    started = start_link(applicant=person, kind="layer", by="tests", at=now())
    Window(stage.box).act("exit", started.link_token)
    return ear.wait_for(1)[0]


def test_what_plaid_signed_is_taken_once(stage: Stage, ear: Ear, person: Applicant) -> None:
    signature, body = signed_one(stage, ear, person)

    answers = [post(signature, body).status_code for _time in range(3)]

    assert answers == [200, 200, 200]
    event = PlaidEvent.objects.get()
    assert (event.type, event.mode) == ("LINK.SESSION_FINISHED", "test")
    assert event.payload == body.decode()
    assert asked_keys(stage) == 1


def test_nothing_else_is(stage: Stage, ear: Ear, person: Applicant, settings: Any) -> None:
    signature, body = signed_one(stage, ear, person)
    head, claims, last = signature.split(".")
    kid = jwt.get_unverified_header(signature)["kid"]
    told = {"iat": int(time.time()), "request_body_sha256": hashlib.sha256(body).hexdigest()}
    key = ec.generate_private_key(ec.SECP256R1())

    def forge(algorithm: str = "ES256", secret: Any = key, **changes: Any) -> str:
        return jwt.encode(told | changes, secret, algorithm=algorithm, headers={"kid": kid})

    spelled_anew = json.dumps(json.loads(body)).encode()
    public = base64.b64encode(b"0" * 32).decode()
    refused = [
        ("", body), ("x.y.z", body), (f"{head}.{claims}.", body), (f"{head}.{claims}", body),
        (f"{head}.{claims}.{last[::-1]}", body), (signature, body + b" "),
        (signature, spelled_anew), (signature, b""), (forge(), body),
        (forge("none", ""), body), (forge("HS256", public), body), (forge(iat=None), body),
        (signature + "a" * 5000, body),
    ]  # fmt: skip
    for given, content in refused:
        assert post(given, content).status_code == 401, given
    assert post(signature, body, "/api/webhooks/plaid/none").status_code == 404
    assert post(signature, b"x" * (64 * 1024 + 1)).status_code == 413
    assert not PlaidEvent.objects.exists()
    assert asked_keys(stage) == 1
    assert post(signature, body).status_code == 200


@pytest.mark.parametrize("kind", ["webhook-stale", "webhook-wrong-hash", "webhook-unknown-kid"])
def test_what_the_sandbox_sends_wrongly_is_refused(
    stage: Stage, ear: Ear, person: Applicant, kind: str
) -> None:
    stage.fault(kind=kind, times=1)
    started = start_link(applicant=person, kind="layer", by="tests", at=now())
    Window(stage.box).act("exit", started.link_token)

    answers = [post(signature, body).status_code for signature, body in ear.wait_for(2)]

    assert answers == [401, 200]


def test_the_age_of_a_signature_is_judged_by_real_time(
    stage: Stage, ear: Ear, person: Applicant
) -> None:
    signature, body = signed_one(stage, ear, person)
    issued = jwt.decode(signature, options={"verify_signature": False})["iat"]
    import time_machine

    for seconds, right in ((301, 401), (-11, 401), (299, 200), (-9, 200)):
        with time_machine.travel(issued + seconds, tick=False):
            assert post(signature, body).status_code == right, seconds
    stage.advance(3600)
    assert post(signature, body).status_code == 200


def test_made_up_keys_have_plaid_asked_a_few_times_a_minute(
    stage: Stage, ear: Ear, person: Applicant
) -> None:
    signature, body = signed_one(stage, ear, person)
    assert post(signature, body).status_code == 200
    key = ec.generate_private_key(ec.SECP256R1())

    answers = set()
    for number in range(50):
        forged = jwt.encode(
            {"iat": int(time.time()), "request_body_sha256": "0" * 64}, key, algorithm="ES256",
            headers={"kid": f"made-up-{number}"},
        )  # fmt: skip
        answers.add(post(forged, body).status_code)
        answers.add(post(forged, body).status_code)

    assert answers == {401, 503}
    assert asked_keys(stage) <= 1 + limits.KEYS[0]
    assert post(signature, body).status_code == 200  # the known key goes on
    forged = jwt.encode({"iat": 1}, key, algorithm="ES256", headers={"kid": "somebody-else's"})
    assert post(forged, body, REMOTE_ADDR="203.0.113.9").status_code == 401  # not one's own fault


def test_a_key_that_has_ended_signs_nothing(stage: Stage, ear: Ear, person: Applicant) -> None:
    signature, body = signed_one(stage, ear, person)
    kid = jwt.get_unverified_header(signature)["kid"]
    linker = get_bank_linker("test")
    assert linker is not None
    name = f"plaid-key:test:{hashlib.sha256(kid.encode()).hexdigest()}"
    cache.set(name, linker.get_webhook_key(kid) | {"expired_at": 1}, 60)

    assert post(signature, body).status_code == 401


def test_the_webhook_ends_a_session_that_the_browser_has_not(
    stage: Stage, ear: Ear, person: Applicant
) -> None:
    started = start_link(applicant=person, kind="layer", by="tests", at=now())
    token = Window(stage.box).pass_layer(started.link_token, ONE_BANK)
    assert deliver(ear, 2) == [("LAYER_AUTHENTICATION_PASSED", 200), ("SESSION_FINISHED", 200)]

    while sweeps.take_events(now()):
        pass

    session = LinkSession.objects.get()
    assert session.status == "FINISHED"
    assert session.proven_at
    item = PlaidItem.objects.get()
    person.refresh_from_db()
    assert (item.status, person.phone) == ("ACTIVE", ONE_BANK)
    late = finish_link(applicant=person, public_token=token, by="tests", at=now())
    assert [row.pk for row in late.items] == [item.pk]
    assert set(PlaidEvent.objects.values_list("status", flat=True)) == {"DONE"}


def test_the_webhook_after_the_browser_changes_nothing(
    stage: Stage, ear: Ear, person: Applicant
) -> None:
    started = start_link(applicant=person, kind="layer", by="tests", at=now())
    token = Window(stage.box).pass_layer(started.link_token, ONE_BANK)
    finish_link(applicant=person, public_token=token, by="tests", at=now())
    before = PlaidItem.objects.get().pk
    deliver(ear, 2)
    stage.work()

    assert PlaidItem.objects.get().pk == before
    assert AuditEntry.objects.filter(verb="link.finished").count() == 1
    left = start_link(applicant=person, kind="link", by="tests", at=now())
    assert LinkSession.objects.get(pk=left.session.pk).status == "CREATED"


@pytest.mark.slow
def test_troubles_of_an_item_are_read_again_at_plaid(
    stage: Stage, ear: Ear, person: Applicant
) -> None:
    item = link_one(stage, person)
    stage.advance(3)
    heard = 1
    assert deliver(ear, heard) == [("SYNC_UPDATES_AVAILABLE", 200)]
    stage.work(4)
    assert PlaidTransaction.objects.count() == 32

    def tell(path: str, **order: str) -> None:
        nonlocal heard
        stage.control("POST", f"plaid/items/{item.item_id}{path}", order)
        heard += 1
        assert deliver(ear, heard)[-1][1] == 200
        stage.work(4)
        item.refresh_from_db()

    tell("", error="ITEM_LOGIN_REQUIRED")
    assert (item.status, item.error_code) == ("NEEDS_USER", "ITEM_LOGIN_REQUIRED")
    tell("", error="HEALTHY")
    assert (item.status, item.error_code) == ("ACTIVE", "")
    tell("/webhooks", code="USER_PERMISSION_REVOKED")
    assert item.status == "ACTIVE"  # Plaid, asked, says that all is well
    tell("/webhooks", code="PENDING_DISCONNECT")
    assert (item.status, item.error_code) == ("NEEDS_USER", "PENDING_DISCONNECT")
    tell("/webhooks", code="NEW_ACCOUNTS_AVAILABLE")
    assert item.status == "NEEDS_USER"
    tell("/webhooks", code="LOGIN_REPAIRED")
    assert (item.status, item.error_code) == ("ACTIVE", "")
    tell("/webhooks", code="DEFAULT_UPDATE")
    tell("", error="USER_PERMISSION_REVOKED")
    assert item.status == "REVOKED"
    assert set(PlaidEvent.objects.values_list("status", flat=True)) == {"DONE"}


@pytest.mark.slow
def test_what_is_unknown_is_stored_and_let_be(stage: Stage, ear: Ear, person: Applicant) -> None:
    event = {"mode": "test", "digest": "0", "received_at": now(), "next_step_at": now()}
    PlaidEvent.objects.create(type="BEACON.NEWS", payload="{}", **event)
    elsewhere = json.dumps({"item_id": "somebody-elses"})
    PlaidEvent.objects.create(type="ITEM.ERROR", payload=elsewhere, **event | {"digest": "1"})
    PlaidEvent.objects.create(type="malformed", payload="no json", **event | {"digest": "2"})
    for _time in range(12):
        stage.work(3)
        stage.advance(1900)

    assert set(PlaidEvent.objects.values_list("status", flat=True)) == {"IGNORED"}


def test_a_webhook_of_the_practice_people_moves_no_live_one(
    stage: Stage, ear: Ear, person: Applicant
) -> None:
    item = link_one(stage, person)
    PlaidItem.objects.filter(pk=item.pk).update(mode="live", next_step_at=None)
    PlaidEvent.objects.create(
        mode="test", digest="0", type="ITEM.ERROR", received_at=now(), next_step_at=now(),
        payload=json.dumps({"item_id": item.item_id}),
    )  # fmt: skip
    sweeps.take_events(now())

    assert PlaidItem.objects.get(pk=item.pk).next_step_at is None


@pytest.mark.slow
def test_a_crash_after_its_end_leaves_a_webhook_at_its_end(
    stage: Stage, ear: Ear, person: Applicant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, body = signed_one(stage, ear, person)
    post(signature, body)
    event = PlaidEvent.objects.get()

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(PlaidEvent, "release", die)
        with pytest.raises(KeyboardInterrupt):
            advance_event(event.pk, at=now())
    with structlog.testing.capture_logs() as entries:
        for _try in range(settings.PARK_AFTER + 1):
            stage.advance(1900)
            stage.work(2)

    event.refresh_from_db()
    assert (event.status, event.next_step_at, event.parked_at) == ("DONE", None, None)
    assert [entry for entry in entries if entry.get("exc_info")] == []


@pytest.mark.django_db
def test_old_webhooks_go_but_for_those_that_wait_for_a_person() -> None:
    old = now() - timedelta(days=91)
    for number, status in enumerate(PlaidEvent.Status.values):
        PlaidEvent.objects.create(
            mode="test", digest=str(number), type="ITEM.ERROR", status=status,
            payload="{}", received_at=old,
        )  # fmt: skip

    forget(now())

    assert [event.status for event in PlaidEvent.objects.all()] == ["RECEIVED"]
