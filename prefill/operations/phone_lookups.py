"""Finding the person behind a number that was proven already: no code, no text."""

from datetime import datetime

from core import audit
from prefill.agreements import record_instructions
from prefill.gateway import Confirmation, PhoneVerifier, Rejected, Unavailable
from prefill.ladder import set_rung
from prefill.limits import take_lookup
from prefill.models import Applicant, PhoneSession, Rung
from prefill.operations.applicants import lock_applicant
from prefill.operations.phone_proofs import (
    end_open_sessions,
    note_birthday,
    note_identity,
    remember_user,
)
from prefill.phones import Ask
from tenants.walls import inside

Status = PhoneSession.Status
VENDOR_DOWN = "vendor_down"


def look_up(
    applicant: Applicant, ask: Ask, verifier: PhoneVerifier, *, proven_at: datetime
) -> PhoneSession:
    """Return a verified session of a proven number, and find the person if nobody is found yet.

    :raises TooManyTexts: searched for too often
    """
    with inside(applicant.tenant_id):
        last = PhoneSession.objects.filter(
            applicant=applicant, status=Status.VERIFIED, phone_index=ask.phone_index
        ).order_by("-verified_at").first()  # fmt: skip
    if last is not None and (last.identified or not verifier.preverified):
        return last
    if not verifier.preverified:
        return _make_session(applicant, ask)
    take_lookup(mode=applicant.mode, phone=ask.phone, at=ask.at)
    session = _make_session(applicant, ask)
    try:
        user_id, found = _find(session, ask, verifier, proven_at)
    except Unavailable:
        return _note_vendor_down(session, ask)
    except Rejected as refused:
        if refused.code == "misconfigured":
            return _note_vendor_down(session, ask)
        user_id, found = "", Confirmation(identified=False, reason=refused.code)
    return _note_found(session, ask, user_id, found)


def _make_session(applicant: Applicant, ask: Ask) -> PhoneSession:
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
        end_open_sessions(present, reason="replaced", by=ask.by, at=ask.at)
        record_instructions(present, ask.instructions, present.tenant, at=ask.at)
        note_birthday(present, ask.date_of_birth, at=ask.at)
        session = PhoneSession.objects.create(
            tenant_id=present.tenant_id,
            mode=present.mode,
            applicant=present,
            status=Status.VERIFIED,
            method="preverified",
            phone=ask.phone,
            phone_index=ask.phone_index,
            date_of_birth=ask.date_of_birth,
            max_attempts=present.tenant.phone_max_attempts,
            expires_at=ask.at,
            verified_at=ask.at,
            ip_address=ask.ip_address,
            created_at=ask.at,
        )
        audit.record("phone_session.preverified", session, by=ask.by, at=ask.at)
    return session


def _find(
    session: PhoneSession, ask: Ask, verifier: PhoneVerifier, proven_at: datetime
) -> tuple[str, Confirmation]:
    """Ask the vendor; once more as a newcomer where it does not know its own id."""
    applicant = session.applicant
    for user_id in dict.fromkeys([applicant.spinwheel_user_id, ""]):
        try:
            return verifier.find_by_proven_phone(
                phone=ask.phone,
                date_of_birth=ask.date_of_birth,
                reference=str(applicant.pk),
                user_id=user_id,
                instructions=ask.given,
                proven_at=proven_at,
            )
        except Rejected as refused:
            if refused.code != "unknown_user" or not user_id:
                raise
    raise AssertionError  # the newcomer's answer was returned or raised


def _note_found(session: PhoneSession, ask: Ask, user_id: str, found: Confirmation) -> PhoneSession:
    with inside(session.tenant_id):
        applicant = Applicant.objects.select_for_update(no_key=True).get(pk=session.applicant_id)
        remember_user(applicant, user_id, at=ask.at)
        if applicant.status == Applicant.Status.ACTIVE:
            session.identified, session.reason = found.identified, found.reason
            session.spinwheel_user_id = user_id
            session.save(update_fields=["identified", "reason", "spinwheel_user_id"])
            note_identity(applicant, session, found, at=ask.at)
            audit.record(
                "phone_session.looked_up", session, by="spinwheel", at=ask.at,
                identified=found.identified, reason=found.reason,
            )  # fmt: skip
    return session


def _note_vendor_down(session: PhoneSession, ask: Ask) -> PhoneSession:
    with inside(session.tenant_id):
        applicant = lock_applicant(session.applicant)
        session.reason = VENDOR_DOWN
        session.save(update_fields=["reason"])
        set_rung(applicant, Rung.Name.SMS, Rung.State.CLOSED, reason=VENDOR_DOWN, at=ask.at)
        audit.record(
            "phone_session.not_looked_up", session, by="spinwheel", at=ask.at, reason=VENDOR_DOWN
        )
    return session
