"""The purchase engine: one intent becomes one deposit and one order, whatever dies in between.

Each step writes what it is about to ask under a stored key, commits, asks the broker outside any
transaction, and records the answer by compare-and-swap. A repeat of any step is harmless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from accounts.models import Consent
from brokerage import events
from brokerage.driving import drive, poll_at
from brokerage.gateway import DepositState, OrderRequest, OrderState, Rejected, get_broker
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    Deposit,
    Instrument,
    Order,
    Purchase,
)
from brokerage.rules import check_can_start_purchase
from core import audit
from core.calendars import add_banking_days, session_at_or_after
from core.clock import NEW_YORK
from core.queue import enqueue
from core.switches import is_halted

TASK = "brokerage.tasks.advance_purchase"
Status = Purchase.Status
ACH_DAYS = 4  # banking days until an ACH deposit may buy (DriveWealth, Depositing: 4-5)
WAIT = timedelta(seconds=60)
HOURLY = timedelta(hours=1)
FILL_TIME = timedelta(seconds=2)
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
    locked = BrokerAccount.objects.select_for_update(of=("self",)).select_related("child")
    account = locked.get(pk=intent.account.pk)  # not closed meanwhile
    check_can_start_purchase(account, intent.bank, intent.instrument)
    purchase = Purchase.objects.create(
        account=account,
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
    is subtracted, so that two purchases never spend the same dollar.
    """
    instrument = purchase.instrument
    if is_halted("halt-orders") or instrument.status != Instrument.Status.ACTIVE:
        return at + WAIT
    before = BrokerAccount.objects.get(pk=purchase.account_id)
    if before.status != BrokerAccount.Status.OPEN:
        return at + WAIT
    deposit = purchase.deposits.get(status=Deposit.Status.SETTLED)
    state = get_broker().get_deposit(deposit.vendor_id)
    if state.status == Deposit.Status.RETURNED:
        return _record_deposit(purchase, deposit, state, at)
    cash = get_broker().get_cash(before.vendor_id)
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=before.pk)
        if account.spending != before.spending:
            return at
        reserved = _reserved(account)
        if cash.for_trade - reserved < purchase.amount:
            return poll_at(at)  # settled, but the broker withholds it or another order has it
        order = Order.objects.create(
            purchase=purchase,
            account=account,
            instrument=instrument,
            amount=purchase.amount,
            created_at=at,
        )
        BrokerAccount.objects.filter(pk=account.pk).update(spending=F("spending") + 1)
        audit.record("order.intended", order, by="brokerage", at=at, amount=order.amount)
        _move(purchase, Status.ORDERING, at)
    return at


def _reserved(account: BrokerAccount) -> Decimal:
    """Return what orders written but not yet known at the broker will spend."""
    unsent = Order.objects.filter(account=account, status=Order.Status.INTENDED)
    return unsent.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def _follow_order(purchase: Purchase, at: datetime) -> datetime | None:
    order = purchase.orders.select_related("account").get(
        status__in=["INTENDED", "NEW", "PARTIAL_FILL"]
    )
    if order.vendor_id:
        state = get_broker().get_order(order.vendor_id)
        return _record_order(purchase, order, state, at)
    if is_halted("halt-orders"):
        return at + WAIT
    found = _find_order(order, at) if at - order.created_at > KEY_MEMORY else None
    if found is None:
        try:
            found = _send_order(order, purchase)
        except Rejected as refusal:
            # It may answer a repeat whose first try was taken: look before believing it.
            found = _find_order(order, at) or OrderState(
                "", "", Order.Status.REJECTED, refusal.code, failure=refusal.reason
            )
    return _record_order(purchase, order, found, at)


def _send_order(order: Order, purchase: Purchase) -> OrderState:
    request = OrderRequest(
        account_number=order.account.number,
        symbol=purchase.instrument.symbol,
        amount=order.amount,
    )
    return get_broker().create_order(request, key=order.key)


def _find_order(order: Order, at: datetime) -> OrderState | None:
    return get_broker().find_order(
        order.account.vendor_id, key=order.key, since=order.created_at, until=at
    )


def _record_order(
    purchase: Purchase, order: Order, state: OrderState, at: datetime
) -> datetime | None:
    """Book what the broker says; what filled counts even where the rest was canceled."""
    news = (state.status, state.quantity) != (order.status, order.quantity)
    if not news:
        return poll_at(at)
    changes: dict[str, object] = {
        "vendor_status": state.vendor_status,
        "quantity": state.quantity,
        "average_price": state.average_price,
        "cost": state.cost,
        "failure": state.failure[:200],
    }
    if order.sent_at is None:
        changes |= {"vendor_id": state.id, "number": state.number, "sent_at": at}
        changes["expected_on"] = session_at_or_after(at).on
    if state.status == Order.Status.FILLED:
        changes["filled_at"] = state.executed_at or at
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=order.account_id)
        if state.status == order.status:
            Order.objects.filter(pk=order.pk, status=order.status).update(**changes)
        else:
            order.move_to(state.status, **changes)
        BrokerAccount.objects.filter(pk=account.pk).update(spending=F("spending") + 1)
        audit.record(
            f"order.{state.status.lower()}",
            order,
            by="brokerage",
            at=at,
            quantity=state.quantity,
            cost=state.cost,
        )
        return _end_order(purchase, state, at)


def _end_order(purchase: Purchase, state: OrderState, at: datetime) -> datetime | None:
    """Move the purchase after its order; say when to look again."""
    if state.status in (Order.Status.NEW, Order.Status.PARTIAL_FILL):
        return _look_for_fill_at(at)
    if state.status == Order.Status.FILLED or state.quantity > 0:
        _move(purchase, Status.EXECUTED, at)
    else:
        reason = _("The broker did not carry out the order. The money is in the child's account.")
        _fail(purchase, Status.FAILED, reason, at)
    enqueue("brokerage.tasks.sync_account", pk=purchase.account_id)
    return None


def _look_for_fill_at(at: datetime) -> datetime:
    """Return when a fresh order may have filled: in a moment, or just after the next opening."""
    return max(session_at_or_after(at).opens_at, at) + FILL_TIME


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
