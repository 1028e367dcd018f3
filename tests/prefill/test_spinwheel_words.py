"""Every word Spinwheel documents, played by its stand-in, and where each leads a person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from core.errors import DomainError
from prefill.models import Applicant, PhoneSession
from sandbox.spinwheel.words import CONNECT, OLDER, VERIFY
from tests.prefill.cast import CODE, FINE, confirm, rung, start, texts, trail
from tests.stage import Stage

PROVEN = ("VERIFIED", ("CLOSED", "not_identified"))
USED_UP = ("FAILED", ("CLOSED", "too_many_attempts"))
NEW_CODE = ("EXPIRED", None)
WAIT = ("PENDING", None)
UNCLEAR = ("FAILED", ("CLOSED", "not_identified"))

# what a right code is answered with -> the session, the rung, texts after asking once more
VERDICTS: dict[str, tuple[tuple[str, Any], int]] = {
    "EXPIRED": (NEW_CODE, 2),
    "INCORRECT": (WAIT, 2),
    "FAILED_ELIGIBILITY": (PROVEN, 1),
    "FAILED_IDENTIFICATION": (PROVEN, 1),
    "FAILED_IDENTIFICATION_INFO_MISMATCH": (PROVEN, 1),
    "MAX_ATTEMPTS_REACHED": (USED_UP, 2),
    "TOO_MANY_REQUESTS": (WAIT, 2),
    "UNSUPPORTED_NUMBER": (NEW_CODE, 2),
    "INCORRECT_CODE": (WAIT, 2),
    "EXPIRED_CODE": (NEW_CODE, 2),
    "INELIGIBLE_USER": (PROVEN, 1),
    "IDENTIFICATION_FAILED": (PROVEN, 1),
    "INFORMATION_MISMATCH": (PROVEN, 1),
    "TOO_MANY_ATTEMPTS": (USED_UP, 2),
    # documented nowhere
    "FAILED_FRAUD_CHECK": (PROVEN, 1),
    "BRAND_NEW_WORD": (UNCLEAR, 1),
    "BAD_REQUEST": (UNCLEAR, 1),
}
# what asking for a code is answered with -> the session, the reason staff read
REFUSALS: dict[str, tuple[str, str]] = {
    "INVALID_NUMBER": ("PENDING", "unsupported_number"),
    "UNSUPPORTED_COUNTRY_CODE": ("PENDING", "unsupported_number"),
    "MAX_ATTEMPTS_REACHED": ("PENDING", "too_soon"),
    "TOO_MANY_VERIFICATIONS": ("PENDING", "locked_number"),
    "TOO_MANY_REQUESTS": ("PENDING", "too_soon"),
    "UNSUPPORTED_NUMBER": ("PENDING", "unsupported_number"),
    "TOO_MANY_ATTEMPTS": ("PENDING", "too_soon"),
    "INELIGIBLE_USER": ("PENDING", "unsupported_number"),
    "BRAND_NEW_WORD": ("FAILED", "vendor_down"),
}


def answer_with(stage: Stage, **words: str) -> None:
    stage.control("POST", "spinwheel/people", {"phoneNumber": FINE} | words)


def told(act: Callable[[], Any]) -> str:
    """Return the code of a refusal; empty where there is none."""
    try:
        act()
    except DomainError as refusal:
        return refusal.code
    return ""


def test_every_documented_word_is_in_the_tables() -> None:
    assert {*VERIFY, *OLDER} - {*VERDICTS} == set()
    assert {*CONNECT} - {*REFUSALS} == set()


@pytest.mark.daily(6)
@pytest.mark.parametrize("word", VERDICTS)
def test_a_word_said_to_a_right_code_leads_to_a_sane_end(
    person: Applicant, stage: Stage, word: str
) -> None:
    (ends, sent) = VERDICTS[word]
    cache.clear()
    answer_with(stage, verifies=word)
    session = start(person, FINE)

    code = told(lambda: confirm(session, stage))

    assert code != "vendor_unavailable"
    session.refresh_from_db()
    assert (session.status, rung(person)) == ends
    assert session.identified is not True
    person.refresh_from_db()
    assert (person.phone_verified_at is not None) == (ends == PROVEN)
    stage.advance(61)
    assert told(lambda: start(person, FINE)) in {"", "phone_unavailable"}
    assert len(texts(stage, FINE)) == sent


@pytest.mark.parametrize("word", REFUSALS)
def test_a_word_said_to_a_request_for_a_code_sends_none(
    person: Applicant, stage: Stage, word: str
) -> None:
    answer_with(stage, connects=word)

    session = start(person, FINE)

    assert (session.status, session.reason) == REFUSALS[word]
    assert (session.delivery, texts(stage, FINE)) == ("refused", [])


def test_told_to_wait_a_session_lives_and_no_try_is_lost(person: Applicant, stage: Stage) -> None:
    session = start(person, FINE)
    for status in (400, 429, 429, 400):
        stage.fault(
            path="/spinwheel/*/verify", kind="status", status=status, code="TOO_MANY_REQUESTS"
        )
        with pytest.raises(DomainError) as wait:
            confirm(session, stage)
        assert (wait.value.code, wait.value.status) == ("too_soon", 429)
        assert wait.value.retry_after

    session.refresh_from_db()
    assert (session.status, session.attempts) == ("PENDING", 0)
    assert confirm(session, stage, CODE).status == "VERIFIED"
    assert trail(session).count("phone_session.code_not_judged") == 4


def test_a_person_nobody_knows_gets_one_text(person: Applicant, stage: Stage) -> None:
    answer_with(stage, verifies="FAILED_IDENTIFICATION")
    session = confirm(start(person, FINE), stage)

    stage.advance(61)
    again = start(person, FINE)

    assert (session.status, session.identified, session.reason) == ("VERIFIED", False, "not_found")
    assert (again.status, again.identified) == ("VERIFIED", False)
    assert len(texts(stage, FINE)) == 1


def test_a_code_judged_in_unknown_words_proves_nothing_and_is_not_sent_again(
    person: Applicant, stage: Stage
) -> None:
    answer_with(stage, verifies="A_WORD_OF_TOMORROW")
    session = start(person, FINE)

    with pytest.raises(DomainError) as judged:
        confirm(session, stage)
    for seconds in (0, 40, 3600):
        stage.advance(seconds)
        with pytest.raises(DomainError) as refused:
            start(person, FINE)
        assert refused.value.code == "phone_unavailable"

    person.refresh_from_db()
    assert (judged.value.code, person.phone_verified_at) == ("phone_unclear", None)
    assert "another way" in judged.value.message
    assert len(texts(stage, FINE)) == PhoneSession.objects.count() == 1
    other = "+12125550143"
    assert start(person, other).status == "PENDING"
    stage.advance(24 * 3600)
    assert start(person, FINE).status == "PENDING"
