"""Codes whose answer is lost, vendors that are away, and numbers that somebody else proved."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.models import VendorAllowance, VendorCircuit
from prefill.gateway import get_phone_verifier
from prefill.limits import TooManyTexts
from prefill.models import Applicant, PhoneSession
from prefill.operations import mark_phone_proven
from prefill.operations.phone_codes import VendorUnavailable
from tenants.walls import inside
from tests.prefill.cast import (
    CODE,
    FINE,
    SECOND_CODE,
    confirm,
    number,
    refusal,
    rung,
    start,
    texts,
    values,
)
from tests.stage import Stage

# --- lost answers, dead processes, vendors that are away ------------------------------------------


def test_a_lost_answer_is_never_sent_again_by_itself(person: Applicant, stage: Stage) -> None:
    stage.fault(path="/spinwheel/*/sms", kind="drop-after", times=1)

    session = start(person, FINE)

    assert (session.status, session.delivery, texts(stage, FINE)) == ("PENDING", "unknown", [CODE])
    assert refusal(session, stage) == "resend_code"  # we do not know where to have it judged
    stage.advance(31)
    assert start(person, FINE).pk == session.pk
    assert confirm(session, stage, SECOND_CODE).status == "VERIFIED"


def test_a_code_ends_when_the_vendor_says_where_that_is_sooner(
    person: Applicant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.spinwheel.connections.LIFETIME", timedelta(minutes=2))
    shorter = start(person, FINE)
    monkeypatch.setattr("sandbox.spinwheel.connections.LIFETIME", timedelta(seconds=5))
    odd = start(person, "+12125550143")  # a clock that is behind ours, more likely than such a code

    left = shorter.expires_at - stage.now()
    assert timedelta(minutes=1) < left <= timedelta(minutes=2)
    assert odd.expires_at - stage.now() > timedelta(minutes=4)


def test_a_late_answer_is_a_lost_one(person: Applicant, stage: Stage, settings: Any) -> None:
    settings.VENDOR_TIMEOUT = (1, 0.3)
    world = stage.box.world
    world.config = replace(world.config, spinwheel_slow_seconds=0.8)

    session = start(person, number("08"))

    assert (session.status, session.delivery) == ("PENDING", "unknown")
    assert texts(stage, number("08")) == [CODE]


def test_a_process_that_dies_leaves_a_session_that_goes_on(
    person: Applicant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("prefill.operations.phones._note_sent", die)
        dying.setattr("core.vendors.Allowance.give_back", lambda *_: None)
        with pytest.raises(Killed):
            start(person, FINE)
    session = PhoneSession.objects.get()
    assert (session.status, session.delivery, session.sends) == ("PENDING", "unknown", 1)
    assert start(person, FINE).pk == session.pk
    assert len(texts(stage, FINE)) == 1
    stage.advance(61)  # whose turn it was
    again = start(person, FINE)

    assert (again.pk, again.sends, again.delivery) == (session.pk, 2, "sent")
    assert confirm(again, stage, SECOND_CODE).status == "VERIFIED"


def test_a_lost_verdict_stays_counted_and_asks_for_another_try(
    person: Applicant, stage: Stage
) -> None:
    session = start(person, FINE)
    stage.fault(path="/spinwheel/*/verify", kind="html", status=502, times=1)

    with pytest.raises(VendorUnavailable):
        confirm(session, stage)

    session.refresh_from_db()
    assert (session.status, session.attempts) == ("PENDING", 1)
    assert confirm(session, stage).status == "VERIFIED"


def test_when_the_vendor_is_down_the_rung_is_closed(person: Applicant, stage: Stage) -> None:
    broken = start(person, number("09"))
    VendorCircuit.objects.update_or_create(
        vendor="spinwheel-test",
        defaults={"failures": 5, "open_until": stage.now() + timedelta(minutes=1)},
    )
    resting = start(person, FINE)

    for session, delivery in ((broken, "unknown"), (resting, "refused")):
        assert (session.status, session.reason) == ("FAILED", "vendor_down")
        assert session.delivery == delivery
    assert rung(person) == ("CLOSED", "vendor_down")
    # What was certainly not sent is not counted.
    counts = {row.name.split(":")[1]: len(row.taken) for row in VendorAllowance.objects.all()}
    assert counts["tenant"] == 1


def test_a_key_that_is_refused_closes_the_rung(
    person: Applicant, stage: Stage, settings: Any
) -> None:
    settings.SPINWHEEL = {mode: its | {"key": "old"} for mode, its in settings.SPINWHEEL.items()}
    get_phone_verifier.cache_clear()

    assert (start(person, FINE).status, rung(person)) == ("FAILED", ("CLOSED", "vendor_down"))


def test_a_person_the_vendor_forgot_is_connected_anew(person: Applicant, stage: Stage) -> None:
    confirm(start(person, number("04")), stage)
    person.refresh_from_db()
    verifier = get_phone_verifier("test")
    assert verifier is not None
    verifier.forget(person.spinwheel_user_id)
    verifier.forget(person.spinwheel_user_id)  # twice is fine

    session = start(person, FINE)

    assert confirm(session, stage).identified
    assert session.spinwheel_user_id != person.spinwheel_user_id


# --- proven by somebody else ----------------------------------------------------------------------


def test_a_number_layer_proved_gets_no_text(person: Applicant, stage: Stage) -> None:
    waiting = start(person, FINE)
    with inside(person.tenant_id):
        mark_phone_proven(person, phone=FINE, by="plaid", at=stage.now())
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("EXPIRED", "proven_by_layer")

    session = start(person, FINE)

    assert (session.status, session.method, session.identified) == ("VERIFIED", "preverified", True)
    assert len(texts(stage, FINE)) == 1
    assert "personal_info.last_name" in values(person, "bureau")
    assert rung(person) == ("DONE", "")
    assert confirm(session, stage, "000000").pk == session.pk
    assert start(person, FINE).pk == session.pk  # somebody is identified
    stage.advance(31 * 24 * 3600)
    assert start(person, FINE).status == "PENDING"  # proven too long ago


def test_birthdays_are_not_tried_on_a_proven_number(person: Applicant, stage: Stage) -> None:
    stage.control("POST", "spinwheel/people", {"phoneNumber": FINE, "dob": "1970-01-01"})
    with inside(person.tenant_id):
        mark_phone_proven(person, phone=FINE, by="plaid", at=stage.now())

    for day in range(1, 6):
        assert start(person, FINE, date_of_birth=date(1970, 1, day + 1)).reason == "mismatch"
    with pytest.raises(TooManyTexts):
        start(person, FINE, date_of_birth=date(1970, 1, 1))

    assert rung(person) == ("CLOSED", "not_identified")


def test_without_lookups_a_proven_number_is_just_verified(
    person: Applicant, stage: Stage, settings: Any
) -> None:
    settings.SPINWHEEL = {
        mode: its | {"preverified": False} for mode, its in settings.SPINWHEEL.items()
    }
    get_phone_verifier.cache_clear()
    with inside(person.tenant_id):
        mark_phone_proven(person, phone=FINE, by="plaid", at=stage.now())
        mark_phone_proven(person, phone="nonsense", by="plaid", at=stage.now())

    session = start(person, FINE)

    assert (session.status, session.identified) == ("VERIFIED", None)
    assert start(person, FINE).pk == session.pk
    assert stage.state()["spinwheelUsers"] == []
