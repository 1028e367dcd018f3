"""Notices to parents about accounts, banks and agreements: written with the fact, sent once.

What a letter about a check or a refused account says, is composed when it goes out
(`brokerage.letters`); a notice tells of what has happened, in the words of that moment.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models

from accounts.models import Parent
from brokerage.models import Notice
from brokerage.words.notices import describe_notice
from core import audit
from core.mailing import deliver, render_mail
from core.queue import enqueue


def write_notice(
    kind: Notice.Kind,
    parent: Parent,
    about: models.Model,
    *,
    at: datetime,
    occasion: str = "",
    said: str = "",
) -> Notice:
    """Write a notice in the caller's transaction and have it sent after commit; a repeat is none.

    :param about: the row it tells of
    :param occasion: what tells it from one of the same kind about the same row, sent before
    :param said: words of staff
    """
    notice, created = Notice.objects.get_or_create(
        kind=kind,
        about=audit.name_of(about),
        occasion=occasion,
        defaults={"parent": parent, "said": said, "created_at": at, "next_step_at": at},
    )
    if created:
        enqueue("brokerage.tasks.deliver_notice", pk=notice.pk)
    return notice


def deliver_notice(pk: UUID, *, at: datetime) -> None:
    """Send one notice; where the mail server fails, again later."""
    deliver(Notice, pk, _compose, at=at)


def _compose(notice: Notice) -> EmailMessage:
    words = describe_notice(notice)
    context: dict[str, object] = {
        "words": words,
        "link": settings.SITE_URL + words.path,
        "contact": settings.SUPPORT_EMAIL,
    }
    to = notice.parent.user.email
    return render_mail("brokerage/email/notice.txt", context, to=to)
