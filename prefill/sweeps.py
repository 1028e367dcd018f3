"""Prefill's part in the sweep, and what it forgets."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from prefill import limits
from prefill.models import HeldSsn, PlaidEvent, RawImport, ResumeLink

EVENTS_FOR = timedelta(days=90)
LINKS_FOR = timedelta(days=1)


def sweep(at: datetime) -> int:
    """Take every row that is due one step; return how many were."""
    return 0


def list_forgettable(at: datetime) -> list[QuerySet[Any]]:
    """Return what may be deleted (`core.retention`)."""
    raw = timedelta(days=settings.PREFILL_RAW_DAYS)
    return [
        RawImport.objects.filter(received_at__lt=at - raw).order_by("received_at"),
        PlaidEvent.objects.filter(received_at__lt=at - EVENTS_FOR).order_by("received_at"),
        HeldSsn.objects.filter(held_until__lt=at),
        ResumeLink.objects.filter(expires_at__lt=at - LINKS_FOR),
        limits.list_unused(at),
    ]
