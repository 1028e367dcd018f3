"""What the broker's room does on news of people: enqueue, nothing else."""

from typing import Any
from uuid import UUID

from core.queue import enqueue


def on_kyc_submitted(*, parent_id: UUID, **_kwargs: Any) -> None:
    enqueue("brokerage.tasks.make_known", parent_id=parent_id)


def on_child_added(*, child_id: UUID, **_kwargs: Any) -> None:
    enqueue("brokerage.tasks.open_account", child_id=child_id)
