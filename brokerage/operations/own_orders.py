"""A custodian's own orders: placing, driving and canceling them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Parent
from brokerage.buying_power import get_buying_power, left_to_spend
from brokerage.gateway import OrderState, Rejected, get_broker
from brokerage.models import BrokerAccount, Instrument, Order
from brokerage.operations.asking import Unclear
from brokerage.operations.lost import find_order
from brokerage.operations.orders import (
    FILL_TIME,
    HOURLY,
    WAIT,
    follow_order,
    record_order,
    void_cash_readings,
    write_order,
)
from brokerage.order_rules import OrderTicket, check_can_cancel, check_order
from core import audit
from core.calendars import session_at_or_after, session_on
from core.driven import LEASE
from core.driving import drive
from core.errors import NotAllowed, NotNow, StaleMove
from core.queue import enqueue
from core.switches import is_halted

TASK = "brokerage.tasks.advance_order"
Status = Order.Status
RESTS_FOR = timedelta(days=90)  # DriveWealth, Orders: a GTC order ends after 90 days
LATE = timedelta(hours=1)  # a day's order written just before the close still goes out
SAME = ("instrument_id", "side", "kind", "amount", "asked_quantity", "price")
log = structlog.get_logger()


# --- placing --------------------------------------------------------------------------------------


@transaction.atomic
def place_order(*, account: BrokerAccount, ticket: OrderTicket, by: Parent, at: datetime) -> Order:
    """Write an order of the custodian's own and have it sent after commit.

    Cash and shares are decided about under the account's row lock, so that two orders never spend
    the same dollar or sell the same share. Sent twice from one form it is one order.

    :raises NotAllowed: not this child's custodian
    :raises Invalid: the ticket, with the field
    :raises NotNow: account, instrument, cash, shares or a halt forbid it
    """
    if account.child.parent_id != by.pk:
        raise NotAllowed(_("Only this child's custodian can place orders."))
    account = BrokerAccount.objects.select_for_update().get(pk=account.pk)
    order = _write_down(account, ticket, by, at)
    if repeated := _repeated(order):
        return repeated
    check_order(account, ticket, at=at)
    write_order(order, at=at)
    audit.record(
        "order.placed",
        order,
        by=by.user,
        at=at,
        side=order.side,
        kind=order.kind,
        symbol=ticket.instrument.symbol,
        amount=order.amount,
        quantity=order.asked_quantity,
        price=order.price,
    )
    enqueue(TASK, pk=order.pk)
    return order


def _write_down(account: BrokerAccount, ticket: OrderTicket, by: Parent, at: datetime) -> Order:
    return Order(
        account=account,
        placed_by=by,
        form_key=ticket.form_key,
        instrument=ticket.instrument,
        side=ticket.side,
        kind=ticket.kind,
        amount=ticket.amount,
        asked_quantity=ticket.quantity,
        price=ticket.price,
        time_in_force=ticket.time_in_force,
        expected_on=session_at_or_after(at).on,
        next_step_at=at,
    )


def _repeated(order: Order) -> Order | None:
    """Return the order this form was sent for before.

    :raises NotNow: it was sent before with something else in it
    """
    if order.form_key is None:
        return None
    earlier: Order | None = Order.objects.filter(form_key=order.form_key).first()
    if earlier is None:
        return None
    same = [getattr(earlier, name) == getattr(order, name) for name in SAME]
    if earlier.account_id != order.account_id or not all(same):
        raise NotNow(_("This form has been sent before. Open the page again to order once more."))
    return earlier


# --- canceling ------------------------------------------------------------------------------------


@transaction.atomic
def cancel_order(*, order: Order, by: Parent, at: datetime) -> Order:
    """Cancel an order, as far as it has not filled; a halt of orders does not hold this up.

    One the broker was never asked for ends at once. One at the broker goes on until the broker says
    what became of it: what had filled by then stays bought or sold.

    :raises NotAllowed: not this child's custodian, or the order of a gift
    :raises NotNow: it has ended already
    """
    check_can_cancel(order, by)
    BrokerAccount.objects.select_for_update().get(pk=order.account_id)
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status == Status.CANCELED or order.cancel_asked_at:
        return order
    if order.status not in Order.UNDER_WAY:
        raise NotNow(
            _("This order is already %s and can not be canceled any more.") % order.status_label(),
            code="already_done",
        )
    if order.asked_at is None:
        order.move_to(Status.CANCELED, cancel_asked_at=at, next_step_at=None)
        void_cash_readings(order.account_id)
        audit.record("order.canceled", order, by=by.user, at=at, quantity=0, cost=0)
        return order
    order.cancel_asked_at = at
    order.save(update_fields=["cancel_asked_at"])
    audit.record("order.cancel_asked", order, by=by.user, at=at)
    Order.wake(order.pk, at=at)
    enqueue(TASK, pk=order.pk)
    return order


# --- driving --------------------------------------------------------------------------------------


def advance_order(pk: UUID, *, at: datetime) -> None:
    """Take one of the custodians' own orders one step."""
    drive(Order, pk, _step, task=TASK, at=at)
    # A cancel asked for while the step was under way found the row held, and could not wake it.
    unheard = Order.objects.filter(
        pk=pk, cancel_asked_at__isnull=False, next_step_at__gt=at + LEASE
    )
    if unheard.filter(status__in=Order.UNDER_WAY).exists() and Order.wake(pk, at=at):
        enqueue(TASK, pk=pk)


def follow_resting_orders(accounts: Collection[UUID], *, at: datetime) -> None:
    """Ask about orders that wait for a price, so that their fills are in our books."""
    resting = Order.objects.filter(account__in=accounts, status=Status.NEW, purchase=None).exclude(
        kind=Order.Kind.MARKET
    )
    for pk in resting.values_list("pk", flat=True):
        if Order.wake(pk, at=at):
            advance_order(pk, at=at)


def _step(order: Order, at: datetime) -> datetime | None:
    if order.status not in Order.UNDER_WAY:
        return None
    if order.asked_at is None:
        return _make_ready(order, at)
    if order.cancel_asked_at:
        return _carry_out_cancel(order, at)
    return follow_order(order, at, ended=_ended)


def _make_ready(order: Order, at: datetime) -> datetime | None:
    """Note, before the first call, that the broker may know the order from now on."""
    if at > _last_moment(order):
        _give_up(order, Status.CANCELED, _("It could not be sent in time."), at)
        return None
    before = BrokerAccount.objects.get(pk=order.account_id)
    if before.status == BrokerAccount.Status.CLOSED:
        _give_up(order, Status.REJECTED, _("The account is closed."), at)
        return None
    if not _can_be_sent(order, before):
        return at + WAIT
    buying = order.side == Order.Side.BUY
    cash = get_broker().get_cash(before.vendor_id) if buying else None
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=before.pk)
        if buying and account.spending != before.spending:
            return at
        changes: dict[str, Any] = {"asked_at": at}
        if buying:
            power = get_buying_power(account, reading=cash, besides=order.pk)
            dollars = left_to_spend(order)
            if dollars > power.free:
                reason = _("There was not enough cash left when it was about to be sent.")
                _give_up(order, Status.REJECTED, reason, at)
                return None
            changes["funds_settle_on"] = power.settles_on(dollars)
        rows = Order.objects.filter(pk=order.pk, status=Status.INTENDED, asked_at=None)
        if not rows.update(**changes):
            raise StaleMove("canceled meanwhile")
        void_cash_readings(account.pk)
    return at


def _can_be_sent(order: Order, account: BrokerAccount) -> bool:
    tradable = {Instrument.Status.ACTIVE}
    if order.side == Order.Side.SELL:
        tradable.add(Instrument.Status.CLOSE_ONLY)
    return (
        not is_halted("halt-orders")
        and account.status == BrokerAccount.Status.OPEN
        and order.instrument.status in tradable
    )


def _last_moment(order: Order) -> datetime:
    """Return until when an order may still be sent that has waited for a halt to end."""
    if order.time_in_force == Order.TimeInForce.GTC:
        return order.created_at + RESTS_FOR
    session = session_on(order.expected_on) if order.expected_on else None
    late = order.created_at + LATE
    return max(session.closes_at, late) if session else late


def _give_up(order: Order, status: Order.Status, reason: str, at: datetime) -> None:
    """End an order the broker was never asked for."""
    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=order.account_id)
        order.move_to(status, failure=reason)
        void_cash_readings(order.account_id)
        verb = f"order.{status.lower()}"
        audit.record(verb, order, by="brokerage", at=at, quantity=0, cost=0)


def _carry_out_cancel(order: Order, at: datetime) -> datetime | None:
    """Have the broker cancel what is open, and follow the order to its end."""
    if not order.vendor_id:
        return _cancel_unanswered(order, at)
    state = get_broker().get_order(order.vendor_id)
    if state.status in Order.UNDER_WAY and not state.canceling:
        try:
            get_broker().cancel_order(order.vendor_id)
        except Rejected as refusal:  # it may have ended this moment: the next look tells
            log.info("cancel_refused", order=str(order.pk), code=refusal.code)
    next_look = record_order(order, state, at, ended=_ended)
    return next_look and at + FILL_TIME


def _cancel_unanswered(order: Order, at: datetime) -> datetime | None:
    """Cancel an order whose sending may have been lost, once it can not arrive any more."""
    try:
        found = find_order(order, at)
    except Unclear:
        return at + HOURLY  # staff decide; whatever they find wakes it
    if found is not None:
        return record_order(order, found, at, ended=_ended) and at
    asked_at = order.asked_at or order.created_at
    if at - asked_at < LEASE:
        return asked_at + LEASE
    return record_order(order, OrderState("", "", Status.CANCELED, ""), at, ended=_ended)


def _ended(order: Order, at: datetime) -> None:
    """Write nothing more: an order of one's own is nobody else's."""
