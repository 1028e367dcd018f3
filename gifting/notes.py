"""Composing and sending the e-mails about gifts."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.parking import count_failure
from gifting.models import Gift, Note
from gifting.money import why_it_failed
from gifting.operations.senders import (
    DAY,
    give_turn_back,
    index_email,
    keep_giver,
    may_write,
)

REFUSED_FOR_GOOD = 550  # RFC 5321: 4xx may work later, 550 and above never will
LISTED = 5  # other gifts named in one mail
SHOWN = ("child__parent__user", "contributor", "instrument", "purchase")
log = structlog.get_logger()
ANY = "GIVER"  # of mail to a giver, whatever it tells
WHAT = {
    Note.Kind.GIVEN_GIVER: gettext_lazy("waits for the family"),
    Note.Kind.BOUGHT_GIVER: gettext_lazy("is bought"),
    Note.Kind.DECLINED_GIVER: gettext_lazy("was not taken; no money has moved"),
}
TO_PARENT = {Note.Kind.GIVEN_PARENT, Note.Kind.FAILED_PARENT}


def deliver_note(pk: UUID, *, at: datetime) -> None:
    """Send one note, with all that waits to be told to the same person; where the mail server
    fails, again later.
    """
    note = Note.take(pk, at=at)
    if note is None:
        return
    if note.sent_at:  # it went with another one, or a worker died before giving it back
        note.release(next_step_at=None)
        return
    gift = _get_gift(note)
    if note.kind == Note.Kind.GIVEN_PARENT and _is_decided_meanwhile(note, gift):
        _mark_told(note, [], at)
        return
    turn = Turn.of(note, gift)
    if wait := turn.take(at):
        note.release(next_step_at=at + timedelta(seconds=wait))
        return
    others = _list_others(note, gift) if turn.folds else []
    told, besides = _last_of_each(note, others)
    try:
        compose(told, told.gift if told.pk != note.pk else gift, besides).send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        for_good = bool(codes) and min(codes) >= REFUSED_FOR_GOOD
        turn.give_back(at)
        _take_failure(note, f"address refused: {codes}", at, counted=for_good)
        return
    except (OSError, smtplib.SMTPException, OperationalError, InterfaceError) as error:
        turn.give_back(at)
        _take_failure(note, type(error).__name__, at, counted=False)
        return
    except Exception:
        turn.give_back(at)
        log.exception("note_failed", note=str(pk), kind=note.kind)
        count_failure(note, at=at, trouble="unexpected error, see the log")
        return
    _mark_told(note, others, at)


@dataclass(frozen=True)
class Turn:
    """How often one person is written to by one kind of mail; `whom` empty: without limit.

    A parent gets one mail about waiting gifts at once, and the next with all that came meanwhile. A
    giver's address that nobody has confirmed is written to once a day, whatever there is to tell,
    since anybody can type anybody's.
    """

    kind: str
    whom: str
    every: timedelta

    @classmethod
    def of(cls, note: Note, gift: Gift) -> "Turn":
        if note.kind == Note.Kind.GIVEN_PARENT:
            every = timedelta(minutes=settings.GIFT_MAIL_MINUTES)
            return cls(note.kind, str(gift.child.parent_id), every)
        if note.kind in TO_PARENT or keep_giver(gift.contributor.email).confirmed_at:
            return cls(note.kind, "", DAY)
        return cls(ANY, index_email(gift.contributor.email), DAY)

    @property
    def folds(self) -> bool:
        return bool(self.whom)

    def take(self, at: datetime) -> float:
        """Return 0 where a mail may go now, else in how many seconds."""
        return may_write(self.kind, self.whom, every=self.every, at=at) if self.whom else 0.0

    def give_back(self, at: datetime) -> None:
        """Let the next mail go: this one was not sent."""
        if self.whom:
            give_turn_back(self.kind, self.whom, every=self.every, at=at)


def _is_decided_meanwhile(note: Note, gift: Gift) -> bool:
    """Say whether a note waited its turn, and its gift waits no more."""
    held_back = note.next_step_at is not None and note.next_step_at > note.created_at
    return held_back and gift.status != Gift.Status.PENDING


def _list_others(note: Note, gift: Gift) -> list[Note]:
    """Return what else the same person is to be told: a parent of this kind, a giver of any."""
    others = Note.objects.filter(sent_at=None, parked_at=None).exclude(pk=note.pk)
    if note.kind == Note.Kind.GIVEN_PARENT:
        mine = others.filter(
            kind=note.kind, gift__child__parent=gift.child.parent_id, gift__status="PENDING"
        )
    else:
        mine = others.exclude(kind__in=TO_PARENT).filter(
            gift__contributor__email_index=index_email(gift.contributor.email)
        )
    return list(mine.select_related(*(f"gift__{name}" for name in SHOWN)).order_by("created_at"))


def _last_of_each(note: Note, others: list[Note]) -> tuple[Note, list[Note]]:
    """Return the note to tell, and those beside it: of each gift only what happened last."""
    last = {one.gift_id: one for one in sorted([note, *others], key=lambda one: one.created_at)}
    first = last.pop(note.gift_id)
    return first, list(last.values())


def _mark_told(note: Note, others: list[Note], at: datetime) -> None:
    told = Note.objects.filter(pk__in=[note.pk, *(other.pk for other in others)])
    told.update(sent_at=at)
    note.release(next_step_at=None)
    # One that another worker has in hand is left to it: it finds `sent_at`, and gives it back.
    free = Q(leased_until=None) | Q(leased_until__lte=at)
    told.exclude(pk=note.pk).filter(free).update(next_step_at=None)


def _take_failure(note: Note, trouble: str, at: datetime, *, counted: bool) -> None:
    """Try again later; an address refused for good is counted, and in the end parked."""
    log.warning("mail_failed", kind=note.kind, error=trouble)
    if counted:
        count_failure(note, at=at, trouble=trouble)
    else:
        note.retry_later(at=at, trouble=trouble)


def _get_gift(note: Note) -> Gift:
    return Gift.objects.select_related(*SHOWN).get(pk=note.gift_id)


def list_news(notes: Sequence[Note]) -> list[dict[str, Any]]:
    """Return what a giver is told of each gift, by one note of each, oldest first."""
    return [
        {
            "gift": note.gift,
            "what": WHAT[Note.Kind(note.kind)],
            "link": settings.SITE_URL + reverse("track-gift", args=[note.gift.token]),
        }
        for note in sorted(notes, key=lambda one: one.gift.given_at)
    ]


def compose(note: Note, gift: Gift, others: Sequence[Note] = ()) -> EmailMessage:
    """Return the message; its first line is the subject.

    :param others: notes to the same person, told in the same mail; of several kinds to a giver
    """
    giver = None if note.kind in TO_PARENT else keep_giver(gift.contributor.email)
    if giver is None:
        to, path = gift.child.parent.user.email, reverse("gift", args=[gift.pk])
    else:
        to, path = gift.contributor.email, reverse("track-gift", args=[gift.token])
    order = gift.purchase.orders.filter(quantity__gt=0).first() if gift.purchase else None
    asks = giver is not None and giver.confirmed_at is None
    context = {
        "gift": gift,
        "order": order,
        "link": settings.SITE_URL + path,
        "is_own": gift.contributor.email.casefold() == gift.child.parent.user.email.casefold(),
        "why": why_it_failed(gift) if giver is None else "",
        "others": [other.gift for other in others[:LISTED]],
        "more": max(0, len(others) - LISTED),
        "number": len(others) + 1,
        "home_link": settings.SITE_URL + reverse("home"),
        "confirm_link": settings.SITE_URL + reverse("confirm-giver", args=[giver.token])
        if giver and asks
        else "",
    }
    template = note.kind.lower()
    if any(other.kind != note.kind for other in others):
        template, news = "giver_news", list_news([note, *others])
        context |= {"news": news[:LISTED], "others": [], "more": max(0, len(news) - LISTED)}
    text = render_to_string(f"gifting/email/{template}.txt", context)
    subject, _blank, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[to])
