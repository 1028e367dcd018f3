"""How a purchase moves: written down, and told to who listens once it is committed."""

from datetime import datetime

from django.db import transaction

from brokerage import events
from brokerage.models import Purchase
from core import audit

Status = Purchase.Status
ENDS = {Status.EXECUTED, Status.FAILED, Status.CANCELED, Status.RETURNED}


def move_purchase(
    purchase: Purchase, status: Purchase.Status, at: datetime, **changes: object
) -> None:
    """Move the purchase in the caller's transaction.

    :raises StaleMove: it has moved meanwhile
    """
    if status in ENDS:
        changes["ended_at"] = at
    purchase.move_to(status, **changes)
    audit.record(f"purchase.{status.lower()}", purchase, by="brokerage", at=at)
    pk = purchase.pk
    transaction.on_commit(
        lambda: events.purchase_moved.send(sender=None, purchase_id=pk, status=status)
    )


def fail_purchase(purchase: Purchase, status: Purchase.Status, reason: str, at: datetime) -> None:
    """End the purchase badly, with a sentence for the people concerned."""
    move_purchase(purchase, status, at, failure=reason)
