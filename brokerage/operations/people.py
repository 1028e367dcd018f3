"""Making people known to the broker and following its identity check."""

from dataclasses import fields
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import Child, KycProfile, Parent
from brokerage.driving import drive
from brokerage.gateway import Address, Custodian, KycState, Minor, Rejected, get_broker
from brokerage.models import BrokerUser
from core import audit
from core.queue import enqueue

TASK = "brokerage.tasks.advance_broker_user"
Status = BrokerUser.Status
SOON = timedelta(seconds=1)  # the broker usually decides within seconds
WAITING = timedelta(minutes=5)
SLOWLY = timedelta(minutes=15)


def make_known(*, parent: Parent, at: datetime) -> BrokerUser:
    """Have the broker know this parent, or hear of the parent's corrected answers."""
    user, created = BrokerUser.objects.get_or_create(
        parent=parent, defaults={"created_at": at, "next_step_at": at}
    )
    if not created:
        BrokerUser.objects.filter(pk=user.pk).update(next_step_at=at)
    enqueue(TASK, pk=user.pk)
    return user


def make_child_known(*, child: Child, at: datetime) -> BrokerUser:
    """Have the broker know this child; the step waits until its custodian is known."""
    user, _created = BrokerUser.objects.get_or_create(
        child=child, defaults={"created_at": at, "next_step_at": at}
    )
    return user


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
    return _follow_check(user, at)


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
    """Create the person at the broker under the stored key."""
    try:
        vendor_id = get_broker().create_user(person, key=user.key)
    except Rejected as refusal:
        return _take_refusal(user, refusal, at)
    with transaction.atomic():
        user.move_to(Status.CHECKING, vendor_id=vendor_id, told_at=at, problems=[])
        audit.record("broker_user.created", user, by="brokerage", at=at)
    return at + SOON


def _take_refusal(user: BrokerUser, refusal: Rejected, at: datetime) -> datetime | None:
    """Note what the broker objects to; corrected details go out under a new key."""
    changes = {"problems": list(refusal.problems) or ["details"], "told_at": at, "key": uuid4()}
    with transaction.atomic():
        if user.status == Status.NEEDS_INFO:
            BrokerUser.objects.filter(pk=user.pk, status=user.status).update(**changes)
        else:
            user.move_to(Status.NEEDS_INFO, **changes)
        audit.record("broker_user.refused", user, by="brokerage", at=at, code=refusal.code)
    return None


def _has_corrections(user: BrokerUser) -> bool:
    """Say whether the parent has submitted answers the broker has not heard."""
    if not user.parent_id or user.told_at is None:
        return False
    return KycProfile.objects.filter(parent=user.parent_id, submitted_at__gt=user.told_at).exists()


def _send_corrections(user: BrokerUser, person: Custodian | Minor, at: datetime) -> datetime | None:
    try:
        get_broker().update_user(user.vendor_id, person)
    except Rejected as refusal:
        return _take_refusal(user, refusal, at)
    with transaction.atomic():
        if user.status == Status.NEEDS_INFO:
            user.move_to(Status.CHECKING, told_at=at, problems=[])
        else:
            BrokerUser.objects.filter(pk=user.pk).update(told_at=at)
        audit.record("broker_user.corrected", user, by="brokerage", at=at)
    return at + SOON


def _follow_check(user: BrokerUser, at: datetime) -> datetime | None:
    state = get_broker().get_kyc(user.vendor_id)
    if state.status != user.status or list(state.problems) != user.problems:
        _record_check(user, state, at)
    if state.status == Status.CHECKING:
        return at + (SOON if user.told_at and at - user.told_at < SLOWLY else SLOWLY)
    if state.status == Status.IN_REVIEW:
        return at + SLOWLY
    return None


def _record_check(user: BrokerUser, state: KycState, at: datetime) -> None:
    changes = {"vendor_status": state.vendor_status, "problems": list(state.problems)}
    with transaction.atomic():
        if state.status == user.status:
            BrokerUser.objects.filter(pk=user.pk, status=user.status).update(**changes)
        else:
            user.move_to(state.status, **changes)
        audit.record("broker_user.checked", user, by="brokerage", at=at, status=state.status)
        if state.status == Status.APPROVED:
            _wake_dependents(user, at)


def _wake_dependents(user: BrokerUser, at: datetime) -> None:
    """Have the children and accounts that waited for this person go on now."""
    if user.parent_id:
        children = BrokerUser.objects.filter(child__parent=user.parent_id, vendor_id="")
        children.update(next_step_at=at)
        for pk in children.values_list("pk", flat=True):
            enqueue(TASK, pk=pk)
    accounts = user.owned_accounts.filter(vendor_id="")
    accounts.update(next_step_at=at)
    for pk in accounts.values_list("pk", flat=True):
        enqueue("brokerage.tasks.advance_broker_account", pk=pk)
