"""The nightly audit of an account: ledger, deposits, orders, papers, then cash and positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from brokerage.gateway import (
    DepositState,
    Listing,
    OrderState,
    Rejected,
    Unavailable,
    get_broker,
)
from brokerage.models import (
    BrokerAccount,
    Deposit,
    Movement,
    OddRows,
    Order,
    Purchase,
    ReconciliationBreak,
)
from brokerage.operations.breaks import (
    Differences,
    Pair,
    Spot,
    open_cases_of_old_breaks,
    record_differences,
)
from brokerage.operations.deposits import recheck_deposit
from brokerage.operations.gains import write_gain
from brokerage.operations.movements import read_ledger
from brokerage.operations.oddities import note_odd_rows
from brokerage.operations.papers import list_papers
from brokerage.operations.sync import sync_account
from brokerage.parallel import askers
from core import audit
from core.driven import Driven
from core.queue import enqueue

__all__ = ["ask_audit", "audit_account", "audit_accounts", "open_cases_of_old_breaks"]

TASK = "brokerage.tasks.audit_account"
Kind = ReconciliationBreak.Kind
ZERO = Decimal(0)
SETTLING = timedelta(hours=1)  # a list at the broker may lack what was made this lately
A_DAY = timedelta(days=1)
REST = timedelta(minutes=15)  # of an account whose audit failed
ENDED = (Order.Status.FILLED, Order.Status.CANCELED, Order.Status.REJECTED)
log = structlog.get_logger()


@dataclass(frozen=True)
class Lists:
    """What the broker lists of an account; `since`: from when on its closed orders were asked."""

    account_id: UUID
    since: datetime
    deposits: Listing[DepositState]
    orders: Listing[OrderState]


def audit_account(pk: UUID, *, at: datetime) -> None:
    """Compare everything about one account with the broker, on both sides.

    :raises Unavailable: the broker gave no usable answer
    """
    account = BrokerAccount.objects.filter(pk=pk).exclude(vendor_id="").first()
    if account is not None:
        _audit(account, _read_lists(account, at), at)


def audit_accounts(pks: Sequence[UUID], *, most: int, at: datetime) -> int:
    """Audit some of the accounts; one in trouble rests and keeps no other waiting.

    :param most: how many at once; those that rest do not count
    :return: how many were tried
    """
    resting = cache.get_many([_rest_key(pk) for pk in pks])
    awake = [pk for pk in pks if at >= resting.get(_rest_key(pk), at)][:most]
    accounts = list(BrokerAccount.objects.filter(pk__in=awake).exclude(vendor_id=""))
    if not accounts:
        return 0
    with askers() as ask:
        found = ask(lambda account: _read_lists(account, at), accounts)
    for account, lists in zip(accounts, found, strict=True):
        trouble = lists if isinstance(lists, Exception) else _try_audit(account, lists, at)
        if trouble is not None:
            log.warning("account_not_audited", account=str(account.pk), reason=str(trouble))
            cache.set(_rest_key(account.pk), at + REST, timeout=None)
    return len(accounts)


def _try_audit(account: BrokerAccount, lists: "Lists", at: datetime) -> Exception | None:
    """Audit one of many; return what went wrong."""
    try:
        _audit(account, lists, at)
    except (Unavailable, Rejected) as error:
        return error
    except Exception as error:  # a bug in one must not keep the others waiting
        log.exception("audit_failed", account=str(account.pk))
        return error
    return None


def _rest_key(pk: UUID) -> str:
    return f"audit-rests:{pk}"


def ask_audit(account: BrokerAccount, *, by: User, reason: str, at: datetime) -> None:
    """Have an account compared from its first day on, because staff want it."""
    with transaction.atomic():
        BrokerAccount.objects.filter(pk=account.pk).update(audited_at=None)
        audit.record("account.audit_asked", account, by=by, at=at, reason=reason[:200])
        enqueue(TASK, pk=account.pk)


# --- one account ----------------------------------------------------------------------------------


def _read_lists(account: BrokerAccount, at: datetime) -> Lists:
    broker, since = get_broker(), _orders_since(account)
    resting = broker.list_resting_orders(account.vendor_id)
    closed = broker.list_closed_orders(account.vendor_id, since=since, until=at + A_DAY)
    return Lists(
        account_id=account.pk,
        since=since,
        deposits=broker.list_deposits(account.vendor_id),
        orders=Listing([*resting, *closed], [*resting.odd, *closed.odd]),
    )


def _orders_since(account: BrokerAccount) -> datetime:
    """Return from when on closed orders are asked for: the oldest that may have closed lately."""
    audited = account.audited_at or account.opened_at or account.created_at
    lately = Q(status__in=Order.UNDER_WAY) | Q(filled_at__gte=audited - A_DAY)
    oldest = account.orders.filter(lately).order_by("created_at").first()
    return (min(audited, oldest.created_at) if oldest else audited) - A_DAY


def _audit(account: BrokerAccount, lists: Lists, at: datetime) -> None:
    read_ledger(account.pk, at=at)
    note_odd_rows(
        {
            (account.pk, OddRows.What.DEPOSITS): lists.deposits,
            (account.pk, OddRows.What.ORDERS): lists.orders,
        },
        at=at,
    )
    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=account.pk)
        found = _compare_deposits(lists, at) | _compare_orders(lists, at)
        record_differences([account.pk], (Kind.DEPOSIT, Kind.ORDER), found, at=at)
    _follow(lists, at)
    list_papers(account, at=at)
    sync_account(account.pk, at=at)
    write_gain(account.pk)
    BrokerAccount.objects.filter(pk=account.pk).update(audited_at=at)


def _compare_deposits(lists: Lists, at: datetime) -> Differences:
    """Compare what each deposit brought; one under way differs for a while, and is followed."""
    ours = list(Deposit.objects.filter(account=lists.account_id))
    pairs = {}
    for row, state in _pair_deposits(ours, lists.deposits):
        if row is None and state is not None:
            unheard = any(_is_unheard(one) and one.amount == state.amount for one in ours)
            if state.pulled and state.status != Deposit.Status.FAILED and not unheard:
                pairs[state.id] = Pair(ZERO, state.amount)
        elif row is not None and state is None:
            missing = row.vendor_id and not lists.deposits.may_hide(vendor_id=row.vendor_id)
            if missing and row.sent_at and row.sent_at < at - SETTLING:
                pairs[row.vendor_id] = Pair(row.amount, ZERO)
        elif row is not None and state is not None:
            if row.amount != state.amount:
                pairs[state.id] = Pair(row.amount, state.amount)
            elif not _lags(row, state):
                pairs[state.id] = Pair(_brought(row.status, row), _brought(state.status, row))
    return _differences(lists.account_id, Kind.DEPOSIT, pairs)


def _is_unheard(row: Deposit) -> bool:
    return not row.vendor_id and row.status == Deposit.Status.INTENDED


def _compare_orders(lists: Lists, at: datetime) -> Differences:
    """Compare what filled of each order; one under way is followed."""
    orders = Order.objects.filter(account=lists.account_id, created_at__gte=lists.since)
    ours = list(orders.select_related("instrument"))
    by_id = {row.vendor_id: row for row in ours if row.vendor_id}
    by_key = {str(row.key): row for row in ours}
    pairs, met = {}, set()
    for state in lists.orders:
        row = by_id.get(state.id) or by_key.get(state.reference)
        if row is None:
            if _may_be_one_of(state, ours):
                continue
            if state.quantity or state.status not in ENDED:
                pairs[state.id] = Pair(ZERO, state.quantity or _asked(state))
            continue
        met.add(row.pk)
        if row.status in ENDED:
            pairs[state.id] = Pair(row.quantity, state.quantity)
    for row in ours:
        missing = row.vendor_id and not lists.orders.may_hide(vendor_id=row.vendor_id)
        if row.pk not in met and missing and (row.sent_at or at) < at - SETTLING:
            pairs[row.vendor_id] = Pair(
                row.quantity or row.asked_quantity or row.amount or ZERO, ZERO
            )
    return _differences(lists.account_id, Kind.ORDER, pairs)


def _may_be_one_of(state: OrderState, ours: Sequence[Order]) -> bool:
    """Say whether it may be an order of ours whose answer was lost; lists need not tell our key."""
    return any(
        not row.vendor_id
        and (row.instrument.symbol, row.side) == (state.symbol, state.side)
        and (row.amount, row.asked_quantity) == (state.asked_amount, state.asked_quantity)
        for row in ours
    )


def _follow(lists: Lists, at: datetime) -> None:
    """Wake the rows that have not heard of what the broker lists."""
    deposits = Deposit.objects.filter(account=lists.account_id).select_related("purchase")
    for row, state in _pair_deposits(list(deposits), lists.deposits):
        if row is None or state is None or row.status == state.status:
            continue
        if row.status == Deposit.Status.SETTLED and state.status == Deposit.Status.RETURNED:
            recheck_deposit(row.pk, at=at)
        elif _lags(row, state):
            _wake(row.purchase or row, at)
    orders = Order.objects.filter(account=lists.account_id, status__in=Order.UNDER_WAY)
    told = {state.id: state for state in lists.orders}
    for order in orders.select_related("purchase"):
        news = told.get(order.vendor_id)
        if news and (news.status, news.quantity) != (order.status, order.quantity):
            _wake(order.purchase or order, at)


def _wake(row: Purchase | Deposit | Order, at: datetime) -> None:
    woken: Driven = row
    woken.wake(row.pk, at=at)
    if isinstance(row, Purchase):
        enqueue("brokerage.tasks.advance_purchase", pk=row.pk)


def _pair_deposits(
    ours: Sequence[Deposit], theirs: Sequence[DepositState]
) -> list[tuple[Deposit | None, DepositState | None]]:
    """Lay ours and theirs side by side, by the broker's id or by our reference."""
    by_id = {row.vendor_id: row for row in ours if row.vendor_id}
    by_key = {str(row.key): row for row in ours}
    pairs: list[tuple[Deposit | None, DepositState | None]] = [
        (by_id.get(state.id) or by_key.get(state.reference), state) for state in theirs
    ]
    met = {row.pk for row, _state in pairs if row is not None}
    return pairs + [(row, None) for row in ours if row.pk not in met]


def _lags(row: Deposit, state: DepositState) -> bool:
    """Say whether our row has only not heard yet of what the broker lists."""
    under_way = (Deposit.Status.INTENDED, Deposit.Status.PENDING, Deposit.Status.ON_HOLD)
    return row.status in under_way or row.can_move_to(state.status)


def _brought(status: str, row: Deposit) -> Decimal:
    return row.amount if status == Deposit.Status.SETTLED else ZERO


def _asked(state: OrderState) -> Decimal:
    return state.asked_quantity or state.asked_amount or ZERO


def _differences(account_id: UUID, kind: Kind, pairs: dict[str, Pair]) -> Differences:
    """Keep the pairs that differ and that compliance has not taken into our books already."""
    booked = Movement.objects.filter(account=account_id, status=Movement.Status.BOOKED)
    named = {word for text in booked.values_list("comment", flat=True) for word in text.split()}
    return {
        Spot(account_id, kind, reference=reference[:100]): pair
        for reference, pair in pairs.items()
        if pair.ours != pair.theirs and reference not in named
    }
