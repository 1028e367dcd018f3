"""The purchase engine: one intent becomes one deposit and one order, whatever dies in between.

Each step writes what it is about to ask under a stored key, commits, asks the broker outside any
transaction, and records the answer by compare-and-swap. A repeat of any step is harmless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Consent
from brokerage import events
from brokerage.buying_power import get_unsent
from brokerage.driving import drive, poll_at
from brokerage.gateway import Cash, DepositState, Rejected, get_broker
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    Deposit,
    Instrument,
    Order,
    Purchase,
)
from brokerage.operations.orders import follow_order, write_order
from brokerage.operations.terms import read_terms
from brokerage.rules import check_can_start_purchase
from core import audit
from core.calendars import add_banking_days
from core.clock import NEW_YORK
from core.errors import NotNow
from core.queue import enqueue
from core.switches import is_halted

TASK = "brokerage.tasks.advance_purchase"
Status = Purchase.Status
ACH_DAYS = 4  # banking days until an ACH deposit may buy (DriveWealth, Depositing: 4-5)
WAIT = timedelta(seconds=60)
HOURLY = timedelta(hours=1)
KEY_MEMORY = timedelta(
    days=3, hours=12
)  # DriveWealth forgets keys after 4 days; half a day for skew
ENDS = {Status.EXECUTED, Status.FAILED, Status.CANCELED, Status.RETURNED}


@dataclass(frozen=True)
class PurchaseIntent:
    """What is to be bought for whom, paid from where. `reference` is the caller's own row."""

    account: BrokerAccount
    bank: BankAccount
    instrument: Instrument
    amount: Decimal
    reference: UUID
    authorization: Consent


def start_purchase(intent: PurchaseIntent, *, at: datetime) -> Purchase:
    """Write the intent in the caller's transaction and have it driven after commit.

    :raises NotNow: the account, the bank, the instrument or a halt forbid it
    """
    check_can_start_purchase(intent.account, intent.bank, intent.instrument)
    purchase = Purchase.objects.create(
        account=intent.account,
        bank=intent.bank,
        instrument=intent.instrument,
        amount=intent.amount,
        reference=intent.reference,
        authorization=intent.authorization,
        created_at=at,
        next_step_at=at,
    )
    audit.record("purchase.started", purchase, by="brokerage", at=at, amount=intent.amount)
    enqueue(TASK, pk=purchase.pk)
    return purchase


def advance_purchase(pk: UUID, *, at: datetime) -> None:
    """Take a purchase one step."""
    drive(Purchase, pk, _step, task=TASK, at=at)


def _step(purchase: Purchase, at: datetime) -> datetime | None:
    if purchase.status == Status.QUEUED:
        return _begin_funding(purchase, at)
    if purchase.status == Status.FUNDING:
        return _follow_deposit(purchase, at)
    if purchase.status == Status.FUNDED:
        return _begin_ordering(purchase, at)
    if purchase.status == Status.ORDERING:
        return _follow_order(purchase, at)
    return None


# --- the deposit --------------------------------------------------------------------------------


def _begin_funding(purchase: Purchase, at: datetime) -> datetime:
    """Write the deposit, not yet sent."""
    ready = (
        purchase.account.status == BrokerAccount.Status.OPEN
        and purchase.bank.status == BankAccount.Status.ACTIVE
    )
    if not ready or is_halted("halt-deposits"):
        return at + WAIT
    with transaction.atomic():
        deposit = Deposit.objects.create(
            purchase=purchase,
            account=purchase.account,
            bank=purchase.bank,
            amount=purchase.amount,
            created_at=at,
            expected_on=add_banking_days(at.astimezone(NEW_YORK).date(), ACH_DAYS),
        )
        audit.record("deposit.intended", deposit, by="brokerage", at=at, amount=deposit.amount)
        _move(purchase, Status.FUNDING, at)
    return at


def _follow_deposit(purchase: Purchase, at: datetime) -> datetime | None:
    deposit = purchase.deposits.get(status__in=Deposit.LIVE)
    if deposit.vendor_id:
        state = get_broker().get_deposit(deposit.vendor_id)
        return _record_deposit(purchase, deposit, state, at)
    if is_halted("halt-deposits"):
        return at + WAIT
    found = _find_deposit(deposit, purchase) if at - deposit.created_at > KEY_MEMORY else None
    if found is None:
        try:
            found = _send_deposit(deposit, purchase)
        except Rejected as refusal:
            # It may answer a repeat whose first try was taken: look before believing it.
            found = _find_deposit(deposit, purchase)
            if found is None:
                _take_refusal(purchase, deposit, refusal, at)
                return None
    return _record_deposit(purchase, deposit, found, at)


def _send_deposit(deposit: Deposit, purchase: Purchase) -> DepositState:
    return get_broker().create_deposit(
        account_number=purchase.account.number,
        bank_id=purchase.bank.vendor_id,
        amount=deposit.amount,
        key=deposit.key,
    )


def _find_deposit(deposit: Deposit, purchase: Purchase) -> DepositState | None:
    return get_broker().find_deposit(purchase.account.vendor_id, key=deposit.key)


def _take_refusal(purchase: Purchase, deposit: Deposit, refusal: Rejected, at: datetime) -> None:
    with transaction.atomic():
        deposit.move_to(Deposit.Status.FAILED, failure=refusal.reason)
        audit.record("deposit.refused", deposit, by="brokerage", at=at, code=refusal.code)
        _fail(purchase, Status.FAILED, refusal.reason, at)


def _record_deposit(
    purchase: Purchase, deposit: Deposit, state: DepositState, at: datetime
) -> datetime | None:
    if state.status == deposit.status:
        return _look_for_money_at(deposit, at)
    changes: dict[str, object] = {"vendor_id": state.id, "vendor_status": state.vendor_status}
    if deposit.sent_at is None:
        changes["sent_at"] = at
    if state.status == Deposit.Status.SETTLED:
        changes["settled_at"] = at
    ended = {
        Deposit.Status.FAILED: (Status.FAILED, _("The bank transfer did not go through.")),
        Deposit.Status.RETURNED: (Status.RETURNED, _("The bank took the transfer back.")),
    }.get(Deposit.Status(state.status))
    with transaction.atomic():
        # Money may have come or gone: a cash reading from before is void.
        BrokerAccount.objects.filter(pk=deposit.account_id).update(spending=F("spending") + 1)
        deposit.move_to(state.status, failure=ended[1] if ended else "", **changes)
        audit.record(
            f"deposit.{state.status.lower()}", deposit, by="brokerage", at=at, amount=deposit.amount
        )
        if ended:
            _fail(purchase, ended[0], ended[1], at)
        elif state.status == Deposit.Status.SETTLED:
            _move(purchase, Status.FUNDED, at)
    if ended:
        return None
    return at if state.status == Deposit.Status.SETTLED else _look_for_money_at(deposit, at)


def _look_for_money_at(deposit: Deposit, at: datetime) -> datetime:
    """Return when to ask again: hourly until the day it should arrive, then often."""
    due = deposit.expected_on and at.astimezone(NEW_YORK).date() >= deposit.expected_on
    return poll_at(at) if due else at + HOURLY


# --- the order ------------------------------------------------------------------------------------


def _begin_ordering(purchase: Purchase, at: datetime) -> datetime | None:
    """Reserve settled cash and write the order, not yet sent.

    What the bank took back meanwhile buys nothing, the cash may be another gift's. The cash reading
    counts only if nothing was spent since before it was asked for; what is written but not yet sent
    is subtracted, so that two purchases never spend the same dollar. An order of the custodian's
    own leaves untouched what a gift's money is to buy.
    """
    if is_halted("halt-orders"):
        return at + WAIT
    before = BrokerAccount.objects.get(pk=purchase.account_id)
    hopeless = _why_never(purchase, before, at)
    if hopeless is None and not _can_buy_now(purchase.instrument, before):
        return at + WAIT
    deposit = purchase.deposits.get(status=Deposit.Status.SETTLED)
    state = get_broker().get_deposit(deposit.vendor_id)
    if state.status == Deposit.Status.RETURNED:
        return _record_deposit(purchase, deposit, state, at)
    cash = get_broker().get_cash(before.vendor_id)
    if hopeless is not None:
        _leave_the_money(purchase, hopeless, cash, at)
        return None
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=before.pk)
        if account.spending != before.spending:
            return at
        if cash.for_trade - get_unsent(account) < purchase.amount:
            return poll_at(at)  # settled, but the broker withholds it or another order has it
        order = Order(
            purchase=purchase,
            account=account,
            instrument=purchase.instrument,
            amount=purchase.amount,
            asked_at=at,
        )
        write_order(order, at=at)
        audit.record("order.intended", order, by="brokerage", at=at, amount=order.amount)
        _move(purchase, Status.ORDERING, at)
    return at


def _can_buy_now(instrument: Instrument, account: BrokerAccount) -> bool:
    return (
        instrument.status == Instrument.Status.ACTIVE
        and account.status == BrokerAccount.Status.OPEN
    )


def _why_never(purchase: Purchase, account: BrokerAccount, at: datetime) -> str | None:
    """Return why this share will not be bought any more; None while it is worth waiting.

    Our catalogue counts as gone what the broker merely leaves out of its list while it is halted:
    the broker is asked before a purchase is given up.
    """
    instrument = purchase.instrument
    if account.status == BrokerAccount.Status.CLOSED:
        return _("The account is closed.")
    arrived = purchase.deposits.filter(status=Deposit.Status.SETTLED)
    since = arrived.values_list("settled_at", flat=True).first() or purchase.created_at
    waited = at - since >= timedelta(days=settings.HALTED_GIFT_DAYS)
    gone = instrument.status == Instrument.Status.INACTIVE
    if instrument.status == Instrument.Status.ACTIVE or not (gone or waited):
        return None
    try:
        read_terms(instrument, at=at)
        instrument.refresh_from_db()
    except Rejected:  # the broker does not know it any more
        return _("%s is no longer traded.") % instrument.symbol
    if instrument.status == Instrument.Status.INACTIVE:
        return _("%s is no longer traded.") % instrument.symbol
    if waited and instrument.status == Instrument.Status.HALTED:
        return _("Trading in %s has been halted for too long.") % instrument.symbol
    if waited and instrument.status == Instrument.Status.CLOSE_ONLY:
        return _("%s can not be bought any more.") % instrument.symbol
    return None


def _leave_the_money(purchase: Purchase, reason: str, cash: Cash, at: datetime) -> None:
    """Give a paid purchase up; say that the money is in the account only where it is."""
    if cash.balance >= purchase.amount:
        reason = _("%s The money is in the child's account.") % reason
    with transaction.atomic():
        _fail(purchase, Status.FAILED, reason, at)
        enqueue("brokerage.tasks.sync_account", pk=purchase.account_id)


def _follow_order(purchase: Purchase, at: datetime) -> datetime | None:
    orders = purchase.orders.select_related("account", "instrument")
    order = orders.get(status__in=Order.UNDER_WAY)
    return follow_order(order, at, ended=partial(_end_order, purchase))


def _end_order(purchase: Purchase, order: Order, at: datetime) -> None:
    """Move the purchase after its order."""
    if order.status == Order.Status.FILLED or order.quantity > 0:
        _move(purchase, Status.EXECUTED, at)
    elif purchase.deposits.filter(status=Deposit.Status.RETURNED).exists():
        take_back(purchase, at=at)
    else:
        reason = _("The broker did not carry out the order. The money is in the child's account.")
        _fail(purchase, Status.FAILED, reason, at)


# --- canceling ----------------------------------------------------------------------------------


@transaction.atomic
def cancel_purchase(purchase: Purchase, *, reason: str, at: datetime) -> None:
    """Cancel a purchase before its bank transfer has started.

    :param reason: a sentence for the people concerned
    :raises NotNow: the transfer has started, or the purchase has ended
    """
    purchase = Purchase.objects.select_for_update().get(pk=purchase.pk)
    if purchase.status != Status.QUEUED:
        raise NotNow(
            _("It is too late to cancel this: the bank transfer has started.")
            if purchase.status in (Status.FUNDING, Status.FUNDED, Status.ORDERING)
            else _("This is already %s.") % purchase.status_label(),
            code="too_late",
        )
    _move(purchase, Status.CANCELED, at, failure=reason, next_step_at=None)


# --- moving ---------------------------------------------------------------------------------------


def _move(purchase: Purchase, status: Purchase.Status, at: datetime, **changes: object) -> None:
    """Move the purchase, write it down, tell who listens once it is committed."""
    if status in ENDS:
        changes["ended_at"] = at
    purchase.move_to(status, **changes)
    audit.record(f"purchase.{status.lower()}", purchase, by="brokerage", at=at)
    pk = purchase.pk
    transaction.on_commit(
        lambda: events.purchase_moved.send(sender=None, purchase_id=pk, status=status)
    )


def take_back(purchase: Purchase, *, at: datetime) -> None:
    """Move a purchase whose deposit the bank took back after it had settled."""
    _fail(purchase, Status.RETURNED, _("The bank took the transfer back."), at)


def _fail(purchase: Purchase, status: Purchase.Status, reason: str, at: datetime) -> None:
    _move(purchase, status, at, failure=reason)
