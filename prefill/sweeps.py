"""Prefill's part in the sweep, and what it forgets."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from core import clock
from core.driving import Drives, drive_due
from prefill import limits, operations
from prefill.models import (
    Applicant,
    FieldValue,
    HeldSsn,
    PlaidEvent,
    PlaidItem,
    RawImport,
    ResumeLink,
    Source,
)

BATCH = 100
HANDFUL = 5  # webhooks on one reading of the clock
EVENTS_FOR = timedelta(days=90)
LINKS_FOR = timedelta(days=1)


def sweep(at: datetime) -> int:
    """Take every row that is due one step; return how many were."""
    return _remove_what_was_lost(at) + drive_due(_drives(), clock.ticking(at))


def take_events(at: datetime) -> int:
    """Take up a few webhooks that have come; threads doing so at once mostly pick others."""
    now = clock.ticking(at)
    due = PlaidEvent.objects.pick(at, BATCH)
    chosen = random.sample(due, min(len(due), HANDFUL))
    for pk in chosen:
        operations.advance_event(pk, at=now())
    return len(chosen)


def list_forgettable(at: datetime) -> list[QuerySet[Any]]:
    """Return what may be deleted (`core.retention`); a webhook that waits for a person is kept."""
    raw = timedelta(days=settings.PREFILL_RAW_DAYS)
    handled = (PlaidEvent.Status.DONE, PlaidEvent.Status.IGNORED)
    events = PlaidEvent.objects.filter(status__in=handled, received_at__lt=at - EVENTS_FOR)
    return [
        RawImport.objects.filter(received_at__lt=at - raw).order_by("received_at"),
        _unused_values(at - raw),
        events.order_by("received_at"),
        HeldSsn.objects.filter(held_until__lt=at),
        ResumeLink.objects.filter(expires_at__lt=at - LINKS_FOR),
        limits.list_unused(at),
    ]


def _drives() -> Drives:
    return [
        (PlaidEvent, operations.advance_event),
        (PlaidItem, operations.advance_item),
        (Applicant, operations.advance_applicant),
    ]


def _remove_what_was_lost(at: datetime) -> int:
    """Have Items removed at Plaid that were given up while a worker held them.

    The worker gave the lease back and wrote over the moment at which they were to be removed.
    """
    lost = PlaidItem.objects.filter(
        Q(next_step_at=None) | Q(next_step_at__gt=at),
        Q(leased_until=None) | Q(leased_until__lte=at),
        Q(access_token__isnull=False) | Q(superseded__isnull=False),
        status=PlaidItem.Status.REMOVED,
        attempts=0,
        parked_at=None,
    )
    return lost.update(next_step_at=at)


def _unused_values(before: datetime) -> QuerySet[FieldValue]:
    """Return values never shown, of people of whose form nothing was seen or typed since then.

    Parents of ours are spared: their data go with the parent. What a person typed is theirs.
    """
    theirs = FieldValue.objects.filter(applicant=OuterRef("applicant"))
    seen = theirs.filter(shown_at__gte=before)
    typed = theirs.filter(source=Source.USER, obtained_at__gte=before)
    old = FieldValue.objects.filter(
        obtained_at__lt=before, shown_at=None, applicant__parent=None
    ).exclude(source=Source.USER)
    return old.exclude(Exists(seen)).exclude(Exists(typed)).order_by("obtained_at")
