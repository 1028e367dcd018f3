"""An order's life at the broker: written, sent under its key, found again, booked as it fills.

Whose order it is, a purchase's or a custodian's own, is the caller's matter: it says what else is
to be written, in the same transaction, once the order has ended.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F

from brokerage.gateway import OrderRequest, OrderState, Rejected, get_broker
from brokerage.models import BrokerAccount, Order
from brokerage.operations.asking import Unclear, ask_once
from brokerage.operations.gains import write_gain
from brokerage.operations.lost import find_order
from brokerage.polling import poll_at
from core import audit
from core.calendars import session_at_or_after, settles_on
from core.clock import NEW_YORK
from core.driven import LEASE
from core.queue import enqueue
from core.switches import is_halted

WAIT = timedelta(seconds=60)
HOURLY = timedelta(hours=1)
FILL_TIME = timedelta(seconds=2)
Status = Order.Status
Ended = Callable[[Order, datetime], None]


def write_order(order: Order, *, at: datetime) -> Order:
    """Write an order the broker has not heard of, and void older cash readings.

    Its key there follows from what it is for: one purchase, or one form. Call it in the transaction
    that decided about it, under the account's row lock.
    """
    intent = order.purchase.reference if order.purchase else order.form_key
    if intent is not None:
        order.key = uuid5(intent, "order")
    order.created_at = at
    order.save(force_insert=True)
    void_cash_readings(order.account_id)
    return order


def void_cash_readings(account_id: UUID) -> None:
    """Have whoever read the account's cash before now read it again."""
    BrokerAccount.objects.filter(pk=account_id).update(spending=F("spending") + 1)


def follow_order(order: Order, at: datetime, *, ended: Ended) -> datetime | None:
    """Send an order or ask how it stands, and book the answer; say when to look again.

    :param ended: called in the booking's transaction once nothing more will fill
    :raises Unavailable: the broker gave no usable answer; what was sent was sent under the key
    """
    if order.vendor_id:
        return record_order(order, get_broker().get_order(order.vendor_id), at, ended=ended)
    if is_halted("halt-orders"):
        return at + WAIT
    try:
        found = _send_or_find(order, at)
    except Unclear:
        return at + HOURLY  # staff decide; whatever they find wakes it
    return record_order(order, found, at, ended=ended)


def _send_or_find(order: Order, at: datetime) -> OrderState:
    """Send the order, where it can not be there already.

    :raises Unclear: something at the broker may be it
    """
    try:
        return ask_once(
            order,
            at,
            send=lambda: _send(order),
            find=lambda: find_order(order, at),
            repeat=_may_be_a_repeat(order, at),
        )
    except Rejected as refusal:
        return OrderState("", "", Status.REJECTED, refusal.code, failure=refusal.reason)


def _may_be_a_repeat(order: Order, at: datetime) -> bool:
    """Say whether the order may have gone out before.

    It is noted as asked for a moment before its first try; a failure since, or a lease that ran
    out, means that there may have been another.
    """
    driven = order.purchase or order
    return driven.attempts > 0 or at - (order.asked_at or at) >= LEASE


def record_order(order: Order, state: OrderState, at: datetime, *, ended: Ended) -> datetime | None:
    """Book what the broker says; what filled counts even where the rest was canceled."""
    if (state.status, state.quantity) == (order.status, order.quantity):
        fresh = order.sent_at is not None and at - order.sent_at < WAIT
        return _look_for_fill_at(at) if fresh else poll_at(at)
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=order.account_id)
        _book(order, state, at)
        void_cash_readings(account.pk)
        if order.quantity:
            write_gain(account.pk)
        if order.status in Order.UNDER_WAY:
            return _look_for_fill_at(at)
        ended(order, at)
        enqueue("brokerage.tasks.sync_account", pk=account.pk)
    return None


def _book(order: Order, state: OrderState, at: datetime) -> None:
    changes = _changes(order, state, at)
    if state.status == order.status:
        Order.objects.filter(pk=order.pk, status=order.status).update(**changes)
        for name, value in changes.items():
            setattr(order, name, value)
    else:
        order.move_to(state.status, **changes)
    audit.record(
        f"order.{state.status.lower()}",
        order,
        by="brokerage",
        at=at,
        quantity=state.quantity,
        cost=state.cost,
    )


def _changes(order: Order, state: OrderState, at: datetime) -> dict[str, object]:
    changes: dict[str, object] = {
        "vendor_status": state.vendor_status,
        "quantity": state.quantity,
        "average_price": state.average_price,
        "cost": state.cost,
        "fees": max(state.fees, order.fees),
        "failure": state.failure[:200],
        "may_be": [],
    }
    if order.sent_at is None:
        changes |= {"vendor_id": state.id, "number": state.number, "sent_at": at}
        changes["expected_on"] = session_at_or_after(at).on
    if state.quantity and state.status not in Order.UNDER_WAY:
        filled_at = state.executed_at or at
        traded_on = filled_at.astimezone(NEW_YORK).date()
        days = order.instrument.settlement_days
        changes["filled_at"] = filled_at
        changes["settles_on"] = settles_on(traded_on, 1 if days is None else days)
    return changes


def _send(order: Order) -> OrderState:
    request = OrderRequest(
        account_number=order.account.number,
        symbol=order.instrument.symbol,
        side=order.side,
        kind=order.kind,
        quantity=order.asked_quantity,
        amount=order.amount,
        price=order.price,
        time_in_force=order.time_in_force,
    )
    return get_broker().create_order(request, key=order.key)


def _look_for_fill_at(at: datetime) -> datetime:
    """Return when a fresh order may have filled: in a moment, or just after the next opening."""
    return max(session_at_or_after(at).opens_at, at) + FILL_TIME
