"""A deposit's own life: written down, sent once, followed until the money is there or gone.

A purchase moves with its deposit, in the transaction in which the deposit moves (`moved`). One a
custodian asked for outside gifts drives itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Consent, Parent
from accounts.operations import give_consent
from brokerage import rules
from brokerage.gateway import DepositState, Rejected, Undecided, get_broker
from brokerage.letters import tell_of_deposit
from brokerage.models import BankAccount, BrokerAccount, Deposit, Purchase
from brokerage.operations.asking import LANDED, Unclear, check_refusal, note_asked
from brokerage.operations.banks import check_vouched
from brokerage.operations.lost import find_deposit, read_hint
from brokerage.operations.microdeposits import lock_parent
from brokerage.operations.moves import fail_purchase
from brokerage.operations.returns import book_loss, take_consequences, take_notice
from brokerage.polling import KEY_MEMORY, poll_at
from core import audit
from core.calendars import add_banking_days
from core.clock import NEW_YORK
from core.driving import WAIT, drive
from core.errors import NotNow, StaleMove
from core.queue import enqueue
from core.switches import check_running, is_halted

TASK = "brokerage.tasks.advance_deposit"
Status = Deposit.Status
ACH_DAYS = 4  # banking days until an ACH deposit may buy (DriveWealth, Depositing: 4-5)
HOURLY = timedelta(hours=1)
ORDER_UNDER_WAY = timedelta(minutes=15)
UNDER_WAY = (Status.INTENDED, Status.PENDING, Status.ON_HOLD)
ENDED_BADLY = (Status.FAILED, Status.RETURNED)

# Called with the deposit and the time, in the transaction in which it moved.
Moved = Callable[[Deposit, datetime], None]
log = structlog.get_logger()


@dataclass(frozen=True)
class DepositRequest:
    """Money a custodian adds outside gifts.

    :param authorization: what the parent agreed to, word for word as it was shown
    :param form_key: names the form that was shown: sent twice it is one deposit
    """

    account: BrokerAccount | None
    bank: BankAccount | None
    amount: Decimal
    authorization: str
    form_key: UUID
    ip_address: str | None


# --- a deposit of its own -------------------------------------------------------------------------


@transaction.atomic
def start_deposit(request: DepositRequest, *, by: Parent, at: datetime) -> Deposit:
    """Take a parent's request to debit their bank, and have it driven after commit.

    :raises Invalid: the amount
    :raises NotAllowed: not this child's custodian
    :raises NotNow: the account, the bank, the day's limit, a pause or a halt forbid it
    """
    check_running("halt-deposits")
    account = rules.check_can_deposit_into(request.account, by)
    bank = rules.check_has_bank(request.bank)
    # One after the other, or two at once would both be below the day's limit. Whoever locks more
    # than one of them takes the account first, then the parent, then the bank.
    locked = BrokerAccount.objects.select_for_update(of=("self",)).select_related("child")
    account = locked.get(pk=account.pk)
    lock_parent(by.pk)
    bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
    repeated = Deposit.objects.filter(form_key=request.form_key).first()
    if repeated is not None:
        return _same_request(repeated, request)
    rules.check_can_start_deposit(account, bank, request.amount, by=by, at=at)
    consent = give_consent(
        parent=by,
        kind=Consent.Kind.ACH,
        text=request.authorization,
        at=at,
        ip_address=request.ip_address,
    )
    try:
        with transaction.atomic():
            deposit = intend_deposit(
                account,
                bank,
                request.amount,
                at,
                authorization=consent,
                form_key=request.form_key,
                next_step_at=at,
            )
    except IntegrityError as error:
        raise _sent_before() from error  # the same key in another parent's hand
    enqueue(TASK, pk=deposit.pk)
    return deposit


def check_deposit(
    *,
    account: BrokerAccount | None,
    bank: BankAccount | None,
    amount: Decimal | None,
    by: Parent,
    at: datetime,
) -> None:
    """Refuse what `start_deposit` would, by the answers that are understood so far (others None).

    :raises DomainError: as `start_deposit`
    """
    check_running("halt-deposits")
    account = rules.check_can_deposit_into(account, by)
    rules.check_can_start_deposit(account, bank, amount, by=by, at=at)


def _same_request(deposit: Deposit, request: DepositRequest) -> Deposit:
    """Return the deposit of a form that comes again, unless it says something else now."""
    sent = (request.account, request.bank, request.amount)
    if (deposit.account, deposit.bank, deposit.amount) != sent:
        raise _sent_before()
    return deposit


def _sent_before() -> NotNow:
    return NotNow(_("This form has been sent before. Open the page again to add more money."))


def advance_deposit(pk: UUID, *, at: datetime) -> None:
    """Take a deposit outside gifts one step, or finish the return of any."""
    drive(Deposit, pk, _step, task=TASK, at=at)


def _step(deposit: Deposit, at: datetime) -> datetime | None:
    if deposit.purchase_id:
        return take_back(deposit, at=at)
    if deposit.status in UNDER_WAY:
        return follow_deposit(deposit, at, moved=_read_account)
    if deposit.status in ENDED_BADLY:
        tell_of_deposit(deposit)
    return None


def _read_account(deposit: Deposit, _at: datetime) -> None:
    enqueue("brokerage.tasks.sync_account", pk=deposit.account_id)


# --- any deposit ----------------------------------------------------------------------------------


def intend_deposit(
    account: BrokerAccount, bank: BankAccount, amount: Decimal, at: datetime, **more: Any
) -> Deposit:
    """Write a deposit, not yet sent, in the caller's transaction.

    Its key at the broker follows from what it is for: one purchase, or one form.
    """
    purchase: Purchase | None = more.get("purchase")
    intent: UUID = purchase.reference if purchase else more["form_key"]
    deposit = Deposit.objects.create(
        key=uuid5(intent, "deposit"),
        account=account,
        bank=bank,
        amount=amount,
        created_at=at,
        expected_on=_expected_on(at),
        **more,
    )
    audit.record("deposit.intended", deposit, by="brokerage", at=at, amount=amount)
    return deposit


def _expected_on(at: datetime) -> date:
    return add_banking_days(at.astimezone(NEW_YORK).date(), ACH_DAYS)


def follow_deposit(deposit: Deposit, at: datetime, *, moved: Moved) -> datetime | None:
    """Send the deposit once, or ask how it stands; say when to look again, None at its end.

    :raises Unavailable: the broker gave no usable answer
    """
    if deposit.vendor_id:
        state = get_broker().get_deposit(deposit.vendor_id)
        return record_deposit(deposit, state, at, moved=moved)
    if hinted := read_hint(deposit, at):
        return record_deposit(deposit, hinted, at, moved=moved)
    if is_halted("halt-deposits"):
        return at + WAIT
    check_vouched(deposit.bank, at=at)
    try:
        return _send_or_find(deposit, at, moved=moved)
    except Unclear:
        return at + HOURLY  # staff decide; whatever they find wakes it


def _send_or_find(deposit: Deposit, at: datetime, *, moved: Moved) -> datetime | None:
    """Send the deposit, where it can not be there already; what is there is recorded.

    :raises Unclear: something at the broker may be it
    """
    linked = deposit.bank.status == BankAccount.Status.ACTIVE
    may_send = linked and not rules.is_bank_paused(deposit.bank)
    asked_at = deposit.asked_at or deposit.created_at
    look_first = not may_send or at - asked_at > KEY_MEMORY or bool(deposit.may_be)
    found = find_deposit(deposit, at) if look_first else None
    if found is None and may_send:
        repeat = deposit.asked_at is not None
        note_asked(deposit, at)
        try:
            found = _send_deposit(deposit)
        except Undecided:
            found = find_deposit(deposit, at)
            if found is None:
                raise
        except Rejected as refusal:
            # It may answer a repeat whose first try was taken: look before believing it.
            found = find_deposit(deposit, at)
            if found is None:
                check_refusal(deposit, refusal, at, repeat=repeat)
                return _take_refusal(deposit, refusal, at, moved=moved)
    if found is not None:
        return record_deposit(deposit, found, at, moved=moved)
    if linked:
        return at + HOURLY  # who lifts the pause wakes it
    if at - asked_at < LANDED:
        return at + LANDED
    gone = Rejected(rules.BANK_GONE, code="bank")
    return _take_refusal(deposit, gone, at, moved=moved)


def _send_deposit(deposit: Deposit) -> DepositState:
    return get_broker().create_deposit(
        account_number=deposit.account.number,
        bank_id=deposit.bank.vendor_id,
        amount=deposit.amount,
        key=deposit.key,
    )


def _take_refusal(
    deposit: Deposit, refusal: Rejected, at: datetime, *, moved: Moved
) -> datetime | None:
    with transaction.atomic():
        deposit.move_to(Status.FAILED, failure=str(refusal.reason)[:200])
        audit.record("deposit.refused", deposit, by="brokerage", at=at, code=refusal.code)
        moved(deposit, at)
    return _next_look(deposit, at)


def money_is_there(deposit: Deposit, at: datetime, *, moved: Moved) -> bool:
    """Ask whether settled money still is there, and record it where it is not.

    :raises Unavailable: the broker gave no usable answer
    """
    state = get_broker().get_deposit(deposit.vendor_id)
    if state.status == Status.SETTLED:
        return True
    record_deposit(deposit, state, at, moved=moved)
    return False


def record_deposit(
    deposit: Deposit, state: DepositState, at: datetime, *, moved: Moved
) -> datetime | None:
    """Write down what the broker says, with all that follows from it; say when to look again."""
    status = _meaning(deposit, state)
    if status == deposit.status:
        return _next_look(deposit, at)
    if not deposit.can_move_to(status):
        # Money that was there is on its way again: we wait until it is there or gone.
        log.error("deposit_contradicted", deposit=str(deposit.pk), ours=deposit.status, told=status)
        return _next_look(deposit, at)
    changes = _changes(deposit, state, status, at)
    with transaction.atomic():
        # Money may have come or gone: a cash reading from before is void.
        BrokerAccount.objects.filter(pk=deposit.account_id).update(spending=F("spending") + 1)
        deposit.move_to(status, **changes)
        detail = {"code": deposit.return_code} if deposit.return_code else {}
        verb = f"deposit.{status.lower()}"
        audit.record(verb, deposit, by="brokerage", at=at, amount=deposit.amount, **detail)
        if status in ENDED_BADLY:
            take_consequences(deposit, at=at)
            if deposit.purchase_id is None:
                book_loss(deposit, at=at)
        elif state.notice:
            take_notice(deposit, state.notice, at=at)
        moved(deposit, at)
    return _next_look(deposit, at)


def _meaning(deposit: Deposit, state: DepositState) -> Deposit.Status:
    """Return our status for the broker's: what failed after it had settled was taken back."""
    if deposit.status == Status.SETTLED and state.status == Status.FAILED:
        return Status.RETURNED
    return Status(state.status)


def _changes(
    deposit: Deposit, state: DepositState, status: Deposit.Status, at: datetime
) -> dict[str, object]:
    changes: dict[str, object] = {
        "vendor_id": state.id,
        "vendor_status": state.vendor_status,
        "return_code": state.return_code,
        "may_be": [],
    }
    if deposit.sent_at is None:
        changes |= {"sent_at": at, "expected_on": _expected_on(at)}
    if status == Status.SETTLED:
        changes["settled_at"] = at
    elif status == Status.FAILED:
        changes["failure"] = _("The bank transfer did not go through.")
    elif status == Status.RETURNED:
        changes |= {"failure": _("The bank took the transfer back."), "returned_at": at}
    return changes


def _next_look(deposit: Deposit, at: datetime) -> datetime | None:
    """Return when to look again: hourly until the day it should arrive, then often."""
    if deposit.status in ENDED_BADLY:
        return at if deposit.purchase_id is None else None  # the parent is to be told
    if deposit.status == Status.SETTLED:
        return at if deposit.purchase_id else None
    due = deposit.expected_on and at.astimezone(NEW_YORK).date() >= deposit.expected_on
    return poll_at(at) if due else at + HOURLY


# --- after it settled -----------------------------------------------------------------------------


def recheck_deposit(pk: UUID, *, at: datetime) -> datetime | None:
    """Ask whether the bank took a settled deposit back (a consumer's bank may for 60 days).

    One still under way is made due. The purchase it paid for moves after it, but not while an order
    is under way, whose fill must be booked first. Returns when to come again, None where all is
    written down; who does not come leaves the rest to the deposit itself.

    :raises Unavailable: the broker gave no usable answer
    """
    deposit = Deposit.objects.select_related("purchase", "account").get(pk=pk)
    if deposit.status in UNDER_WAY:
        row = deposit.purchase or deposit
        row.wake(row.pk, at=at)
        return None
    if deposit.status == Status.SETTLED:
        try:
            money_is_there(deposit, at, moved=_after_settling)
        except StaleMove:
            deposit.refresh_from_db()  # somebody heard of it too and was faster
    return take_back(deposit, at=at)


def _after_settling(deposit: Deposit, at: datetime) -> None:
    """Have the purchase follow, or the parent told, where nobody else is at it."""
    if deposit.purchase_id:
        take_back(deposit, at=at)
    else:
        Deposit.objects.filter(pk=deposit.pk).update(next_step_at=at)
        enqueue(TASK, pk=deposit.pk)
    _read_account(deposit, at)


@transaction.atomic
def take_back(deposit: Deposit, *, at: datetime) -> datetime | None:
    """Move the purchase whose deposit was returned; wait for an order under way."""
    if deposit.status != Status.RETURNED or not deposit.purchase_id:
        return None
    purchase = Purchase.objects.select_for_update().get(pk=deposit.purchase_id)
    if purchase.status == Purchase.Status.ORDERING:
        again_at = at + ORDER_UNDER_WAY
        Deposit.objects.filter(pk=deposit.pk).update(next_step_at=again_at)
        return again_at
    if purchase.can_move_to(Purchase.Status.RETURNED):
        book_loss(deposit, at=at)
        fail_purchase(purchase, Purchase.Status.RETURNED, deposit.failure, at)
    return None
