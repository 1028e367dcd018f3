"""How many codes go out and how many are tried, also by many at once; what is written down."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import structlog
from django.db import connection

from core import retention
from core.errors import DomainError, NotNow
from core.models import AuditEntry, VendorAllowance
from prefill import limits
from prefill.limits import TooManyTexts
from prefill.models import Applicant, PhoneSession
from prefill.operations import erase_applicant
from prefill.phones import index_phone
from tests.core.vendor import at_once
from tests.prefill.cast import (
    BORN,
    CODE,
    FINE,
    IP_ADDRESS,
    confirm,
    make_person,
    number,
    refusal,
    start,
    texts,
    trail,
)
from tests.stage import Stage
from tests.tenants.company import Company

# --- how much -------------------------------------------------------------------------------------


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


def test_counts_nobody_needs_any_more_are_forgotten(acme: Company, stage: Stage) -> None:
    start(make_person(acme), FINE, ip_address=IP_ADDRESS)
    stage.advance(24 * 3600 + 60)
    start(make_person(acme), FINE)  # counted on in its rows
    used = set(VendorAllowance.objects.filter(taken__len__gt=1).values_list("name", flat=True))

    retention.forget(stage.now())

    left = VendorAllowance.objects.filter(name__startswith="texts:")
    assert set(left.values_list("name", flat=True)) >= used
    assert not left.filter(name__startswith="texts:ip:").exists()
    stage.advance(25 * 3600)
    retention.forget(stage.now())
    assert not left.exists()


# --- many at once ---------------------------------------------------------------------------------


@pytest.mark.slow
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


def test_who_is_erased_while_a_code_is_sent_is_to_be_forgotten_there_too(
    live_acme: Company, live_stage: Stage
) -> None:
    person = make_person(live_acme)
    live_stage.fault(path="/spinwheel/*/sms", kind="delay-after", seconds=0.5)

    def erase() -> None:
        deadline = time.monotonic() + 10
        while not PhoneSession.objects.exists():
            assert time.monotonic() < deadline
        erase_applicant(person, by="tests", at=live_stage.now())

    with ThreadPoolExecutor(1) as pool:
        erased = pool.submit(in_thread, erase)
        session = start(person, FINE)
        erased.result()

    person.refresh_from_db()
    assert person.spinwheel_user_id == live_stage.state()["spinwheelUsers"][0]["userId"]
    assert person.next_step_at is not None
    assert (person.phone, refusal(session, live_stage)) == ("", "user_erased")
    with pytest.raises(NotNow):
        start(person, FINE)
    live_stage.work()
    assert live_stage.state()["spinwheelUsers"] == []


def in_thread(work: Callable[[], None]) -> None:
    """Do it, and leave no connection behind."""
    try:
        work()
    finally:
        connection.close()


# --- what is written down -------------------------------------------------------------------------


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


def test_nobody_elses_turn_comes_while_the_vendor_may_still_answer(settings: Any) -> None:
    """A text may take two calls; of two texts at once the code of one could prove the other."""
    assert limits.TURN.total_seconds() > 2 * sum(settings.VENDOR_TIMEOUT)
