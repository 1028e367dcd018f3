"""Trying a code: counted before it is tried, so that no crash or crowd gives away a guess."""

import re
import unicodedata
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import audit
from core.errors import DomainError, Invalid, NotNow
from prefill.gateway import Confirmation, Rejected, Unavailable, get_phone_verifier
from prefill.ladder import set_rung
from prefill.limits import one_at_a_time
from prefill.models import Applicant, PhoneSession, Rung
from prefill.operations.applicants import lock_applicant
from prefill.operations.phone_proofs import By, end_session, note_identity, prove_number
from prefill.operations.refusals import refusals_recorded
from tenants.walls import inside

CODE = re.compile(r"[0-9]{6}")
FIELD = "verification_code"
TOO_MANY, UNCLEAR = "too_many_attempts", "unclear"
WAIT = 60.0  # seconds, where the vendor wants us to and does not say for how long
Status = PhoneSession.Status


class WrongCode(DomainError):
    """Not the code that was texted."""

    code = "wrong_code"
    status = 422


class VendorUnavailable(DomainError):
    """The vendor gave no usable answer."""

    code = "vendor_unavailable"
    status = 503

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CheckedTooSoon(DomainError):
    """The vendor checks no code of this number for a while; the session goes on."""

    code = "too_soon"
    status = 429
    retry_after = WAIT


def confirm_phone(*, session: PhoneSession, code: str, by: By, at: datetime) -> PhoneSession:
    """Try the code a person typed. A right one proves the number and may find the person.

    A verified session comes back as it is.

    :raises Invalid: not six digits; that does not count as a try
    :raises WrongCode: and with `too_many_attempts`, the last one was used
    :raises NotNow: the session is over (`code_expired`, `too_many_attempts`), it is not known
        whether a text went out (`resend_code`), erased, another try is under way (`busy`), or the
        vendor judged the code in words nobody knows (`phone_unclear`)
    :raises CheckedTooSoon: the vendor wants us to wait; that does not count as a try
    :raises VendorUnavailable: nobody could tell; the try stays counted
    """
    with refusals_recorded("phone_session.confirm_refused", session, by=by, at=at):
        return _confirm(session, _clean_code(code), by=by, at=at)


def _confirm(session: PhoneSession, digits: str, *, by: By, at: datetime) -> PhoneSession:
    with one_at_a_time(session.applicant_id, at=at):
        present = _count_try(session, by=by, at=at)
        if present.status == Status.VERIFIED:
            return present
        if present.status != Status.PENDING:
            raise _over(present)
        return _judge(present, digits, by=by, at=at)


def _clean_code(code: str) -> str:
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code[:40]))
    if not CODE.fullmatch(digits):
        message = _("The code has six digits.")
        raise Invalid(message, code="code_malformed", fields={FIELD: message})
    return digits


def _count_try(session: PhoneSession, *, by: By, at: datetime) -> PhoneSession:
    """Count a try and commit, where one is left; else return the session at its end.

    :raises NotNow: erased (`user_erased`), or no answer told where the code is (`resend_code`)
    """
    with inside(session.tenant_id):
        applicant = lock_applicant(session.applicant)
        rows = PhoneSession.objects.filter(pk=session.pk)
        _check_answered(rows.get())
        counted = rows.filter(
            status=Status.PENDING, expires_at__gt=at, attempts__lt=F("max_attempts")
        ).update(attempts=F("attempts") + 1)
        present = rows.get()
        present.applicant = applicant
        if counted:
            audit.record(
                "phone_session.code_tried", present, by=by, at=at, attempt=present.attempts
            )
        elif present.status == Status.PENDING and at >= present.expires_at:
            end_session(present, Status.EXPIRED, reason="time", by="prefill", at=at)
        elif present.status == Status.PENDING:
            _fail(applicant, present, by="prefill", at=at)
    return present


def _fail(applicant: Applicant, session: PhoneSession, *, by: By, at: datetime) -> None:
    """End a session whose tries are used up, in the caller's transaction; another way is next."""
    end_session(session, Status.FAILED, reason=TOO_MANY, by=by, at=at)
    set_rung(applicant, Rung.Name.SMS, Rung.State.CLOSED, reason=TOO_MANY, at=at)


def _check_answered(session: PhoneSession) -> None:
    """Refuse while the only answer about a text is lost: only a new text brings the vendor's id.

    :raises NotNow: so it is (`resend_code`)
    """
    lost = session.delivery == "unknown" and not session.spinwheel_user_id
    if session.status == Status.PENDING and lost:
        message = _("We do not know whether the code went out. Please ask for a new one.")
        raise NotNow(message, code="resend_code")


def _judge(session: PhoneSession, digits: str, *, by: By, at: datetime) -> PhoneSession:
    """Have the vendor judge the code, and write down what it said."""
    verifier = get_phone_verifier(session.mode)
    message = _("We could not check the code. Please try again.")
    if verifier is None:
        raise VendorUnavailable(message)
    if not session.spinwheel_user_id:  # no text went out, and nobody is to notice
        raise _note_wrong(session, "wrong_code", by=by, at=at)
    try:
        found = verifier.check_code(
            user_id=session.spinwheel_user_id, phone=session.phone or "", code=digits
        )
    except Unavailable as error:
        raise VendorUnavailable(message, retry_after=error.retry_after) from error
    except Rejected as refused:
        if refused.code == "misconfigured":
            raise VendorUnavailable(message) from refused
        if refused.code == "too_soon":
            raise _note_not_judged(session, by=by, at=at) from refused
        raise _note_wrong(session, refused.code, by=by, at=at) from refused
    return _note_right(session, found, by=by, at=at)


def _note_right(
    session: PhoneSession, found: Confirmation, *, by: By, at: datetime
) -> PhoneSession:
    with inside(session.tenant_id):
        applicant = lock_applicant(session.applicant)
        session.move_to(
            Status.VERIFIED, verified_at=at, identified=found.identified, reason=found.reason
        )
        audit.record(
            "phone_session.verified", session, by=by, at=at,
            identified=found.identified, reason=found.reason,
        )  # fmt: skip
        prove_number(applicant, phone=session.phone or "", at=at)
        note_identity(applicant, session, found, at=at)
    return session


def _note_not_judged(session: PhoneSession, *, by: By, at: datetime) -> DomainError:
    """Give a try back that the vendor did not look at; return what to raise."""
    with inside(session.tenant_id):
        lock_applicant(session.applicant)
        rows = PhoneSession.objects.filter(pk=session.pk, status=Status.PENDING, attempts__gt=0)
        rows.update(attempts=F("attempts") - 1)
        audit.record("phone_session.code_not_judged", session, by=by, at=at)
    message = _("Too many codes were tried for this number. Wait a minute, then enter it again.")
    return CheckedTooSoon(message, fields={FIELD: message})


def _note_wrong(session: PhoneSession, code: str, *, by: By, at: datetime) -> DomainError:
    """End the session if this was the last try, or its code is over; return what to raise."""
    left = session.max_attempts - session.attempts
    if code == "wrong_code" and left > 0:
        message = ngettext(
            "This is not the code. You have one try left.",
            "This is not the code. You have %(left)d tries left.",
            left,
        ) % {"left": left}
        return WrongCode(message, fields={FIELD: message})
    with inside(session.tenant_id):
        applicant = lock_applicant(session.applicant)
        if code in {"wrong_code", TOO_MANY}:
            _fail(applicant, session, by=by, at=at)
        elif code == UNCLEAR:
            end_session(session, Status.FAILED, reason=UNCLEAR, by=by, at=at)
            closed = Rung.State.CLOSED
            set_rung(applicant, Rung.Name.SMS, closed, reason="not_identified", at=at)
        else:
            end_session(session, Status.EXPIRED, reason=code, by=by, at=at)
    return _over(session)


def _over(session: PhoneSession) -> DomainError:
    if session.reason == TOO_MANY:
        message = _("There were too many wrong codes. Please go on in another way.")
        return WrongCode(message, code=TOO_MANY, fields={FIELD: message})
    if session.reason == UNCLEAR:
        message = _("We could not find your details by this number. Please go on in another way.")
        return NotNow(message, code="phone_unclear")
    message = _("This code has ended. Please ask for a new one.")
    return NotNow(message, code="code_expired", fields={FIELD: message})
