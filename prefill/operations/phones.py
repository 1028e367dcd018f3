"""Having a code texted to an applicant's phone: who may, when again, and what came of it.

A text can not be taken back and its answer may be lost. So the intent is committed first; after
that the text counts as sent, and only a person who asks again, later, has another one sent.
"""

from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import age_on
from accounts.validators import clean_birth_date
from core import audit
from core.clock import NEW_YORK
from core.errors import DomainError, Invalid, NotNow
from prefill.agreements import Instructions, check_instructions, record_instructions
from prefill.gateway import (
    CodeSent,
    PhoneVerifier,
    Rejected,
    Unavailable,
    get_phone_verifier,
)
from prefill.ladder import PROVEN_FOR, set_rung
from prefill.limits import Taken, TooManyTexts, one_at_a_time, take_text
from prefill.models import Applicant, PhoneSession, Rung
from prefill.operations.applicants import lock_applicant
from prefill.operations.phone_codes import UNCLEAR
from prefill.operations.phone_lookups import look_up
from prefill.operations.phone_proofs import (
    By,
    end_open_sessions,
    end_session,
    note_birthday,
    remember_user,
)
from prefill.operations.refusals import refusals_recorded
from prefill.phones import Ask, clean_phone
from tenants.models import PhoneMethod, Tenant
from tenants.walls import inside

ADULT = 18
CODE_LIVES = timedelta(minutes=5)
SHORTEST_CODE = timedelta(minutes=1)
FIRST_GAP = timedelta(seconds=30)  # and twice as long after each text
MOST_SENDS = 5
UNCLEAR_FOR = timedelta(days=1)  # by then somebody has read what the vendor meant
SENT, UNKNOWN, REFUSED = "sent", "unknown", "refused"
VENDOR_DOWN = "vendor_down"
Status = PhoneSession.Status
log = structlog.get_logger()


class MethodNotSupported(DomainError):
    """Codes do not go out this way."""

    code = "method_not_supported"
    status = 422


def start_phone(
    *,
    applicant: Applicant,
    phone: str,
    country: str = "US",
    method: str = "sms",
    date_of_birth: date,
    instructions: Instructions,
    ip_address: str | None,
    by: By,
    at: datetime,
) -> PhoneSession:
    """Have a code texted, and return the session that waits for it.

    Asked again too soon, the same session comes back and nothing is sent. A number that was proven
    not long ago gets no text: who is behind it is looked up at once, where that is possible. What
    comes back says nothing about whether the number or the person is known.

    :param ip_address: the person's, which is counted; None where only a server's is known
    :raises MethodNotSupported: not one of `PHONE_METHODS`
    :raises Invalid: the number, the date of birth or the agreement can not be used
    :raises NotNow: not offered here, or a code to this number came to nothing we understand
        (`phone_unavailable`); erased, or another call is under way
    :raises TooManyTexts: of this number, address or tenant
    """
    with refusals_recorded("applicant.phone_refused", applicant, by=by, at=at):
        number = check_phone(
            tenant=applicant.tenant, phone=phone, country=country, method=method,
            date_of_birth=date_of_birth, instructions=instructions, at=at,
        )  # fmt: skip
        ask = Ask(number, date_of_birth, instructions, ip_address or None, by, at)
        return _start(applicant, ask, _get_verifier(applicant, by=by, at=at))


def check_phone(
    *,
    tenant: Tenant,
    phone: str,
    country: str,
    method: str,
    date_of_birth: date,
    instructions: Instructions,
    at: datetime,
) -> str:
    """Return the number in E.164 that a code may be texted to, as far as can be told unasked.

    :raises MethodNotSupported: anything but `sms`
    :raises Invalid: the number, the date of birth or the agreement can not be used
    """
    if method not in settings.PHONE_METHODS:
        message = _("We send codes by text message only.")
        raise MethodNotSupported(message, fields={"method": message})
    number = clean_phone(phone, country=country, countries=tenant.country_codes)
    _check_adult(date_of_birth, at=at)
    check_instructions(instructions, tenant)
    return number


def read_phone(session: PhoneSession, *, at: datetime) -> PhoneSession:
    """Return the session as it stands; one whose time is up expires by being looked at."""
    with inside(session.tenant_id):
        present = PhoneSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        if present.status == Status.PENDING and at >= present.expires_at:
            end_session(present, Status.EXPIRED, reason="time", by="prefill", at=at)
    return present


def _start(applicant: Applicant, ask: Ask, verifier: PhoneVerifier) -> PhoneSession:
    if waiting := _find_waiting(applicant, ask):
        return waiting  # without waiting for who is texting just now
    with one_at_a_time(applicant.pk, at=ask.at):
        if proven_at := _when_proven(applicant, ask):
            return look_up(applicant, ask, verifier, proven_at=proven_at)
        _check_not_unclear(applicant, ask)
        return _find_waiting(applicant, ask) or _send(applicant, ask, verifier)


def _get_verifier(applicant: Applicant, *, by: By, at: datetime) -> PhoneVerifier:
    tenant = applicant.tenant
    offered = tenant.phone_enabled and tenant.phone_method != PhoneMethod.VOICE
    verifier = get_phone_verifier(applicant.mode) if offered else None
    if verifier is None:
        with inside(applicant.tenant_id):
            _close_rung(lock_applicant(applicant), "phone_unavailable", by=by, at=at)
        message = _("We can not send codes just now. You can fill in the form by hand.")
        raise NotNow(message, code="phone_unavailable")
    return verifier


def _check_adult(born: date, *, at: datetime) -> None:
    today = at.astimezone(NEW_YORK).date()
    try:
        clean_birth_date(born, today=today)
    except ValidationError as error:
        message = " ".join(error.messages)
        raise Invalid(message, fields={"date_of_birth": message}) from None
    if age_on(born, today) < ADULT:
        message = _("You must be at least 18 years old.")
        raise Invalid(message, code="not_an_adult", fields={"date_of_birth": message})


def _when_proven(applicant: Applicant, ask: Ask) -> datetime | None:
    """Return when this very number was proven to be the applicant's; None if not, or long ago."""
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
    proven_at = present.phone_verified_at
    if proven_at is None or present.phone != ask.phone or proven_at <= ask.at - PROVEN_FOR:
        return None
    return proven_at


def _check_not_unclear(applicant: Applicant, ask: Ask) -> None:
    """Refuse a second text to a number whose code was judged in words nobody knows.

    :raises NotNow: so it was, less than a day ago (`phone_unavailable`)
    """
    with inside(applicant.tenant_id):
        ended = PhoneSession.objects.filter(
            applicant=applicant,
            phone_index=ask.phone_index,
            status=Status.FAILED,
            reason=UNCLEAR,
            sent_at__gt=ask.at - UNCLEAR_FOR,
        )
        if not ended.exists():
            return
        _close_rung(lock_applicant(applicant), "not_identified", by=ask.by, at=ask.at)
    message = _("We could not find your details by this number. Please go on in another way.")
    raise NotNow(message, code="phone_unavailable")


def _find_waiting(applicant: Applicant, ask: Ask) -> PhoneSession | None:
    """Return the open session of the number, if it is too soon for another text."""
    with inside(applicant.tenant_id):
        return PhoneSession.objects.filter(
            applicant=applicant,
            applicant__status=Applicant.Status.ACTIVE,
            status=Status.PENDING,
            phone_index=ask.phone_index,
            resend_at__gt=ask.at,
            expires_at__gt=ask.at,
        ).first()


def _send(applicant: Applicant, ask: Ask, verifier: PhoneVerifier) -> PhoneSession:
    """Commit that a text goes out, ask for it, and write down what came of it."""
    taken = _take_text(applicant, ask)
    try:
        session = _intend(applicant, ask)
    except Exception:
        taken.give_back()
        raise
    try:
        sent = _text(session, ask, verifier)
    except Unavailable as error:
        if not error.sent:
            taken.give_back()
        elif error.status < 500:
            log.warning("code_unanswered", session=str(session.pk), reason=error.reason)
            return session  # it may be on its way; a person asks again if it does not come
        return _note_vendor_down(session, ask, delivery=UNKNOWN if error.sent else REFUSED)
    except Rejected as refused:
        if refused.code == "misconfigured":
            return _note_vendor_down(session, ask, delivery=REFUSED)
        return _note_refused(session, ask, refused.code)
    return _note_sent(session, ask, sent)


def _take_text(applicant: Applicant, ask: Ask) -> Taken:
    """Count the text beforehand; where there is none left, another way is next."""
    try:
        return take_text(
            tenant_id=applicant.tenant_id,
            mode=applicant.mode,
            phone=ask.phone,
            ip_address=ask.ip_address,
            at=ask.at,
        )
    except TooManyTexts as refusal:
        with inside(applicant.tenant_id):
            present, closed = lock_applicant(applicant), Rung.State.CLOSED
            set_rung(present, Rung.Name.SMS, closed, reason=refusal.code, at=ask.at)
        raise


def _intend(applicant: Applicant, ask: Ask) -> PhoneSession:
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
        open_ones = PhoneSession.objects.select_for_update(no_key=True).filter(
            applicant=present, status=Status.PENDING, expires_at__gt=ask.at
        )
        session = open_ones.filter(phone_index=ask.phone_index).first()
        end_open_sessions(present, reason="replaced", by=ask.by, at=ask.at, but=session)
        counted = _count_text(session.sends if session else 0, ask)
        if session is None:
            session = _make_session(present, ask, counted)
            record_instructions(present, ask.instructions, present.tenant, at=ask.at)
        else:
            PhoneSession.objects.filter(pk=session.pk).update(**counted)
            session.refresh_from_db()
        note_birthday(present, ask.date_of_birth, at=ask.at)
        if present.phone_verified_at is None:
            Applicant.objects.filter(pk=present.pk).update(phone=ask.phone)
        audit.record(
            "phone_session.code_requested", session, by=ask.by, at=ask.at, sends=session.sends
        )
    session.applicant = present
    return session


def _make_session(applicant: Applicant, ask: Ask, counted: dict[str, Any]) -> PhoneSession:
    return PhoneSession.objects.create(
        tenant_id=applicant.tenant_id,
        mode=applicant.mode,
        applicant=applicant,
        phone=ask.phone,
        phone_index=ask.phone_index,
        max_attempts=applicant.tenant.phone_max_attempts,
        created_at=ask.at,
        **counted,
    )


def _count_text(before: int, ask: Ask) -> dict[str, Any]:
    """Return what one more text changes: the code's time begins anew, the tries do not."""
    expires_at, sends = ask.at + CODE_LIVES, before + 1
    return {
        "sends": sends,
        "sent_at": ask.at,
        "delivery": UNKNOWN,
        "reason": "",
        "expires_at": expires_at,
        "resend_at": expires_at if sends >= MOST_SENDS else ask.at + FIRST_GAP * 2**before,
        "date_of_birth": ask.date_of_birth,
        "ip_address": ask.ip_address,
    }


def _text(session: PhoneSession, ask: Ask, verifier: PhoneVerifier) -> CodeSent:
    """Ask for the text; once more as a newcomer where the vendor does not know its own id."""
    applicant = session.applicant
    for user_id in dict.fromkeys([applicant.spinwheel_user_id, ""]):
        try:
            return verifier.send_code(
                phone=ask.phone,
                date_of_birth=ask.date_of_birth,
                reference=str(applicant.pk),
                user_id=user_id,
                instructions=ask.given,
            )
        except Rejected as refused:
            if refused.code != "unknown_user" or not user_id:
                raise
    raise AssertionError  # the newcomer's answer was returned or raised


def _note_sent(session: PhoneSession, ask: Ask, sent: CodeSent) -> PhoneSession:
    with inside(session.tenant_id):
        applicant = Applicant.objects.select_for_update(no_key=True).get(pk=session.applicant_id)
        remember_user(applicant, sent.user_id, at=ask.at)
        if applicant.status == Applicant.Status.ACTIVE:
            session.delivery = SENT
            session.spinwheel_user_id = sent.user_id
            session.spinwheel_connection_id = sent.connection_id
            session.expires_at = _end_of_code(session, sent, ask.at)
            session.save(
                update_fields=[
                    "delivery", "spinwheel_user_id", "spinwheel_connection_id", "expires_at",
                ]
            )  # fmt: skip
            audit.record("phone_session.code_sent", session, by="spinwheel", at=ask.at)
    return session


def _end_of_code(session: PhoneSession, sent: CodeSent, at: datetime) -> datetime:
    """Return when the code ends: as the vendor says where that is sooner, and can be (its clock may
    be behind ours).
    """
    told = sent.expires_at
    is_sooner = told is not None and at + SHORTEST_CODE < told < session.expires_at
    return told if told is not None and is_sooner else session.expires_at


def _note_refused(session: PhoneSession, ask: Ask, code: str) -> PhoneSession:
    """Keep to ourselves that no text goes out: outside, one session is like another."""
    with inside(session.tenant_id):
        lock_applicant(session.applicant)
        session.delivery, session.reason = REFUSED, code
        session.save(update_fields=["delivery", "reason"])
        audit.record("phone_session.code_refused", session, by="spinwheel", at=ask.at, reason=code)
    return session


def _note_vendor_down(session: PhoneSession, ask: Ask, *, delivery: str) -> PhoneSession:
    with inside(session.tenant_id):
        applicant = lock_applicant(session.applicant)
        session.move_to(Status.FAILED, reason=VENDOR_DOWN, delivery=delivery)
        audit.record("phone_session.failed", session, by="spinwheel", at=ask.at, reason=VENDOR_DOWN)
        set_rung(applicant, Rung.Name.SMS, Rung.State.CLOSED, reason=VENDOR_DOWN, at=ask.at)
    return session


def _close_rung(applicant: Applicant, reason: str, *, by: By, at: datetime) -> None:
    set_rung(applicant, Rung.Name.SMS, Rung.State.CLOSED, reason=reason, at=at)
    audit.record("applicant.phone_unavailable", applicant, by=by, at=at, reason=reason)
