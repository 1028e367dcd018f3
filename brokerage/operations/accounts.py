"""Opening a child's account, following its status, and closing it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Child, Parent, User
from brokerage import rules
from brokerage.gateway import AccountChange, AccountState, Rejected, get_broker
from brokerage.models import BrokerAccount, BrokerUser, Case, Letter, Notice
from brokerage.notices import write_notice
from brokerage.operations.asking import Unclear, ask_once
from brokerage.operations.cases import open_case, settle_case
from brokerage.operations.letters import write_letter
from brokerage.operations.lost_people import find_account
from brokerage.operations.oddities import open_word_case
from brokerage.operations.people import TASK as ADVANCE_USER
from brokerage.operations.people import make_child_known
from core import audit
from core.clock import NEW_YORK
from core.driving import drive
from core.errors import NotNow, StaleMove
from core.queue import enqueue

TASK = "brokerage.tasks.advance_broker_account"
Status = BrokerAccount.Status
SOON = timedelta(seconds=1)
WAITING = timedelta(minutes=5)
HOURLY = timedelta(hours=1)
OPENING = {Status.INTENDED, Status.PENDING}
RESTRICTED = {Status.FROZEN, Status.NO_NEW_TRADES, Status.CLOSED}


@transaction.atomic
def open_account(*, child: Child, at: datetime) -> BrokerAccount | None:
    """Ask for a child's account; a repeat returns the same one.

    A custodial account belongs to the child, who becomes a person at the broker; a teen account is
    one more of the parent's own. None where the parent is not at the broker yet; the sweep asks
    again.
    """
    custodian = BrokerUser.objects.filter(parent=child.parent_id).first()
    if custodian is None:
        return None
    owner = custodian
    if not child.is_teen:
        minor = make_child_known(child=child, at=at)
        enqueue(ADVANCE_USER, pk=minor.pk)
        if settings.DRIVEWEALTH_CUSTODIAL_ACCOUNT_OWNER == "child":
            owner = minor
    account, created = BrokerAccount.objects.get_or_create(
        child=child,
        defaults={
            "kind": child.account_kind,
            "owner": owner,
            "custodian": custodian,
            "created_at": at,
            "next_step_at": at,
            "key": uuid5(child.pk, "account"),
        },
    )
    if created:
        audit.record("account.asked_for", account, by="brokerage", at=at, child=child.pk)
    enqueue(TASK, pk=account.pk)
    return account


def close_account(*, account: BrokerAccount, by: Parent, at: datetime) -> None:
    """Ask the broker to close an account for good.

    :raises NotNow: the child has not taken control, something is in it or under way, the broker
        has restricted it, or it was asked for already
    """
    with transaction.atomic():
        # New purchases lock the same row before they begin.
        account = (
            BrokerAccount.objects.select_for_update(of=("self",))
            .select_related("child")
            .get(pk=account.pk)
        )
        if account.close_asked_at or account.status == Status.CLOSED:
            raise NotNow(_("This account is being closed already."), code="already_done")
        rules.check_can_close(account, today=at.astimezone(NEW_YORK).date())
        BrokerAccount.objects.filter(pk=account.pk).update(close_asked_at=at, next_step_at=at)
        audit.record("account.close_asked", account, by=by.user, at=at)
        enqueue(TASK, pk=account.pk)


def advance_broker_account(pk: UUID, *, at: datetime) -> None:
    """Take an account one step towards OPEN or CLOSED, or look whether an open one still is."""
    drive(BrokerAccount, pk, _step, task=TASK, at=at)


def _step(account: BrokerAccount, at: datetime) -> datetime | None:
    if account.status == Status.REFUSED:
        return None  # until something has changed, or staff say so
    if account.vendor_id:
        state = get_broker().get_account(account.vendor_id)
    else:
        if not _people_are_approved(account):
            return at + WAITING  # woken on approval
        try:
            state = _open_at_broker(account, at)
        except Unclear:
            return at + HOURLY  # staff decide; whatever they find wakes it
        except Rejected as refusal:
            _take_refusal(account, refusal, at)
            return None
    if state.is_unclear or (state.status == Status.PENDING and account.status not in OPENING):
        state = _wait_for_meaning(account, state, at)
    if not (account.status == state.status or account.can_move_to(state.status)):
        _open_case(account, f"The broker says {state.vendor_status} of a closed account.", at)
        return None
    _record(account, state, at)
    if state.status == Status.CLOSED:
        return None
    if account.close_asked_at and not account.close_refused_at:
        return _close(account, at)
    return at + (SOON if state.status == Status.PENDING else HOURLY)


def _open_at_broker(account: BrokerAccount, at: datetime) -> AccountState:
    return ask_once(
        account,
        at,
        send=lambda: get_broker().create_account(
            owner_id=account.owner.vendor_id, key=account.key, kind=account.kind
        ),
        find=lambda: find_account(account, at),
    )


def _wait_for_meaning(account: BrokerAccount, state: AccountState, at: datetime) -> AccountState:
    """Return what a status nobody told us of comes to: nothing moves, and a person asks."""
    if account.status in OPENING:
        with transaction.atomic():
            word = state.vendor_status
            open_word_case(account, reason=f"The broker says {word!r} of an account", at=at)
        return replace(state, status=Status.PENDING)
    held = account.status if account.status == Status.FROZEN else Status.NO_NEW_TRADES
    return replace(state, status=held)


def _people_are_approved(account: BrokerAccount) -> bool:
    """Say whether the broker knows everybody an account needs: both, or the parent of a teen."""
    people = [account.custodian]
    if account.kind == BrokerAccount.Kind.CUSTODIAL:
        people.append(BrokerUser.objects.get(child=account.child_id))
    return all(person.status == BrokerUser.Status.APPROVED for person in people)


def _close(account: BrokerAccount, at: datetime) -> datetime | None:
    """Tell the broker to close; what it refuses, staff ask again once they have looked into it."""
    change = AccountChange(status=Status.CLOSED, comment="Closed at the custodian's request")
    try:
        state = get_broker().update_account(account.vendor_id, change)
    except Rejected as refusal:
        with transaction.atomic():
            BrokerAccount.objects.filter(pk=account.pk).update(close_refused_at=at)
            audit.record("account.close_refused", account, by="brokerage", at=at, code=refusal.code)
            summary = f"The broker does not close an account as asked ({refusal.code})."
            _open_case(account, summary, at)
        return at + HOURLY
    _record(account, state, at)
    return None if state.status == Status.CLOSED else at + HOURLY


def _take_refusal(account: BrokerAccount, refusal: Rejected, at: datetime) -> None:
    """Stop asking: compliance has a case, the parent is written to, and a new key is ready."""
    with transaction.atomic():
        account.move_to(
            Status.REFUSED,
            vendor_status=refusal.code[:40],
            key=uuid5(account.key, "again"),
            asked_at=None,
            refused_at=None,
        )
        audit.record("account.refused", account, by="brokerage", at=at, code=refusal.code)
        _open_case(account, f"The broker does not open an account ({refusal.code}).", at)
        write_letter(Letter.Kind.ACCOUNT, account=account, at=at)


@transaction.atomic
def open_again(account: BrokerAccount, *, by: User, reason: str, at: datetime) -> None:
    """Ask the broker once more for an account it refused.

    :raises StaleMove: it is not refused (any more)
    """
    account.move_to(Status.INTENDED, vendor_status="", next_step_at=at)
    audit.record("account.asked_again", account, by=by, at=at, reason=reason)
    enqueue(TASK, pk=account.pk)


def may_open_again(account: BrokerAccount) -> bool:
    """Say whether the broker has refused to open an account."""
    return account.status == Status.REFUSED


@transaction.atomic
def close_again(account: BrokerAccount, *, by: User, reason: str, at: datetime) -> None:
    """Ask the broker once more to close an account, as its custodian wants.

    :raises StaleMove: the broker has not refused it, or it is closed by now
    """
    asked = BrokerAccount.objects.filter(pk=account.pk, close_refused_at__isnull=False)
    if not asked.exclude(status=Status.CLOSED).update(close_refused_at=None, next_step_at=at):
        raise StaleMove(_("The broker has not refused to close this account."))
    audit.record("account.close_asked_again", account, by=by, at=at, reason=reason)
    enqueue(TASK, pk=account.pk)


def may_close_again(account: BrokerAccount) -> bool:
    """Say whether the broker has refused to close an account as asked."""
    return account.close_refused_at is not None and account.status != Status.CLOSED


def _record(account: BrokerAccount, state: AccountState, at: datetime) -> None:
    if state.status == account.status:
        if state.reason != account.status_reason:
            BrokerAccount.objects.filter(pk=account.pk).update(status_reason=state.reason)
        return
    changes: dict[str, object] = {
        "vendor_id": state.id,
        "number": state.number,
        "vendor_status": state.vendor_status,
        "status_reason": state.reason,
    }
    if state.status == Status.OPEN and account.opened_at is None:
        changes |= {"opened_at": at}
    is_new = account.status in (Status.INTENDED, Status.REFUSED)
    was_unclear = account.status == Status.PENDING
    with transaction.atomic():
        account.move_to(state.status, **changes, close_refused_at=None, may_be=[])
        if was_unclear:
            settle_case(Case.Kind.ODD, account, finding="It says what we understand now.", at=at)
        if is_new:
            settle_case(Case.Kind.ACCOUNT, account, finding="The broker opened it.", at=at)
            enqueue("brokerage.tasks.tell_contact", parent_id=account.child.parent_id)
        audit.record("account.moved", account, by="brokerage", at=at, status=state.status)
        _write_to_parent(account, at, is_new="opened_at" in changes)
        if state.status in RESTRICTED and not account.close_asked_at:
            why = state.reason or "no reason given"
            _open_case(account, f"The broker set an account to {state.vendor_status}: {why}.", at)


def _write_to_parent(account: BrokerAccount, at: datetime, *, is_new: bool) -> None:
    """Tell the parent of an account that opened, that the broker limited, or that closed."""
    kinds = {
        Status.FROZEN: Notice.Kind.ACCOUNT_LIMITED,
        Status.NO_NEW_TRADES: Notice.Kind.ACCOUNT_LIMITED,
        Status.CLOSED: Notice.Kind.ACCOUNT_CLOSED,
    } | ({Status.OPEN: Notice.Kind.ACCOUNT_OPENED} if is_new else {})
    if kind := kinds.get(Status(account.status)):
        occasion = at.isoformat() if kind == Notice.Kind.ACCOUNT_LIMITED else ""
        write_notice(kind, account.child.parent, account, at=at, occasion=occasion)


def _open_case(account: BrokerAccount, summary: str, at: datetime) -> None:
    parent = account.child.parent
    open_case(Case.Kind.ACCOUNT, account, summary=summary, at=at, account=account, parent=parent)
