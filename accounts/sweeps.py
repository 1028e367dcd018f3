"""The safety net of accounts: mails no task has sent, and what is not kept for ever."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts import attempts, known, security, unproven, waiting
from accounts.models import WaitingPlace
from core import clock
from core.driving import drive_due

TOLD_FOR = timedelta(days=90)


def sweep(at: datetime) -> int:
    """Send what is due; return how many rows were touched."""
    drives = [(WaitingPlace, waiting.advance_waiting_place)]
    unproven.lapse(at)
    return security.sweep(at) + drive_due(drives, clock.ticking(at))


def list_forgettable(at: datetime) -> list[QuerySet[Any]]:
    """Return what is kept no longer (`core.retention`).

    Of the waiting list: places never confirmed, left, or told long ago.
    """
    gone = Q(confirmed_at=None, created_at__lt=at - waiting.CONFIRM_FOR)
    gone |= Q(left_at__lt=at - waiting.CONFIRM_FOR) | Q(told_at__lt=at - TOLD_FOR)
    places = WaitingPlace.objects.filter(gone).order_by("created_at")
    return [places, *known.list_forgettable(at), *attempts.list_unused(at)]
