"""Work that fails time and again for no outage: set aside, shown to staff, taken up at their word.

A vendor, a mail server or a database that is away makes rows wait, however long. What no outage
explains (a bug, a refusal nobody foresaw) is counted, and after `PARK_AFTER` such failures in a row
the row is parked: no sweep, task or event moves it before staff say so. Who is listed in
`ALERT_EMAILS` gets a mail, at most one in a quarter of an hour, and one a day while work is parked.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.dispatch import Signal
from django.urls import reverse

from core import audit
from core.driven import LEASE, Driven
from core.errors import StaleMove
from core.models import Heartbeat

parked = Signal()  # row: Driven, at: datetime; sent inside the transaction that parks it
TURN = "alert"
AT_MOST_EVERY = timedelta(minutes=15)
REMINDER = timedelta(days=1)
log = structlog.get_logger()


def count_failure(row: Driven, *, at: datetime, trouble: str) -> None:
    """Give a held row back after a failure no outage explains: to be tried later, or parked.

    :param trouble: why, without personal data
    """
    if row.failures + 1 < settings.PARK_AFTER:
        row.retry_later(at=at, trouble=trouble, counted=True)
        return
    with transaction.atomic():
        if not row.park(at=at, trouble=trouble):
            return
        audit.record("work.parked", row, by="queue", at=at, trouble=trouble)
        parked.send(sender=type(row), row=row, at=at)
    log.error("work_parked", row=audit.name_of(row), trouble=trouble)


@transaction.atomic
def try_again(row: Driven, *, by: models.Model, reason: str, at: datetime) -> None:
    """Have parked work taken up anew, as if it had never failed.

    :raises StaleMove: it is not parked (any more)
    """
    if not row.unpark(at=at):
        raise StaleMove("This is not parked any more.")
    audit.record("work.resumed", row, by=by, at=at, reason=reason)


def alert(at: datetime) -> int:
    """Write to staff where work was parked since the last alert, or still is a day after it.

    A row counts once its worker's lease is over: later none is parked with that moment, so none is
    missed. The turn is taken before the mail goes out and given back where it can not; a process
    that dies in between leaves it to the daily reminder.
    """
    if not settings.ALERT_EMAILS:
        return 0
    last = Heartbeat.objects.filter(name=TURN).values_list("at", flat=True).first()
    until = at - LEASE
    if last and until - last < AT_MOST_EVERY:
        return 0
    found = _count_parked(until)
    fresh = _count_parked(until, since=last) if last else found
    if not (fresh or (found and last and until - last >= REMINDER)):
        return 0
    if not _take(last, until):
        return 0
    try:
        _compose(found).send()
    except (OSError, SMTPException) as error:
        Heartbeat.objects.filter(name=TURN, at=until).update(at=last or until - REMINDER)
        log.warning("mail_failed", kind="alert", error=type(error).__name__)
        return 0
    return 1


def _take(last: datetime | None, until: datetime) -> bool:
    """Move the mark on; False where another process was faster."""
    if last is None:
        return Heartbeat.objects.get_or_create(name=TURN, defaults={"at": until})[1]
    return bool(Heartbeat.objects.filter(name=TURN, at=last).update(at=until))


def _count_parked(until: datetime, since: datetime | None = None) -> dict[type[Driven], int]:
    """Return how many rows of each kind were parked up to a moment."""
    counts = {}
    for model in apps.get_models():
        if issubclass(model, Driven):
            rows = model._base_manager.filter(parked_at__lte=until)
            if since:
                rows = rows.filter(parked_at__gt=since)
            if count := rows.count():
                counts[model] = count
    return counts


def _compose(found: dict[type[Driven], int]) -> EmailMessage:
    total = sum(found.values())
    lines = [
        f"{count} × {model._meta.verbose_name}: {_address(model)}" for model, count in found.items()
    ]
    body = (
        "Work failed time and again and waits for a person. Read the trouble, mend its cause, then "
        "press “Try again” on the row.\n\n" + "\n".join(lines) + "\n"
    )
    subject = f"StockSprout: {total} parked"
    return EmailMessage(subject, body, to=list(settings.ALERT_EMAILS))


def _address(model: type[Driven]) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return f"{settings.SITE_URL}{reverse(name)}?parked_at__isempty=0"
