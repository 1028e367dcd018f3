"""A code to the phone: who gets one, when again, how often it may be tried, what it brings."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import structlog

from core import retention
from core.errors import DomainError, Invalid, NotNow
from core.models import AuditEntry, VendorAllowance, VendorCircuit
from prefill import limits
from prefill.gateway import get_phone_verifier
from prefill.limits import TooManyTexts
from prefill.models import Applicant, ApplicantConsent, PhoneSession
from prefill.operations import confirm_phone, mark_phone_proven, read_phone
from prefill.operations.phone_codes import VendorUnavailable, WrongCode
from prefill.operations.phones import MethodNotSupported
from prefill.phones import index_phone
from tenants.walls import inside
from tests.core.vendor import at_once
from tests.prefill.cast import (
    BORN,
    CODE,
    IP_ADDRESS,
    SECOND_CODE,
    agree,
    make_person,
    make_prefilling_company,
    number,
    rung,
    start,
    texts,
    trail,
    values,
)
from tests.stage import Stage
from tests.tenants.company import Company

FINE = number("42")
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


@pytest.fixture
def person(acme: Company) -> Applicant:
    return make_person(acme)


def confirm(session: PhoneSession, stage: Stage, code: str = CODE) -> PhoneSession:
    return confirm_phone(session=session, code=code, by="tests", at=stage.now())


def refusal(session: PhoneSession, stage: Stage, code: str = CODE) -> str:
    """Return the stable code of a refused try."""
    with pytest.raises(DomainError) as refused:
        confirm(session, stage, code)
    return refused.value.code


def seen(session: PhoneSession) -> dict[str, Any]:
    """Return what the outside may know of a session that waits."""
    return {
        "status": session.status,
        "left": session.max_attempts - session.attempts,
        "resend_after": session.resend_at - session.created_at if session.resend_at else None,
        "expires_after": session.expires_at - session.created_at,
    }


# --- the way it should be -----------------------------------------------------------------------


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


# --- who may have a code ------------------------------------------------------------------------


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
    voice = make_person(make_prefilling_company("voice", phone_method="voice"))
    person = make_person(acme)
    settings.SPINWHEEL = {mode: its | {"key": ""} for mode, its in settings.SPINWHEEL.items()}
    get_phone_verifier.cache_clear()

    for applicant in (off, voice, person):
        with pytest.raises(NotNow) as refused:
            start(applicant, FINE)
        assert refused.value.code == "phone_unavailable"
        assert rung(applicant) == ("CLOSED", "phone_unavailable")


# --- once more ----------------------------------------------------------------------------------


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


# --- lost answers, dead processes, vendors that are away ----------------------------------------


def test_a_lost_answer_is_never_sent_again_by_itself(person: Applicant, stage: Stage) -> None:
    stage.fault(path="/spinwheel/*/sms", kind="drop-after", times=1)

    session = start(person, FINE)

    assert (session.status, session.delivery, texts(stage, FINE)) == ("PENDING", "unknown", [CODE])
    assert refusal(session, stage) == "resend_code"  # we do not know where to have it judged
    stage.advance(31)
    assert start(person, FINE).pk == session.pk
    assert confirm(session, stage, SECOND_CODE).status == "VERIFIED"


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
    stage.advance(31)
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


# --- proven by somebody else --------------------------------------------------------------------


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


# --- how much -----------------------------------------------------------------------------------


def test_a_number_an_address_and_a_tenant_have_their_limits(
    acme: Company, stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def people(count: int) -> list[Applicant]:
        return [make_person(acme) for _number in range(count)]

    def count(phones: list[str], **changes: Any) -> tuple[int, float]:
        sent, wait = 0, 0.0
        for applicant, phone in zip(people(len(phones)), phones, strict=True):
            try:
                start(applicant, phone, **changes)
                sent += 1
            except TooManyTexts as refused:
                wait = refused.retry_after or 0
        return sent, wait

    sent, wait = count([FINE] * 4)
    assert (sent, 590 < wait <= 600) == (3, True)
    stage.advance(601)
    assert count([FINE])[0] == 1
    monkeypatch.setattr(limits, "ADDRESS_DAY", (2, timedelta(days=1)))
    many = [number(f"{tail}") for tail in range(20, 29)]
    assert count(many[:3], ip_address=IP_ADDRESS)[0] == 2
    settings.SMS_PER_DAY = 8  # six of them are used
    assert count(many[3:7])[0] == 2
    settings.SMS_PER_DAY = 0
    assert count(many[7:])[0] == 0
    # A refused one has taken nothing: the number may still be texted.
    held = VendorAllowance.objects.filter(name__contains=index_phone(many[2]))
    assert [row.taken for row in held] == [[], []]
    assert PhoneSession.objects.count() == 8


def test_counts_nobody_needs_any_more_are_forgotten(person: Applicant, stage: Stage) -> None:
    start(person, FINE, ip_address=IP_ADDRESS)
    stage.advance(24 * 3600 + 60)
    start(make_person_like(person), FINE)  # counted on in its rows
    used = set(VendorAllowance.objects.filter(taken__len__gt=1).values_list("name", flat=True))

    retention.forget(stage.now())

    left = VendorAllowance.objects.filter(name__startswith="texts:")
    assert set(left.values_list("name", flat=True)) >= used
    assert not left.filter(name__startswith="texts:ip:").exists()
    stage.advance(25 * 3600)
    retention.forget(stage.now())
    assert not left.exists()


def make_person_like(person: Applicant) -> Applicant:
    return Applicant.objects.create(
        tenant=person.tenant, mode=person.mode, created_at=person.created_at
    )


# --- many at once -------------------------------------------------------------------------------


def test_parallel_guesses_never_exceed_the_tries(live_acme: Company, live_stage: Stage) -> None:
    session = start(make_person(live_acme), FINE)

    answers = at_once(20, lambda: confirm(session, live_stage, "000000"))

    codes = sorted(answer.code for answer in answers if isinstance(answer, DomainError))
    assert len(codes) == 20
    assert codes.count("wrong_code") == 2
    assert set(codes) <= {"wrong_code", "too_many_attempts", "busy"}
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("FAILED", 3)
    assert trail(session).count("phone_session.code_tried") == 3
    calls = live_stage.box.world.calls
    assert calls["POST /spinwheel/v1/users/<user_id>/connect/sms/verify"] == 3


def test_two_tabs_with_the_right_code_both_see_it_verified(
    live_acme: Company, live_stage: Stage
) -> None:
    session = start(make_person(live_acme), FINE)
    live_stage.fault(path="/spinwheel/*/verify", kind="delay", seconds=0.4)

    answers = at_once(2, lambda: confirm(session, live_stage))

    assert [getattr(answer, "status", answer) for answer in answers] == ["VERIFIED"] * 2


def test_parallel_sends_never_exceed_the_limits(live_acme: Company, live_stage: Stage) -> None:
    people = [make_person(live_acme) for _number in range(20)]

    answers = at_once(20, lambda: start(people.pop(), FINE))
    one = make_person(live_acme)
    same = at_once(8, lambda: start(one, number("43")))

    sent = [answer for answer in answers if isinstance(answer, PhoneSession)]
    assert len(sent) == 3
    assert all(isinstance(answer, TooManyTexts) for answer in answers if answer not in sent)
    assert len({answer.pk for answer in same if isinstance(answer, PhoneSession)}) == 1
    assert [answer for answer in same if not isinstance(answer, PhoneSession)] == []
    assert len(texts(live_stage, number("43"))) == 1


# --- what is written down -----------------------------------------------------------------------


def test_neither_logs_nor_the_trail_hold_numbers_birthdays_or_codes(
    acme: Company, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    stage.fault(path="/spinwheel/*/verify", kind="malformed", times=1)
    with structlog.testing.capture_logs() as lines:
        for outcome in ("00", "04", "06", "09"):
            session = start(make_person(acme), number(outcome), ip_address=IP_ADDRESS)
            for code in (CODE, "765432"):
                try:
                    confirm(session, stage, code)
                except DomainError as refused:
                    lines.append({"event": refused.message})

    trails = list(AuditEntry.objects.values_list("verb", "subject", "actor", "detail"))
    names = list(VendorAllowance.objects.values_list("name", flat=True))
    written = f"{lines} {caplog.text} {trails} {names}"
    assert "vendor_call" in written
    assert "/v1/users/:id/connect/sms/verify" in written
    users = [user["userId"] for user in stage.state()["spinwheelUsers"]]
    for secret in (CODE, "765432", "55501", BORN.isoformat(), IP_ADDRESS, *users):
        assert secret not in written


def test_live_and_practice_people_are_asked_for_at_their_own_vendor(
    acme: Company, stage: Stage
) -> None:
    start(make_person(acme, mode="live"), FINE)
    start(make_person(acme), FINE, at=stage.now() + timedelta(seconds=1))

    names = VendorAllowance.objects.filter(name__startswith="texts:tenant:")
    assert sorted(name.split(":")[2] for name in names.values_list("name", flat=True)) == [
        "live", "test",
    ]  # fmt: skip
