"""Tasks are named by dotted path and enqueued after commit; losing one is harmless (see sweeps)."""

import uuid
from typing import Any

from django.db import transaction

from core.commits import soon_durable


def enqueue(task: str, **kwargs: Any) -> None:
    """Ask a worker to call `task` with `kwargs` once the present transaction has committed.

    Identifiers only: payloads are pickled, and lost when SECRET_KEY is rotated.
    """
    plain = {name: str(v) if isinstance(v, uuid.UUID) else v for name, v in kwargs.items()}
    transaction.on_commit(lambda: _send(task, plain), robust=True)  # what is committed stays done


def _send(task: str, kwargs: dict[str, Any]) -> None:
    from django_q.tasks import async_task

    with soon_durable():
        async_task(task, **kwargs)
