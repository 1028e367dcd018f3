"""The safety net: closes what expired, tells what was not told, sends what was not sent."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from brokerage.models import Purchase
from core import clock
from core.driving import drive_due
from core.errors import StaleMove
from gifting import notes, operations
from gifting.models import Gift, Note

BATCH = 100


def sweep(at: datetime) -> int:
    """Do everything that is due; return how many rows were touched."""
    done = 0
    late = Gift.objects.filter(status=Gift.Status.PENDING, expires_at__lte=at)
    for gift in late[:BATCH]:
        try:
            operations.expire_gift(gift=gift, at=at)
        except StaleMove:
            continue  # decided this moment
        done += 1
    for purchase_id in _untold()[:BATCH]:
        operations.follow_purchase(purchase_id=purchase_id, at=at)
        done += 1
    return done + drive_due([(Note, notes.deliver_note)], clock.ticking(at))


def _untold() -> QuerySet[Any, Any]:
    """Return purchases whose end nobody was told of."""
    bought = Q(purchase__status=Purchase.Status.EXECUTED) & ~Q(notes__kind=Note.Kind.BOUGHT_GIVER)
    failed = Q(purchase__status__in=["FAILED", "RETURNED"]) & ~Q(
        notes__kind=Note.Kind.FAILED_PARENT
    )
    return Gift.objects.filter(bought | failed).values_list("purchase_id", flat=True)
