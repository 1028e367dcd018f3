"""Making people known to the broker and following its identity check."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Child, KycProfile, Parent, User
from accounts.operations import write_correction
from brokerage.gateway import Address, Custodian, KycState, Minor, Rejected, get_broker
from brokerage.identity import describe_check, reasons_for_desk
from brokerage.models import BrokerAccount, BrokerUser, Case, IdDocument, Letter
from brokerage.operations.asking import Unclear, ask_once
from brokerage.operations.cases import open_case, settle_case
from brokerage.operations.letters import write_letter
from brokerage.operations.lost_people import find_user
from core import audit
from core.driving import drive
from core.errors import NotNow, StaleMove
from core.queue import enqueue

TASK = "brokerage.tasks.advance_broker_user"
Status = BrokerUser.Status
SOON = timedelta(seconds=1)  # the broker usually decides within seconds
WAITING = timedelta(minutes=5)
SLOWLY = timedelta(minutes=15)
HOURLY = timedelta(hours=1)
# Nothing goes on by itself; the family or somebody at a desk has to do something.
PENDING_A_PERSON = {
    Status.NEEDS_INFO,
    Status.NEEDS_DOCUMENT,
    Status.IN_REVIEW,
    Status.DENIED,
}


@dataclass(frozen=True)
class ChildCorrection:
    """What the broker lets a parent correct of a child; `ssn` empty: keep the one given before."""

    first_name: str
    last_name: str
    date_of_birth: date
    ssn: str = ""
    ages_confirmed: bool = False


def make_known(*, parent: Parent, at: datetime) -> BrokerUser:
    """Have the broker know this parent, or hear of the parent's corrected answers."""
    user, created = BrokerUser.objects.get_or_create(
        parent=parent,
        defaults={"created_at": at, "next_step_at": at, "key": uuid5(parent.pk, "broker user")},
    )
    if not created:
        BrokerUser.objects.filter(pk=user.pk).update(next_step_at=at)
    enqueue(TASK, pk=user.pk)
    return user


def make_child_known(*, child: Child, at: datetime) -> BrokerUser:
    """Have the broker know this child; the step waits until its custodian is known."""
    user, _created = BrokerUser.objects.get_or_create(
        child=child,
        defaults={"created_at": at, "next_step_at": at, "key": uuid5(child.pk, "broker user")},
    )
    return user


@transaction.atomic
def correct_child(*, child: Child, correction: ChildCorrection, at: datetime) -> None:
    """Take a child's corrected details and have the broker check them anew.

    :raises NotNow: the broker asks for no correction now
    :raises Invalid: the birthday is past the age at which custody ends
    """
    user = BrokerUser.objects.select_for_update().filter(child=child).first()
    if user is None or not describe_check(user).can_edit:
        raise NotNow(
            _("The broker asks for no correction now; nothing was changed."), code="no_correction"
        )
    write_correction(
        child=child,
        first_name=correction.first_name,
        last_name=correction.last_name,
        date_of_birth=correction.date_of_birth,
        ssn=correction.ssn,
        at=at,
        ages_confirmed=correction.ages_confirmed,
    )
    BrokerUser.objects.filter(pk=user.pk).update(next_step_at=at)
    enqueue(TASK, pk=user.pk)


def advance_broker_user(pk: UUID, *, at: datetime) -> None:
    """Take a person one step towards APPROVED."""
    drive(BrokerUser, pk, _step, task=TASK, at=at)


def _step(user: BrokerUser, at: datetime) -> datetime | None:
    person = describe(user)
    if person is None:
        return at + WAITING  # a child whose custodian is not known yet; woken on approval
    if not user.vendor_id:
        return _send_details(user, person, at)
    if _has_corrections(user):
        return _send_corrections(user, person, at)
    return _follow_check(user, person, at)


def describe(user: BrokerUser) -> Custodian | Minor | None:
    """Return the person in the gateway's words; None where a child's custodian is not approved."""
    if user.parent_id:
        return _describe_custodian(
            KycProfile.objects.select_related("parent__user").get(parent=user.parent_id)
        )
    child = Child.objects.get(broker_user=user)
    custodian = BrokerUser.objects.filter(parent=child.parent_id, status=Status.APPROVED).first()
    if custodian is None:
        return None
    profile = KycProfile.objects.select_related("parent__user").get(parent=child.parent_id)
    return Minor(
        first_name=child.first_name,
        last_name=child.last_name,
        date_of_birth=child.date_of_birth,
        ssn=child.ssn,
        email=profile.parent.user.email,
        phone=profile.phone,
        address=_address(profile),
        custodian_id=custodian.vendor_id,
    )


def _describe_custodian(profile: KycProfile) -> Custodian:
    elsewhere = {"email", "address"}
    told = {
        field.name: getattr(profile, field.name)
        for field in fields(Custodian)
        if field.name not in elsewhere
    }
    return Custodian(**told, email=profile.parent.user.email, address=_address(profile))


def _address(profile: KycProfile) -> Address:
    return Address(
        profile.street1, profile.street2, profile.city, profile.state, profile.postal_code
    )


def _send_details(user: BrokerUser, person: Custodian | Minor, at: datetime) -> datetime | None:
    """Create the person at the broker under the stored key, unless the broker has them already.

    One found there may have been told by older answers: the next step sends these.
    """
    _note_shared_number(user, at)
    sent: list[str] = []

    def send() -> str:
        sent.append(get_broker().create_user(person, key=user.key))
        return sent[0]

    try:
        vendor_id = ask_once(
            user,
            at,
            send=send,
            find=lambda: find_user(user, person, at),
            shows_all=False,
        )
    except Unclear:
        return at + HOURLY  # staff decide; whatever they find wakes it
    except Rejected as refusal:
        return _take_refusal(user, refusal, at)
    told_at = at if sent else None
    with transaction.atomic():
        user.move_to(Status.CHECKING, vendor_id=vendor_id, told_at=told_at, problems=[], may_be=[])
        audit.record("broker_user.created", user, by="brokerage", at=at)
    return at + SOON


def _take_refusal(user: BrokerUser, refusal: Rejected, at: datetime) -> datetime | None:
    """Note what the broker objects to; corrected details go out under a new key.

    Where it names no answer of the family's, nothing they could type would help: the desk looks.
    """
    problems = list(refusal.problems) or ["unclear"]
    changes = {"problems": problems, "told_at": at} | _asked_anew(user)
    with transaction.atomic():
        if user.status == Status.NEEDS_INFO:
            BrokerUser.objects.filter(pk=user.pk, status=user.status).update(**changes)
        else:
            user.move_to(Status.NEEDS_INFO, **changes)
        audit.record("broker_user.refused", user, by="brokerage", at=at, code=refusal.code)
        reasons = reasons_for_desk(user, Status.NEEDS_INFO, tuple(problems))
        _open_identity_case(user, reasons, f"refused with {refusal.code}", at)
        write_letter(Letter.Kind.CHECK, user=user, at=at)
    return None


def _asked_anew(user: BrokerUser) -> dict[str, object]:
    """Return what makes the next try another one; its key follows from the last one's."""
    return {"key": uuid5(user.key, "again"), "asked_at": None, "refused_at": None}


@transaction.atomic
def send_details_again(user: BrokerUser, *, by: User, reason: str, at: datetime) -> None:
    """Have a person's details sent to the broker once more, as they stand.

    :raises StaleMove: the broker refuses nothing of them now
    """
    if not can_send_again(user):
        raise StaleMove(_("The broker refuses nothing of these details now."))
    BrokerUser.objects.filter(pk=user.pk, status=Status.NEEDS_INFO).update(
        told_at=None, next_step_at=at, **_asked_anew(user)
    )
    audit.record("broker_user.sent_again", user, by=by, at=at, reason=reason)
    enqueue(TASK, pk=user.pk)


def can_send_again(user: BrokerUser) -> bool:
    """Say whether a person's details were refused, so that sending them again may help."""
    return user.status == Status.NEEDS_INFO and not user.is_parked


def _has_corrections(user: BrokerUser) -> bool:
    """Say whether the parent has submitted answers the broker has not heard."""
    if user.told_at is None:
        return True  # staff have it sent again
    if user.child_id:
        return Child.objects.filter(pk=user.child_id, corrected_at__gt=user.told_at).exists()
    return KycProfile.objects.filter(parent=user.parent_id, submitted_at__gt=user.told_at).exists()


def _send_corrections(user: BrokerUser, person: Custodian | Minor, at: datetime) -> datetime | None:
    _note_shared_number(user, at)
    try:
        get_broker().update_user(user.vendor_id, person)
    except Rejected as refusal:
        return _take_refusal(user, refusal, at)
    with transaction.atomic():
        if user.can_move_to(Status.CHECKING):
            user.move_to(Status.CHECKING, told_at=at, problems=[])
        else:
            BrokerUser.objects.filter(pk=user.pk).update(told_at=at)
        audit.record("broker_user.corrected", user, by="brokerage", at=at)
    return at + SOON


def _note_shared_number(user: BrokerUser, at: datetime) -> None:
    """Have the desk compare people of different families who gave one number; they hear nothing.

    Two parents of one child may keep an account each, and somebody may have mistyped a digit.
    """
    parent = user.parent or (user.child.parent if user.child else None)
    if parent is None:
        return
    index = user.child.ssn_index if user.child else parent.profile.ssn_index
    as_child = Child.objects.filter(ssn_index=index).exclude(parent=parent)
    as_parent = KycProfile.objects.filter(ssn_index=index).exclude(parent=parent)
    others = [
        *(f"child {str(pk)[:8]}" for pk in as_child.values_list("pk", flat=True)[:3]),
        *(f"parent {str(pk)[:8]}" for pk in as_parent.values_list("pk", flat=True)[:3]),
    ]
    if index and others:
        who = user.child or parent
        summary = f"The number of this {who} was also given for: {', '.join(others)}."
        open_case(Case.Kind.NUMBER, who, summary=summary, at=at, parent=parent)


def _follow_check(user: BrokerUser, person: Custodian | Minor, at: datetime) -> datetime | None:
    state = get_broker().get_kyc(user.vendor_id)
    if state.status != user.status or list(state.problems) != user.problems:
        _record_check(user, state, person, at)
    if state.status == Status.CHECKING:
        return at + (SOON if _told_lately(user, at) else SLOWLY)
    if state.status == Status.IN_REVIEW:
        return at + SLOWLY
    return None


def _told_lately(user: BrokerUser, at: datetime) -> bool:
    """Say whether the broker got details or a picture so lately that it decides any second."""
    if user.told_at and at - user.told_at < SLOWLY:
        return True
    return user.id_documents.filter(sent_at__gt=at - SLOWLY).exists()


def _record_check(
    user: BrokerUser, state: KycState, person: Custodian | Minor, at: datetime
) -> None:
    changes = {"vendor_status": state.vendor_status, "problems": list(state.problems)}
    with transaction.atomic():
        if state.status == user.status:
            BrokerUser.objects.filter(pk=user.pk, status=user.status).update(**changes)
        else:
            user.move_to(state.status, **changes)
        audit.record("broker_user.checked", user, by="brokerage", at=at, status=state.status)
        reasons = reasons_for_desk(user, state.status, state.problems)
        if not _has_our_name(state, person):
            reasons.append("another name than we sent")
        _open_identity_case(user, reasons, state.vendor_status, at)
        if state.status in PENDING_A_PERSON or _was_written_to(user, state):
            write_letter(Letter.Kind.CHECK, user=user, at=at)
        sent = user.id_documents.filter(status=IdDocument.Status.SENT)
        sent.filter(leased_until__isnull=True).update(next_step_at=at)
        if state.status == Status.APPROVED:
            settle_case(Case.Kind.DOCUMENT, user, finding="The broker confirmed them.", at=at)
            _wake_dependents(user, at)


def _was_written_to(user: BrokerUser, state: KycState) -> bool:
    """Say whether somebody who is confirmed now was told before that they are not yet."""
    return state.status == Status.APPROVED and user.letters.filter(kind=Letter.Kind.CHECK).exists()


def _has_our_name(state: KycState, person: Custodian | Minor) -> bool:
    """Say whether the broker has the person by the name we sent, as far as its answer tells."""
    return all(
        get_broker().is_same_name(ours, theirs)
        for ours, theirs in (
            (person.first_name, state.first_name),
            (person.last_name, state.last_name),
        )
        if theirs
    )


def _open_identity_case(user: BrokerUser, reasons: list[str], said: str, at: datetime) -> None:
    """Have compliance look at what no form and no picture settles."""
    if reasons:
        who = "child" if user.child_id else "parent"
        summary = f"Identity check of a {who}: {', '.join(reasons)} ({said})."
        parent = user.parent or (user.child.parent if user.child else None)
        open_case(Case.Kind.IDENTITY, user, summary=summary, at=at, parent=parent)


def _wake_dependents(user: BrokerUser, at: datetime) -> None:
    """Have the children and accounts that waited for this person go on now."""
    if user.parent_id:
        children = BrokerUser.objects.filter(child__parent=user.parent_id, vendor_id="")
        children.update(next_step_at=at)
        for pk in children.values_list("pk", flat=True):
            enqueue(TASK, pk=pk)
    theirs = Q(owner=user) | Q(custodian=user)
    accounts = BrokerAccount.objects.filter(theirs, vendor_id="")
    for refused in accounts.filter(status=BrokerAccount.Status.REFUSED):
        refused.move_to(BrokerAccount.Status.INTENDED, vendor_status="")  # they are others now
    accounts.update(next_step_at=at)
    for pk in accounts.values_list("pk", flat=True):
        enqueue("brokerage.tasks.advance_broker_account", pk=pk)
