"""What gifting does on news of purchases: enqueue, nothing else."""

from typing import Any
from uuid import UUID

from core.queue import enqueue


def on_purchase_moved(*, purchase_id: UUID, **_kwargs: Any) -> None:
    enqueue("gifting.tasks.follow_purchase", purchase_id=purchase_id)
