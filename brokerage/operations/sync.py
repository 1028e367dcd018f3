"""Reading accounts' cash and positions: one, or very many side by side."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet

from accounts.models import Parent
from brokerage.gateway import Rejected, Unavailable, get_broker
from brokerage.models import BrokerAccount, CompanyAction, Purchase
from brokerage.operations.company_actions import settle_actions
from brokerage.operations.movements import read_ledger
from brokerage.operations.own_orders import follow_resting_orders
from brokerage.operations.positions import Reading, write_readings
from brokerage.parallel import Askers, askers
from core import audit
from core.queue import enqueue

TASK = "brokerage.tasks.sync_account"
BATCH = 200
REST = timedelta(minutes=1)  # of an account that could not be read
ASK_AGAIN = timedelta(seconds=30)
log = structlog.get_logger()


def sync_account(pk: UUID, *, at: datetime) -> None:
    """Take the broker's cash and positions as they are, then reconcile.

    Where they differ from our books, the broker's ledger is looked into, which may explain it.

    :raises Unavailable: the broker gave no usable answer
    """
    follow_resting_orders([pk], at=at)
    account = _accounts().filter(pk=pk).first()
    if account is None:
        return
    if write_readings([_read(account)], at=at):
        _explain(account.pk, at)
    _work_out([account.pk], at)


def sync_accounts(pks: Iterable[UUID], *, at: datetime) -> int:
    """Do the same for many accounts, batch by batch; return how many were read.

    Of each batch the broker is asked by SYNC_PARALLEL threads; then it is written by a constant
    number of statements. An account in trouble rests for a minute and keeps no other waiting.
    """
    done = 0
    with askers() as ask:
        for batch in _batches(pks):
            done += _sync_batch(batch, ask, at)
    return done


@transaction.atomic
def ask_sync(account: BrokerAccount, *, by: Parent, at: datetime) -> bool:
    """Have an account read soon because a person wants to know; at most once in 30 seconds.

    Returns False where somebody asked a moment ago.
    """
    rows = BrokerAccount.objects.filter(pk=account.pk).exclude(vendor_id="")
    quiet = Q(sync_asked_at__isnull=True) | Q(sync_asked_at__lte=at - ASK_AGAIN)
    if not rows.filter(quiet).update(sync_asked_at=at):
        return False
    audit.record("account.sync_asked", account, by=by, at=at)
    enqueue(TASK, pk=account.pk)
    return True


def follow_orders(account: BrokerAccount, *, at: datetime) -> None:
    """Have every order under way in an account asked for now."""
    buying = Purchase.objects.filter(account=account, status=Purchase.Status.ORDERING)
    for pk in buying.values_list("pk", flat=True):
        if Purchase.wake(pk, at=at):
            enqueue("brokerage.tasks.advance_purchase", pk=pk)
    for order in account.orders.filter(purchase=None, status__in=["NEW", "PARTIAL_FILL"]):
        order.wake(order.pk, at=at)


# --- one account ----------------------------------------------------------------------------------


def _accounts() -> QuerySet[BrokerAccount]:
    return BrokerAccount.objects.exclude(vendor_id="").only("pk", "vendor_id", "spending")


def _read(account: BrokerAccount) -> Reading:
    broker = get_broker()
    return Reading(
        account_id=account.pk,
        spending=account.spending,
        cash=broker.get_cash(account.vendor_id),
        positions=broker.list_positions(account.vendor_id),
    )


def _explain(pk: UUID, at: datetime) -> None:
    """Look whether the ledger explains a difference; if it changed our books, compare again."""
    if read_ledger(pk, at=at):
        write_readings([_read(_accounts().get(pk=pk))], at=at)


def _work_out(pks: Sequence[UUID], at: datetime) -> None:
    """Work out companies' actions that wait for what the broker says shares cost."""
    opened = CompanyAction.objects.filter(account__in=pks, status=CompanyAction.Status.OPEN)
    for pk in opened.order_by().values_list("account", flat=True).distinct():
        settle_actions(pk, at=at)


# --- a batch --------------------------------------------------------------------------------------


def _batches(pks: Iterable[UUID]) -> Iterator[list[UUID]]:
    left = iter(pks)
    while batch := list(islice(left, BATCH)):
        yield batch


def _sync_batch(pks: Sequence[UUID], ask: Askers, at: datetime) -> int:
    follow_resting_orders(pks, at=at)
    accounts = _awake(list(_accounts().filter(pk__in=pks)), at)
    readings, troubles = [], {}
    for account, found in zip(accounts, ask(_read, accounts), strict=True):
        if isinstance(found, Exception):
            troubles[account.pk] = found
        else:
            readings.append(found)
    for pk in _write(readings, troubles, at):
        try:
            _explain(pk, at)
        except (Unavailable, Rejected) as error:
            log.warning("ledger_not_read", account=str(pk), reason=str(error))
    _work_out([reading.account_id for reading in readings], at)
    _let_rest(troubles, at)
    return len(accounts)


def _write(readings: list[Reading], troubles: dict[UUID, Exception], at: datetime) -> list[UUID]:
    """Write a batch; where the database refuses it, each account by itself."""
    try:
        return write_readings(readings, at=at)
    except DatabaseError:
        log.exception("batch_not_written")
    differ = []
    for reading in readings:
        try:
            differ += write_readings([reading], at=at)
        except DatabaseError as error:
            troubles[reading.account_id] = error
    return differ


def _awake(accounts: list[BrokerAccount], at: datetime) -> list[BrokerAccount]:
    """Leave out those that rest."""
    resting = cache.get_many([_rest_key(account.pk) for account in accounts])
    return [account for account in accounts if at >= resting.get(_rest_key(account.pk), at)]


def _let_rest(troubles: dict[UUID, Exception], at: datetime) -> None:
    for pk, error in troubles.items():
        log.warning("account_not_read", account=str(pk), reason=str(error))
    if troubles:
        cache.set_many({_rest_key(pk): at + REST for pk in troubles}, timeout=None)


def _rest_key(pk: UUID) -> str:
    return f"sync-rests:{pk}"
