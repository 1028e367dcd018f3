"""Writing to parents about checks and accounts: asked for here, sent by the worker."""

from datetime import datetime
from uuid import UUID

from brokerage import letters
from brokerage.models import BrokerAccount, BrokerUser, Letter
from core import audit
from core.driving import drive
from core.queue import enqueue

TASK = "brokerage.tasks.advance_letter"


def write_letter(
    kind: Letter.Kind,
    *,
    at: datetime,
    user: BrokerUser | None = None,
    account: BrokerAccount | None = None,
) -> None:
    """Have the parent written to; one letter of a kind that has not gone out yet says it all."""
    waiting = Letter.objects.filter(
        kind=kind, user=user, account=account, next_step_at__isnull=False
    )
    if waiting.exists():
        return
    letter = Letter.objects.create(
        kind=kind, user=user, account=account, created_at=at, next_step_at=at
    )
    enqueue(TASK, pk=letter.pk)


def advance_letter(pk: UUID, *, at: datetime) -> None:
    """Send a letter, where there is still something to say; a mail server that is away waits."""
    drive(Letter, pk, _step, task=TASK, at=at)


def _step(letter: Letter, at: datetime) -> datetime | None:
    if letter.sent_at is None and letters.deliver(letter):
        Letter.objects.filter(pk=letter.pk).update(sent_at=at)
        audit.record("letter.sent", letter, by="brokerage", at=at, kind=letter.kind)
    return None
