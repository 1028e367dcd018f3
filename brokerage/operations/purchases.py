"""The purchase engine: one intent becomes one deposit and one order, whatever dies in between.

Each step writes what it is about to ask under a stored key, commits, asks the broker outside any
transaction, and records the answer by compare-and-swap. A repeat of any step is harmless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from accounts.models import Consent
from brokerage.driving import KEY_MEMORY, WAIT, drive, poll_at
from brokerage.gateway import OrderRequest, OrderState, Rejected, get_broker
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    Deposit,
    Instrument,
    Order,
    Purchase,
)
from brokerage.operations import deposits
from brokerage.operations.moves import ENDS, fail_purchase, move_purchase
from brokerage.rules import BANK_GONE, check_can_retry, check_can_start_purchase, is_paused
from core import audit
from core.calendars import session_at_or_after
from core.queue import enqueue
from core.switches import is_halted

TASK = "brokerage.tasks.advance_purchase"
Status = Purchase.Status
FILL_TIME = timedelta(seconds=2)


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
    bank = BankAccount.objects.select_for_update().get(pk=intent.bank.pk)  # not removed meanwhile
    check_can_start_purchase(account, bank, intent.instrument)
    purchase = Purchase.objects.create(
        account=account,
        bank=bank,
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


def retry_purchase(
    ended: Purchase, *, bank: BankAccount, authorization: Consent, at: datetime
) -> Purchase:
    """Start a new purchase in the place of one that came to nothing; that one keeps its history.

    Its reference follows from the old one, so that one failure is followed by one new try.

    :raises NotNow: shares were bought, the money is in the account, the bank's return forbids it,
        or what would forbid any purchase
    """
    check_can_retry(ended)
    intent = PurchaseIntent(
        account=ended.account,
        bank=bank,
        instrument=ended.instrument,
        amount=ended.amount,
        reference=next_reference(ended),
        authorization=authorization,
    )
    return start_purchase(intent, at=at)


def next_reference(ended: Purchase) -> UUID:
    """Return the reference of the purchase that takes this one's place."""
    return uuid5(ended.pk, "again")


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


def _begin_funding(purchase: Purchase, at: datetime) -> datetime | None:
    """Write the deposit, not yet sent."""
    bank, account = purchase.bank, purchase.account
    if bank.status in (BankAccount.Status.DISABLED, BankAccount.Status.REMOVED):
        with transaction.atomic():
            fail_purchase(purchase, Status.FAILED, str(BANK_GONE), at)
        return None
    ready = account.status == BrokerAccount.Status.OPEN and bank.status == BankAccount.Status.ACTIVE
    if not ready or is_paused(bank.parent_id) or is_halted("halt-deposits"):
        return at + WAIT
    with transaction.atomic():
        deposits.intend_deposit(account, bank, purchase.amount, at, purchase=purchase)
        move_purchase(purchase, Status.FUNDING, at)
    return at


def _follow_deposit(purchase: Purchase, at: datetime) -> datetime | None:
    deposit = purchase.deposits.get(status__in=Deposit.LIVE)
    return deposits.follow_deposit(deposit, at, moved=partial(_move_with_deposit, purchase))


def _move_with_deposit(purchase: Purchase, deposit: Deposit, at: datetime) -> None:
    if deposit.status in deposits.ENDED_BADLY:
        fail_purchase(purchase, Status(deposit.status), deposit.failure, at)
    elif deposit.status == Deposit.Status.SETTLED:
        move_purchase(purchase, Status.FUNDED, at)


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
    follow = partial(_move_with_deposit, purchase)
    if not deposits.money_is_there(deposit, at, moved=follow):
        return None if purchase.status in ENDS else poll_at(at)
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
        move_purchase(purchase, Status.ORDERING, at)
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
        move_purchase(purchase, Status.EXECUTED, at)
    else:
        reason = _("The broker did not carry out the order. The money is in the child's account.")
        fail_purchase(purchase, Status.FAILED, reason, at)
    enqueue("brokerage.tasks.sync_account", pk=purchase.account_id)
    return None


def _look_for_fill_at(at: datetime) -> datetime:
    """Return when a fresh order may have filled: in a moment, or just after the next opening."""
    return max(session_at_or_after(at).opens_at, at) + FILL_TIME
