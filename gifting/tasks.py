"""Queue entry points: read the clock, call one operation. A second delivery is harmless."""

from typing import Any
from uuid import UUID

from core import clock
from gifting import notes, operations


def follow_purchase(*, purchase_id: str, **_later: Any) -> None:
    operations.follow_purchase(purchase_id=UUID(purchase_id), at=clock.now())


def deliver_note(*, pk: str, **_later: Any) -> None:
    notes.deliver_note(UUID(pk), at=clock.now())
