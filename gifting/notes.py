"""Composing and sending the e-mails about gifts."""

import smtplib
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError
from django.template.loader import render_to_string
from django.urls import reverse

from core.parking import count_failure
from gifting.models import Gift, Note
from gifting.money import why_it_failed

REFUSED_FOR_GOOD = 550  # RFC 5321: 4xx may work later, 550 and above never will
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
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        for_good = bool(codes) and min(codes) >= REFUSED_FOR_GOOD
        _take_failure(note, f"address refused: {codes}", at, counted=for_good)
        return
    except (OSError, smtplib.SMTPException, OperationalError, InterfaceError) as error:
        _take_failure(note, type(error).__name__, at, counted=False)
        return
    except Exception:
        log.exception("note_failed", note=str(pk), kind=note.kind)
        count_failure(note, at=at, trouble="unexpected error, see the log")
        return
    Note.objects.filter(pk=note.pk).update(sent_at=at)
    note.release(next_step_at=None)


def _take_failure(note: Note, trouble: str, at: datetime, *, counted: bool) -> None:
    """Try again later; an address refused for good is counted, and in the end parked."""
    log.warning("mail_failed", kind=note.kind, error=trouble)
    if counted:
        count_failure(note, at=at, trouble=trouble)
    else:
        note.retry_later(at=at, trouble=trouble)


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
