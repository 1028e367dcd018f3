"""The safety net: finds by our own rows what a lost signal, task or worker left undone."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Child, KycProfile
from brokerage import operations
from brokerage.gateway import Rejected, Unavailable
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    BrokerEvent,
    BrokerUser,
    Deposit,
    IdDocument,
    MicroDeposits,
    Order,
    Purchase,
)
from brokerage.queries import list_menu
from core import clock
from core.driven import Driven

BATCH = 100
HANDFUL = 5  # events on one reading of the clock
EVENTS_FOR = timedelta(days=90)
SYNC_EVERY = timedelta(hours=1)
PRICES_EVERY = timedelta(minutes=15)
REST = timedelta(minutes=1)
log = structlog.get_logger()


def sweep(at: datetime) -> int:
    """Do everything that is due; return how many rows were touched."""
    now = clock.ticking(at)
    done = _start_what_was_lost(at)
    for model, advance in _drives():
        for pk in model.objects.due(now()).values_list("pk", flat=True)[:BATCH]:
            advance(pk, at=now())
            done += 1
    try:
        done += _sync(now())
    except (Unavailable, Rejected) as error:
        log.warning("sweep_sync_waits", reason=str(error))
    return done


def take_events(at: datetime) -> int:
    """Take up a few events that have come; threads doing so at once mostly pick different ones."""
    now = clock.ticking(at)
    due = list(BrokerEvent.objects.due(at).values_list("pk", flat=True)[:BATCH])
    chosen = random.sample(due, min(len(due), HANDFUL))
    for pk in chosen:
        operations.advance_broker_event(pk, at=now())
    return len(chosen)


def list_forgettable(at: datetime) -> list[QuerySet[Any]]:
    """Return what is kept no longer: events long handled; one that waits for a person is kept."""
    handled = (BrokerEvent.Status.DONE, BrokerEvent.Status.IGNORED)
    events = BrokerEvent.objects.filter(status__in=handled, received_at__lt=at - EVENTS_FOR)
    return [events.order_by("received_at")]


def _drives() -> list[tuple[type[Driven], Callable[..., None]]]:
    return [
        (BrokerUser, operations.advance_broker_user),
        (BrokerAccount, operations.advance_broker_account),
        (MicroDeposits, operations.advance_micro_deposits),
        (IdDocument, operations.advance_id_document),
        (BankAccount, operations.advance_bank),
        (Purchase, operations.advance_purchase),
        (Deposit, operations.advance_deposit),
        (Order, operations.advance_order),
        (BrokerEvent, operations.advance_broker_event),
    ]


def _start_what_was_lost(at: datetime) -> int:
    """Start what a committed form asked for and no task began."""
    unknown = KycProfile.objects.filter(
        Q(parent__broker_user__isnull=True)
        | Q(
            submitted_at__gt=F("parent__broker_user__told_at"),
            parent__broker_user__next_step_at=None,
        )
    ).select_related("parent")[:BATCH]
    for profile in unknown:
        operations.make_known(parent=profile.parent, at=at)
    homeless = Child.objects.filter(account__isnull=True, parent__broker_user__isnull=False)[:BATCH]
    for child in homeless:
        operations.open_account(child=child, at=at)
    corrected = BrokerUser.objects.filter(
        child__corrected_at__gt=F("told_at"), next_step_at=None
    ).update(next_step_at=at)
    return len(unknown) + len(homeless) + corrected


def _sync(at: datetime) -> int:
    """Bring catalogue, prices and accounts up to date."""
    done = operations.sync_instruments(at=at)
    stale_price = Q(priced_at__isnull=True) | Q(priced_at__lt=at - PRICES_EVERY)
    if list_menu().filter(stale_price).exists():
        operations.sync_prices(at=at)
        done += 1
    for pk in _accounts_to_sync(at):
        _sync_one(pk, at)
        done += 1
    return done


def _sync_one(pk: UUID, at: datetime) -> None:
    """Read one account; one in trouble rests a minute and keeps no other from its turn."""
    resting = f"sync-rests:{pk}"
    if at < cache.get(resting, at):
        return
    try:
        operations.sync_account(pk, at=at)
    except (Unavailable, Rejected) as error:
        log.warning("account_not_read", account=str(pk), reason=str(error))
        cache.set(resting, at + REST, timeout=None)


def _accounts_to_sync(at: datetime) -> list[UUID]:
    """Return accounts not read for an hour, or not since something ended in them."""
    stale = Q(synced_at__isnull=True) | Q(synced_at__lt=at - SYNC_EVERY)
    ended = Q(purchases__ended_at__gte=F("synced_at"))
    paid = Q(deposits__settled_at__gte=F("synced_at"), deposits__purchase__isnull=True)
    filled = Order.objects.filter(account=OuterRef("pk"), filled_at__gte=OuterRef("synced_at"))
    due = stale | ended | paid | Exists(filled)
    accounts = BrokerAccount.objects.exclude(vendor_id="").filter(due).distinct()
    return list(accounts.values_list("pk", flat=True)[:BATCH])
