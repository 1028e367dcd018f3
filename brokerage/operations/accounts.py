"""Opening a child's custodial account and following its status."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from accounts.models import Child
from brokerage.driving import drive
from brokerage.gateway import AccountState, Rejected, get_broker
from brokerage.models import BrokerAccount, BrokerUser
from brokerage.operations.people import TASK as ADVANCE_USER
from brokerage.operations.people import make_child_known
from core import audit
from core.queue import enqueue

TASK = "brokerage.tasks.advance_broker_account"
Status = BrokerAccount.Status
SOON = timedelta(seconds=1)
WAITING = timedelta(minutes=5)
HOURLY = timedelta(hours=1)


@transaction.atomic
def open_account(*, child: Child, at: datetime) -> BrokerAccount | None:
    """Ask for a child's account; a repeat returns the same one.

    None where the parent is not at the broker yet; the sweep asks again.
    """
    custodian = BrokerUser.objects.filter(parent=child.parent_id).first()
    if custodian is None:
        return None
    minor = make_child_known(child=child, at=at)
    owner = minor if settings.DRIVEWEALTH_CUSTODIAL_ACCOUNT_OWNER == "child" else custodian
    account, created = BrokerAccount.objects.get_or_create(
        child=child,
        defaults={
            "owner": owner,
            "custodian": custodian,
            "created_at": at,
            "next_step_at": at,
        },
    )
    if created:
        audit.record("account.asked_for", account, by="brokerage", at=at, child=child.pk)
    enqueue(ADVANCE_USER, pk=minor.pk)
    enqueue(TASK, pk=account.pk)
    return account


def advance_broker_account(pk: UUID, *, at: datetime) -> None:
    """Take an account one step towards OPEN, or look whether an open one still is."""
    drive(BrokerAccount, pk, _step, task=TASK, at=at)


def _step(account: BrokerAccount, at: datetime) -> datetime | None:
    if account.vendor_id:
        state = get_broker().get_account(account.vendor_id)
    else:
        minor = BrokerUser.objects.get(child=account.child_id)
        if minor.status != BrokerUser.Status.APPROVED:
            return at + WAITING  # woken on approval
        try:
            state = get_broker().create_account(owner_id=account.owner.vendor_id, key=account.key)
        except Rejected as refusal:
            return _take_refusal(account, refusal, at)
    _record(account, state, at)
    if state.status == Status.CLOSED:
        return None
    return at + (SOON if state.status == Status.PENDING else HOURLY)


def _take_refusal(account: BrokerAccount, refusal: Rejected, at: datetime) -> datetime:
    """Show compliance the code and ask again in an hour under a new key."""
    with transaction.atomic():
        BrokerAccount.objects.filter(pk=account.pk).update(vendor_status=refusal.code, key=uuid4())
        audit.record("account.refused", account, by="brokerage", at=at, code=refusal.code)
    return at + HOURLY


def _record(account: BrokerAccount, state: AccountState, at: datetime) -> None:
    if state.status == account.status:
        return
    changes: dict[str, object] = {
        "vendor_id": state.id,
        "number": state.number,
        "vendor_status": state.vendor_status,
    }
    if state.status == Status.OPEN and account.opened_at is None:
        changes |= {"opened_at": at}
    with transaction.atomic():
        account.move_to(state.status, **changes)
        audit.record("account.moved", account, by="brokerage", at=at, status=state.status)
