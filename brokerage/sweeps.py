"""The safety net: finds by our own rows what a lost signal, task or worker left undone."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Child, KycProfile, TrustedContact
from brokerage import notices, operations
from brokerage.gateway import Rejected, Unavailable, get_broker
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    BrokerEvent,
    BrokerUser,
    ContactNotice,
    Deposit,
    IdDocument,
    Letter,
    MicroDeposits,
    Notice,
    Order,
    Purchase,
)
from brokerage.queries import list_menu
from core import clock
from core.calendars import last_close
from core.driving import Drives, drive_due

BATCH = 100
HANDFUL = 5  # events on one reading of the clock
EVENTS_FOR = timedelta(days=90)
A_ROUND = 1000
AUDITS = 50  # of a round, each of them some ten calls
AFTER_CLOSE = timedelta(minutes=30)  # the day's last fills and entries are in by then
SYNC_EVERY = timedelta(hours=1)
PRICES_EVERY = timedelta(minutes=15)
log = structlog.get_logger()


def sweep(at: datetime) -> int:
    """Do everything that is due; return how many rows were touched."""
    now = clock.ticking(at)
    done = _start_what_was_lost(at)
    done += drive_due(_drives(), now)
    for part in (_sync_catalogue, _sync_prices, _sync_accounts):
        try:
            done += part(now())
        except (Unavailable, Rejected) as error:  # the other parts go on
            log.warning("sweep_sync_waits", part=part.__name__, reason=str(error))
    return done


def take_events(at: datetime) -> int:
    """Take up a few events that have come; threads doing so at once mostly pick different ones."""
    now = clock.ticking(at)
    due = BrokerEvent.objects.pick(at, BATCH)
    chosen = random.sample(due, min(len(due), HANDFUL))
    for pk in chosen:
        operations.advance_broker_event(pk, at=now())
    return len(chosen)


def list_forgettable(at: datetime) -> list[QuerySet[Any]]:
    """Return what is kept no longer: events long handled, and those that named nobody of ours.

    What failed, and waits for a person, is kept.
    """
    old = BrokerEvent.objects.filter(received_at__lt=at - EVENTS_FOR, parked_at=None)
    events = old.exclude(status=BrokerEvent.Status.RECEIVED)
    return [events.order_by("received_at")]


def _drives() -> Drives:
    return [
        (BrokerUser, operations.advance_broker_user),
        (BrokerAccount, operations.advance_broker_account),
        (ContactNotice, operations.advance_contact_notice),
        (Letter, operations.advance_letter),
        (MicroDeposits, operations.advance_micro_deposits),
        (IdDocument, operations.advance_id_document),
        (BankAccount, operations.advance_bank),
        (Purchase, operations.advance_purchase),
        (Deposit, operations.advance_deposit),
        (Order, operations.advance_order),
        (BrokerEvent, operations.advance_broker_event),
        (Notice, notices.deliver_notice),
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
    return len(unknown) + len(homeless) + corrected + _tell_lost_contacts(at)


def _tell_lost_contacts(at: datetime) -> int:
    """Have the broker told of trusted contacts that no task told it of."""
    if not get_broker().takes_contact():
        untold = TrustedContact.objects.filter(
            replaced_at=None, status=TrustedContact.Status.NAMED, broker_word=""
        )
        for parent_id in (found := list(untold.values_list("parent_id", flat=True)[:BATCH])):
            operations.tell_contact(parent_id=parent_id, at=at)
        return len(found)
    opened = BrokerAccount.objects.exclude(vendor_id="").exclude(status=BrokerAccount.Status.CLOSED)
    told = ContactNotice.objects.filter(account=OuterRef("pk"), answer__replaced_at=None)
    named = TrustedContact.objects.filter(
        parent=OuterRef("child__parent"), replaced_at=None, status=TrustedContact.Status.NAMED
    )
    stale = ContactNotice.objects.filter(account=OuterRef("pk"), answer__replaced_at__isnull=False)
    lost = opened.filter((Exists(named) & ~Exists(told)) | Exists(stale))
    parents = set(lost.values_list("child__parent_id", flat=True)[:BATCH])
    for parent_id in parents:
        operations.tell_contact(parent_id=parent_id, at=at)
    asleep = ContactNotice.objects.filter(
        status=ContactNotice.Status.DUE, next_step_at=None, leased_until=None, parked_at=None
    )
    return len(parents) + asleep.update(next_step_at=at)


def _sync_catalogue(at: datetime) -> int:
    return operations.sync_instruments(at=at)


def _sync_prices(at: datetime) -> int:
    stale_price = Q(priced_at__isnull=True) | Q(priced_at__lt=at - PRICES_EVERY)
    if not list_menu().filter(stale_price).exists():
        return 0
    operations.sync_prices(at=at)
    return 1


def _sync_accounts(at: datetime) -> int:
    """Bring accounts up to date, and compare them nightly."""
    done = operations.sync_accounts(_accounts_to_sync(at), at=at)
    done += operations.audit_accounts(_accounts_to_audit(at), most=AUDITS, at=at)
    return done + operations.open_cases_of_old_breaks(at=at)


def _accounts_to_sync(at: datetime) -> list[UUID]:
    """Return accounts not read for an hour, not since something ended in them, or asked for.

    The longest unread come first, so that one in trouble keeps no other from its turn for ever.
    """
    stale = Q(synced_at__isnull=True) | Q(synced_at__lt=at - SYNC_EVERY)
    ended = Purchase.objects.filter(account=OuterRef("pk"), ended_at__gte=OuterRef("synced_at"))
    paid = Deposit.objects.filter(
        account=OuterRef("pk"), purchase=None, settled_at__gte=OuterRef("synced_at")
    )
    filled = Order.objects.filter(account=OuterRef("pk"), filled_at__gte=OuterRef("synced_at"))
    asked = Q(sync_asked_at__gt=F("synced_at"))
    due = stale | asked | Exists(ended) | Exists(paid) | Exists(filled)
    accounts = BrokerAccount.objects.exclude(vendor_id="").filter(due)
    oldest = accounts.order_by(F("synced_at").asc(nulls_first=True))
    return list(oldest.values_list("pk", flat=True)[:A_ROUND])


def _accounts_to_audit(at: datetime) -> list[UUID]:
    """Return accounts not audited since the exchange last closed, the longest waiting first."""
    closed = last_close(at - AFTER_CLOSE)
    due = Q(audited_at__isnull=True, opened_at__lt=closed) | Q(audited_at__lt=closed)
    accounts = BrokerAccount.objects.exclude(vendor_id="").filter(due, synced_at__isnull=False)
    oldest = accounts.order_by(F("audited_at").asc(nulls_first=True))
    return list(oldest.values_list("pk", flat=True)[:A_ROUND])
