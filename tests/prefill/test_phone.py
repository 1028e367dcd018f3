"""A code to the phone: who gets one, when again, how it ends, what it brings."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import DomainError, Invalid, NotNow
from prefill import limits
from prefill.gateway import get_phone_verifier
from prefill.models import Applicant, ApplicantConsent, PhoneSession
from prefill.operations import read_phone
from prefill.operations.phone_codes import WrongCode
from prefill.operations.phones import MethodNotSupported
from tests.prefill.cast import (
    CODE,
    FINE,
    IP_ADDRESS,
    SECOND_CODE,
    agree,
    confirm,
    make_person,
    make_prefilling_company,
    number,
    refusal,
    rung,
    start,
    texts,
    trail,
    values,
)
from tests.stage import Stage
from tests.tenants.company import Company

# By the number's last digits: delivery, what comes of the right code, and how the session ends.
OUTCOMES = [
    ("00", "sent", "VERIFIED", "VERIFIED", ""),
    ("01", "sent", "wrong_code", "PENDING", ""),
    ("02", "sent", "code_expired", "EXPIRED", "expired"),
    ("03", "sent", "VERIFIED", "VERIFIED", "ineligible"),
    ("04", "sent", "VERIFIED", "VERIFIED", "not_found"),
    ("05", "sent", "VERIFIED", "VERIFIED", "mismatch"),
    ("06", "refused", "wrong_code", "PENDING", "unsupported_number"),
    ("07", "refused", "wrong_code", "PENDING", "too_soon"),
]
REFUSED_NUMBERS = [
    ("+1 800 555 0199", "phone_kind"),
    ("900-555-0123", "phone_kind"),
    ("+1 500 555 0123", "phone_kind"),
    ("+1 787 555 0123", "phone_country"),
    ("+1 416 555 0123", "phone_country"),
    ("+44 20 7946 0018", "phone_country"),
    ("212 555 0142 x5", "phone_invalid"),
    ("tel:+12125550142;ext=5", "phone_invalid"),
    ("+1234567890", "phone_invalid"),
    ("111 222 3333", "phone_invalid"),
    ("555-1234", "phone_invalid"),
    ("", "phone_invalid"),
    ("9" * 300, "phone_invalid"),
]


def seen(session: PhoneSession) -> dict[str, Any]:
    """Return what the outside may know of a session that waits."""
    return {
        "status": session.status,
        "left": session.max_attempts - session.attempts,
        "resend_after": session.resend_at - session.created_at if session.resend_at else None,
        "expires_after": session.expires_at - session.created_at,
    }


# --- the way it should be -------------------------------------------------------------------------


def test_the_code_proves_the_number_and_brings_the_person(person: Applicant, stage: Stage) -> None:
    session = start(person, "(212) 555-0142", ip_address=IP_ADDRESS)
    verified = confirm(session, stage, " 123-456 ")

    person.refresh_from_db()
    consent = ApplicantConsent.objects.get(applicant=person)
    assert texts(stage, FINE) == [CODE]
    assert (verified.status, verified.identified, verified.attempts) == ("VERIFIED", True, 1)
    assert (person.phone, person.is_phone_verified) == (FINE, True)
    assert person.spinwheel_user_id == stage.state()["spinwheelUsers"][0]["userId"]
    assert values(person, "phone") == {"personal_info.phone_number": f'"{FINE}"'}
    assert {"personal_info.first_name", "personal_info.ssn_last4", "addresses"} <= set(
        values(person, "bureau")
    )
    assert rung(person) == ("DONE", "")
    assert (consent.ip_address, consent.user_agent) == (IP_ADDRESS, "Mozilla/5.0")
    assert "Acme" in consent.text
    assert "Fair Credit Reporting Act" in consent.text
    assert trail(session) == [
        "phone_session.code_requested",
        "phone_session.code_sent",
        "phone_session.code_tried",
        "phone_session.verified",
    ]
    # A second tab, or the same request again.
    assert confirm(session, stage).verified_at == verified.verified_at
    assert read_phone(session, at=stage.now() + timedelta(days=1)).status == "VERIFIED"


def test_every_number_is_answered_alike_and_ends_as_it_must(acme: Company, stage: Stage) -> None:
    for outcome, delivery, answer, status, reason in OUTCOMES:
        person = make_person(acme)
        session = start(person, number(outcome))

        assert seen(session) == {
            "status": "PENDING",
            "left": 3,
            "resend_after": timedelta(seconds=30),
            "expires_after": timedelta(minutes=5),
        }
        assert session.delivery == delivery
        if answer == "VERIFIED":
            assert confirm(session, stage).status == answer
        else:
            assert refusal(session, stage) == answer
        session.refresh_from_db()
        person.refresh_from_db()
        assert (outcome, session.status, session.reason) == (outcome, status, reason)
        assert person.is_phone_verified == (status == "VERIFIED")
        closed = ("CLOSED", "not_identified") if status == "VERIFIED" else None
        assert rung(person) == (("DONE", "") if outcome == "00" else closed)
        assert bool(values(person, "bureau")) == (outcome == "00")


# --- who may have a code --------------------------------------------------------------------------


def test_a_number_nobody_can_be_texted_at_is_refused_with_a_sentence(
    person: Applicant, stage: Stage
) -> None:
    for phone, code in REFUSED_NUMBERS:
        with pytest.raises(Invalid) as refused:
            start(person, phone)
        assert (phone, refused.value.code) == (phone, code)
        assert list(refused.value.fields) == ["phone_number"]

    assert not PhoneSession.objects.exists()
    assert stage.state()["texts"] == []


def test_what_else_is_refused(person: Applicant, acme: Company, stage: Stage) -> None:
    def code_of(**changes: Any) -> str:
        with pytest.raises(DomainError) as refused:
            start(person, FINE, **changes)
        return refused.value.code

    today = stage.now().date()
    assert start(person, "２１２５５５０１４２").phone == FINE  # full-width digits are digits
    with pytest.raises(MethodNotSupported):
        start(person, FINE, method="voice")
    assert code_of(country="CA") == "phone_country"
    assert code_of(date_of_birth=date(today.year - 18, today.month, today.day + 2)) == (
        "not_an_adult"
    )
    assert code_of(date_of_birth=date(1850, 1, 1)) == "invalid"
    assert code_of(instructions=replace(agree(acme.tenant), text_version="old")) == (
        "consent_outdated"
    )
    acme.tenant.country_codes = ["CA"]
    person.tenant.country_codes = ["CA"]
    assert code_of() == "phone_country"


def test_where_nobody_sends_codes_the_rung_is_closed(
    stage: Stage, settings: Any, acme: Company
) -> None:
    off = make_person(make_prefilling_company("off", phone_enabled=False))
    voice = make_person(make_prefilling_company("voice"))
    voice.tenant.phone_method = "voice"  # chosen while it was offered
    voice.tenant.save()
    person = make_person(acme)
    settings.SPINWHEEL = {mode: its | {"key": ""} for mode, its in settings.SPINWHEEL.items()}
    get_phone_verifier.cache_clear()

    for applicant in (off, voice, person):
        with pytest.raises(NotNow) as refused:
            start(applicant, FINE)
        assert refused.value.code == "phone_unavailable"
        assert rung(applicant) == ("CLOSED", "phone_unavailable")


# --- once more ------------------------------------------------------------------------------------


def test_the_gap_between_two_texts_grows_and_a_session_has_five(
    person: Applicant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NUMBER_SOON", (10, timedelta(minutes=10)))
    session = start(person, FINE)

    gaps = []
    for _text in range(5):
        session.refresh_from_db()
        assert session.resend_at is not None
        assert session.sent_at is not None
        gaps.append((session.resend_at - session.sent_at).total_seconds())
        stage.set_clock(session.resend_at - timedelta(seconds=2))
        assert start(person, FINE).sends == session.sends  # nothing is sent
        stage.advance(3)
        last, session = session, start(person, FINE)

    assert gaps == [30, 60, 120, 240, 300]
    assert session.pk != last.pk  # the sixth text is a new session's
    assert len(texts(stage, FINE)) == 6
    assert ApplicantConsent.objects.filter(applicant=person).count() == 2
    last.refresh_from_db()
    assert last.status == "EXPIRED"


def test_of_two_texts_only_the_newer_code_is_right(person: Applicant, stage: Stage) -> None:
    first = start(person, FINE)
    stage.advance(31)
    again = start(person, FINE)

    assert again.pk == first.pk
    assert refusal(first, stage, CODE) == "wrong_code"
    assert confirm(first, stage, SECOND_CODE).status == "VERIFIED"


def test_another_number_ends_the_session_of_the_first(person: Applicant, stage: Stage) -> None:
    first = start(person, FINE)
    second = start(person, number("43"))

    assert refusal(first, stage) == "code_expired"
    assert confirm(second, stage, SECOND_CODE).phone == number("43")
    first.refresh_from_db()
    assert (first.status, first.reason) == ("EXPIRED", "replaced")


def test_the_code_of_one_number_never_proves_another(person: Applicant, stage: Stage) -> None:
    start(person, FINE)
    unsupported = start(person, number("06"))

    assert refusal(unsupported, stage, CODE) == "wrong_code"
    person.refresh_from_db()
    assert not person.is_phone_verified


def test_a_code_lives_five_minutes(person: Applicant, stage: Stage) -> None:
    session = start(person, FINE)
    stage.advance(299)
    assert read_phone(session, at=stage.now()).status == "PENDING"
    stage.advance(2)

    assert refusal(session, stage) == "code_expired"
    assert read_phone(session, at=stage.now()).status == "EXPIRED"
    session.refresh_from_db()
    assert session.attempts == 0


def test_tries_are_counted_and_end(person: Applicant, stage: Stage) -> None:
    session = start(person, FINE)
    with pytest.raises(Invalid):
        confirm(session, stage, "12345")
    with pytest.raises(WrongCode) as wrong:
        confirm(session, stage, "000000")

    assert "2 tries left" in wrong.value.message
    assert (wrong.value.status, list(wrong.value.fields)) == (422, ["verification_code"])
    assert [refusal(session, stage, "000000") for _try in "ab"] == [
        "wrong_code",
        "too_many_attempts",
    ]
    assert refusal(session, stage, CODE) == "too_many_attempts"
    session.refresh_from_db()
    assert (session.status, session.attempts, session.reason) == (
        "FAILED", 3, "too_many_attempts",
    )  # fmt: skip
