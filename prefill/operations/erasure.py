"""Forgetting a person: at once here, and then, driven, at the vendors.

What stays says nothing of the person: the shell of the row, counts by day, what was agreed to, and
the audit trail. accounts' own data of a parent of ours is not prefill's and is left.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from core import audit
from core.driving import TooEarly, drive
from core.models import IdempotentRequest
from core.queue import enqueue
from prefill.gateway import get_phone_verifier
from prefill.models import (
    Applicant,
    FieldValue,
    HeldSsn,
    LinkSession,
    PhoneSession,
    PlaidAccount,
    PlaidItem,
    PlaidTransaction,
    RawImport,
    Rung,
)
from prefill.operations.applicants import By
from prefill.operations.endings import REMOVED, tell_ended
from tenants.walls import inside

TASK = "prefill.tasks.advance_applicant"
ITEM_TASK = "prefill.tasks.advance_item"
LAST_LOOK = timedelta(minutes=2)  # a call under way may yet have told the vendor of the person


def erase_applicant(applicant: Applicant, *, by: By, at: datetime, reason: str = "") -> None:
    """Delete all personal data in one transaction; a repeat changes nothing.

    Whoever is in the middle of a write waits for the row and finds the person gone.

    :param reason: in the words of staff, without personal data
    """
    with inside(applicant.tenant_id):
        rows = Applicant.objects.select_for_update(no_key=True)
        present: Applicant = rows.get(pk=applicant.pk)
        if present.status == Applicant.Status.ERASED:
            return
        open_ones = PlaidAccount.objects.filter(item__applicant=present, closed_at=None)
        tell_ended(present.parent_id, open_ones, why=REMOVED)
        _delete_what_was_told(present)
        _empty_sessions(present, at)
        items = _give_up_items(present, at)
        at_vendor = bool(_vendor_ids(present))
        present.move_to(
            Applicant.Status.ERASED,
            external_id="",
            parent=None,
            phone="",
            phone_verified_at=None,
            metadata={},
            erased_at=at,
            next_step_at=at if at_vendor else None,
        )
        detail = {"reason": reason} if reason else {}
        audit.record("applicant.erased", present, by=by, at=at, items=len(items), **detail)
        if at_vendor:
            enqueue(TASK, pk=present.pk)
        for pk in items:
            enqueue(ITEM_TASK, pk=pk)


def advance_applicant(pk: UUID, *, at: datetime) -> None:
    """Have the vendor forget an erased person too."""
    drive(Applicant, pk, _forget, task=TASK, at=at)


def _forget(applicant: Applicant, at: datetime) -> datetime | None:
    if applicant.status != Applicant.Status.ERASED:
        return None
    vendor_ids = _vendor_ids(applicant)
    if not vendor_ids:
        return None
    verifier = get_phone_verifier(applicant.mode)
    if verifier is None:
        raise TooEarly("nobody is configured who verifies phones", counted=True)
    for vendor_id in vendor_ids:
        verifier.forget(vendor_id)
    with inside(applicant.tenant_id):
        rows = Applicant.objects.select_for_update(no_key=True)
        present: Applicant = rows.get(pk=applicant.pk)
        _phone_sessions(present).filter(spinwheel_user_id__in=vendor_ids).update(
            spinwheel_user_id="", spinwheel_connection_id=""
        )
        if present.spinwheel_user_id in vendor_ids:
            Applicant.objects.filter(pk=present.pk).update(spinwheel_user_id="")
        audit.record("applicant.forgotten", present, by="prefill", at=at)
    return at + LAST_LOOK


def _vendor_ids(applicant: Applicant) -> set[str]:
    """Return by what names the vendor of phones knows the person."""
    ids = set(_phone_sessions(applicant).values_list("spinwheel_user_id", flat=True))
    return (ids | {applicant.spinwheel_user_id}) - {""}


def _phone_sessions(applicant: Applicant) -> QuerySet[PhoneSession]:
    return PhoneSession.objects.filter(applicant=applicant)


def _delete_what_was_told(applicant: Applicant) -> None:
    IdempotentRequest.objects.filter(about=applicant.pk).delete()
    PlaidTransaction.objects.filter(account__item__applicant=applicant).delete()
    PlaidAccount.objects.filter(item__applicant=applicant).delete()
    for model in (RawImport, FieldValue, HeldSsn, Rung):
        model._base_manager.filter(applicant=applicant).delete()


def _empty_sessions(applicant: Applicant, at: datetime) -> None:
    """Blank what names the person; what the vendors know them by goes once they have forgotten."""
    for session in _phone_sessions(applicant).filter(status=PhoneSession.Status.PENDING):
        session.move_to(PhoneSession.Status.EXPIRED, reason="erased")
    _phone_sessions(applicant).update(
        phone=None, phone_index="", date_of_birth=None, ip_address=None
    )
    opened = LinkSession.objects.filter(applicant=applicant)
    for link in opened.filter(status=LinkSession.Status.CREATED):
        link.move_to(LinkSession.Status.EXITED, ended_at=at)
    opened.update(link_token="")


def _give_up_items(applicant: Applicant, at: datetime) -> list[UUID]:
    """Have each bank's Item removed at Plaid; return those that still are to be."""
    items = PlaidItem.objects.filter(applicant=applicant)
    kept = Q(access_token__isnull=False)
    for item in items.exclude(status=PlaidItem.Status.REMOVED):
        item.move_to(PlaidItem.Status.REMOVED, removed_at=at)
    items.update(institution_id="", institution_name="", error_code="", cursor="")
    items.filter(kept, parked_at=None).update(next_step_at=at)
    return list(items.filter(kept).values_list("pk", flat=True))
