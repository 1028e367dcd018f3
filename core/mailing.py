"""Sending a mail that a row stands for: once, and again later where the mail server fails."""

import smtplib
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError
from django.template.loader import render_to_string

from core.driven import Driven
from core.parking import count_failure

REFUSED_FOR_GOOD = 550  # RFC 5321: 4xx may work later, 550 and above never will
Mail = TypeVar("Mail", bound=Driven)
log = structlog.get_logger()


def deliver(
    model: type[Mail], pk: UUID, compose: Callable[[Mail], EmailMessage], *, at: datetime
) -> None:
    """Send the mail of one row, unless it is sent; where the mail server fails, again later.

    :param model: has `sent_at` and `kind`
    """
    row = model.take(pk, at=at)
    if row is None:
        return
    if row.sent_at:  # type: ignore[attr-defined]  # a worker died before it gave the row back
        row.release(next_step_at=None)
        return
    try:
        compose(row).send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        for_good = bool(codes) and min(codes) >= REFUSED_FOR_GOOD
        _take_failure(row, f"address refused: {codes}", at, counted=for_good)
        return
    except (OSError, smtplib.SMTPException, OperationalError, InterfaceError) as error:
        _take_failure(row, type(error).__name__, at, counted=False)
        return
    except Exception:
        log.exception("mail_failed", row=str(pk), model=model._meta.label)
        count_failure(row, at=at, trouble="unexpected error, see the log")
        return
    model._base_manager.filter(pk=row.pk).update(sent_at=at)
    row.release(next_step_at=None)


def render_mail(template: str, context: dict[str, object], *, to: str) -> EmailMessage:
    """Return the message a template makes; its first line is the subject."""
    text = render_to_string(template, context)
    subject, _blank, body = text.partition("\n")
    return EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[to])


def _take_failure(row: Driven, trouble: str, at: datetime, *, counted: bool) -> None:
    """Try again later; an address refused for good is counted, and in the end parked."""
    log.warning("mail_failed", model=row._meta.label, error=trouble)
    if counted:
        count_failure(row, at=at, trouble=trouble)
    else:
        row.retry_later(at=at, trouble=trouble)
