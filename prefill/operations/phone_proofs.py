"""What follows once a number is proven: the value, the person behind it, the rung."""

import re
from datetime import date, datetime

import structlog
from django.db import models

from core import audit
from prefill.gateway import Confirmation
from prefill.ladder import set_rung
from prefill.models import Applicant, FieldValue, HeldSsn, PhoneSession, Rung, Source
from prefill.operations.imports import import_raw, process_import, write_values

By = models.Model | str
Status = PhoneSession.Status
BIRTHDAY = "personal_info.date_of_birth"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
log = structlog.get_logger()


def mark_phone_proven(applicant: Applicant, *, phone: str, by: By, at: datetime) -> None:
    """Note that Layer proved the applicant's number, in the caller's transaction.

    Codes that are under way are not asked for any more. A number that is none proves nothing.
    """
    if not E164.fullmatch(phone):
        log.warning("proven_number_unusable", applicant=str(applicant.pk))
        return
    end_open_sessions(applicant, reason="proven_by_layer", by=by, at=at)
    prove_number(applicant, phone=phone, at=at)
    audit.record("applicant.phone_proven", applicant, by=by, at=at)


def prove_number(applicant: Applicant, *, phone: str, at: datetime) -> None:
    """Keep a proven number as the applicant's, in the caller's transaction.

    What was found by another number proven before goes: that one may be somebody else's.
    """
    if applicant.phone_verified_at is not None and applicant.phone != phone:
        found = FieldValue.objects.filter(applicant=applicant)
        found.filter(source__in=[Source.LAYER, Source.BUREAU]).delete()
        HeldSsn.objects.filter(applicant=applicant).delete()
    Applicant.objects.filter(pk=applicant.pk).update(phone=phone, phone_verified_at=at)
    applicant.refresh_from_db(fields=["phone", "phone_verified_at"])
    values = {"personal_info.phone_number": phone}
    write_values(applicant=applicant, source=Source.PHONE, values=values, at=at)


def note_birthday(applicant: Applicant, born: date, *, at: datetime) -> None:
    """Keep a typed date of birth as the person's own word, in the caller's transaction.

    Not where somebody else told one: asked for here it is a key to find the person with, and may
    be mistyped.
    """
    rows = FieldValue.objects.filter(applicant=applicant, path=BIRTHDAY)
    if not rows.exclude(source=Source.USER).exists():
        values = {BIRTHDAY: born.isoformat()}
        write_values(applicant=applicant, source=Source.USER, values=values, at=at)


def note_identity(
    applicant: Applicant, session: PhoneSession, found: Confirmation, *, at: datetime
) -> None:
    """Import who was found behind a number, or close the rung, in the caller's transaction."""
    if not found.identified:
        closed = Rung.State.CLOSED
        set_rung(applicant, Rung.Name.SMS, closed, reason="not_identified", at=at)
        return
    raw = import_raw(
        applicant=applicant,
        source=Source.BUREAU,
        kind="profile",
        payload=found.profile,
        origin=str(session.pk),
        at=at,
    )
    process_import(raw, at=at)
    set_rung(applicant, Rung.Name.SMS, Rung.State.DONE, at=at)


def end_open_sessions(
    applicant: Applicant, *, reason: str, by: By, at: datetime, but: PhoneSession | None = None
) -> None:
    """Let the applicant's open sessions expire, in the caller's transaction."""
    for session in PhoneSession.objects.filter(applicant=applicant, status=Status.PENDING):
        if session != but:
            end_session(session, Status.EXPIRED, reason=reason, by=by, at=at)


def end_session(
    session: PhoneSession, status: Status, *, reason: str, by: By, at: datetime
) -> None:
    """Move an open session to its end, in the caller's transaction."""
    session.move_to(status, reason=reason)
    audit.record(f"phone_session.{status.lower()}", session, by=by, at=at, reason=reason)


def remember_user(applicant: Applicant, user_id: str, *, at: datetime) -> None:
    """Keep by what id the verifier knows the applicant, in the caller's transaction.

    One erased meanwhile is to be forgotten there as well: the worker does it.
    """
    if not user_id or applicant.spinwheel_user_id == user_id:
        return
    applicant.spinwheel_user_id = user_id
    changed = ["spinwheel_user_id"]
    if applicant.status == Applicant.Status.ERASED:
        applicant.next_step_at = at
        changed.append("next_step_at")
    applicant.save(update_fields=changed)
