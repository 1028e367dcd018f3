"""Composing and sending the e-mails about gifts."""

import smtplib
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from gifting.models import Gift, Note
from gifting.money import why_it_failed

log = structlog.get_logger()
TO_PARENT = {Note.Kind.GIVEN_PARENT, Note.Kind.FAILED_PARENT}


def deliver_note(pk: UUID, *, at: datetime) -> None:
    """Send one note; where the mail server fails, again later."""
    note = Note.take(pk, at=at)
    if note is None:
        return
    if note.sent_at:  # a worker died between noting that and giving the note back
        note.release(next_step_at=None)
        return
    try:
        compose(note).send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail_failed", kind=note.kind, error=type(error).__name__)
        note.retry_later(at=at, trouble=type(error).__name__)
        return
    Note.objects.filter(pk=note.pk).update(sent_at=at)
    note.release(next_step_at=None)


def compose(note: Note) -> EmailMessage:
    """Return the message; its first line is the subject."""
    gift = Gift.objects.select_related(
        "child__parent__user", "contributor", "instrument", "purchase"
    ).get(pk=note.gift_id)
    if note.kind in TO_PARENT:
        to, path = gift.child.parent.user.email, reverse("gift", args=[gift.pk])
    else:
        to, path = gift.contributor.email, reverse("track-gift", args=[gift.token])
    order = gift.purchase.orders.filter(quantity__gt=0).first() if gift.purchase else None
    context = {
        "gift": gift,
        "order": order,
        "link": settings.SITE_URL + path,
        "why": why_it_failed(gift) if note.kind in TO_PARENT else "",
    }
    text = render_to_string(f"gifting/email/{note.kind.lower()}.txt", context)
    subject, _blank, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[to])
