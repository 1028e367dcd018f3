"""Mail about the safety of a sign-in: written when it happens, sent by a worker."""

from datetime import datetime
from uuid import UUID

from django.core.mail import EmailMessage

from accounts.models import User
from accounts.security_models import SecurityNote
from core import audit, clock
from core.driving import drive_due
from core.mailing import deliver
from core.queue import enqueue


def write_note(
    *, user: User, kind: str, to: str, subject: str, body: str, at: datetime
) -> SecurityNote:
    """Keep a mail to be sent after commit."""
    note = SecurityNote.objects.create(
        user=user, kind=kind, to=to, subject=subject, body=body, created_at=at, next_step_at=at
    )
    audit.record("security.noted", user, by=user, at=at, kind=kind)
    enqueue("accounts.tasks.deliver_note", pk=note.pk)
    return note


def deliver_note(pk: UUID, *, at: datetime) -> None:
    """Send one; where the mail server fails, again later."""
    deliver(SecurityNote, pk, _compose, at=at)


def _compose(note: SecurityNote) -> EmailMessage:
    return EmailMessage(note.subject, note.body, to=[note.to])


def sweep(at: datetime) -> int:
    """Send what no task has sent."""
    return drive_due([(SecurityNote, deliver_note)], clock.ticking(at))
