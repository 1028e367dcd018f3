"""Giving: a gift as it comes, and who is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.documents import GIVING, get_document
from accounts.models import Child
from brokerage.models import Instrument
from brokerage.order_rules import check_amount_buys
from brokerage.rules import check_on_allow_list
from core import audit
from core.errors import DomainError, Findings, NotNow
from core.queue import enqueue
from core.switches import check_running
from gifting import rules
from gifting.models import Contributor, Gift, GiftLink, GiverAddress, Note
from gifting.operations.links import get_main_link
from gifting.operations.senders import (
    check_link_has_room,
    index_address,
    index_email,
    keep_giver,
    take_gift,
)

LASTS = timedelta(days=30)


@dataclass(frozen=True)
class GiftOffer:
    """What a giver fills in; text already validated. `form_key` names the form that was shown."""

    instrument: Instrument
    amount: Decimal
    giver_name: str
    giver_email: str
    message: str
    form_key: UUID


def give(
    *,
    child: Child,
    offer: GiftOffer,
    at: datetime,
    link: GiftLink | None = None,
    ip_address: str | None = None,
) -> Gift:
    """Take a gift; nothing is charged before the custodian approves.

    Sent twice from one form it is one gift.

    :param link: by which it came; by default the child's first one
    :raises Invalid: the amount
    :raises Halted: gifts are paused
    :raises NotNow: the child, the link or the instrument forbids it
    :raises TooManyGifts: too many of this sender lately
    :raises LinkFull: too many wait at this link
    """
    check_running("halt-gifts")
    link = link or get_main_link(child, at=at)
    if repeated := Gift.objects.filter(form_key=offer.form_key).first():
        return _check_repeat(repeated, child, offer)
    check_gift(child=child, offer=offer, link=link, at=at)
    sender = index_address(ip_address)
    giver = keep_giver(offer.giver_email)
    check_link_has_room(link, giver)
    taken = take_gift(child=child, email=giver.index, address=sender, at=at)
    try:
        return _write_gift(child, link, offer, sender, giver, at)
    except IntegrityError:
        taken.give_back()
        again = Gift.objects.filter(form_key=offer.form_key).first()
        return _check_repeat(again, child, offer)
    except DomainError:
        taken.give_back()
        raise


@transaction.atomic
def _write_gift(
    child: Child,
    link: GiftLink,
    offer: GiftOffer,
    sender: str,
    giver: GiverAddress,
    at: datetime,
) -> Gift:
    link = GiftLink.objects.select_for_update().get(pk=link.pk)
    rules.check_link_open(link, at=at)
    contributor = Contributor.objects.create(
        name=offer.giver_name, email=offer.giver_email, email_index=giver.index, created_at=at
    )
    gift = Gift.objects.create(
        child=child,
        contributor=contributor,
        instrument=offer.instrument,
        amount=offer.amount,
        message=offer.message,
        link=link,
        sender_index=sender,
        form_key=offer.form_key,
        given_at=at,
        expires_at=at + LASTS,
    )
    notice = get_document(GIVING).version
    audit.record("gift.given", gift, by=contributor, at=at, amount=gift.amount, notice=notice)
    send_note(gift, Note.Kind.GIVEN_PARENT, at=at)
    send_note(gift, Note.Kind.GIVEN_GIVER, at=at)
    return gift


def check_gift(*, child: Child, offer: GiftOffer, link: GiftLink, at: datetime) -> None:
    """Refuse a gift that can not be given now; takes nothing of its sender's allowance.

    :raises Invalid: the amount
    :raises Halted: gifts are paused
    :raises NotNow: the child, the link, the instrument or the family forbids it
    """
    check_running("halt-gifts")
    rules.check_can_receive(child, at=at)
    rules.check_link_open(link, at=at)
    check_answers(child, vars(offer), at=at)


def check_answers(child: Child, given: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse what of a giver's answers can not be, as far as they are understood.

    :param given: by the names of GiftOffer; what is missing is not looked at
    :raises DomainError: with the fields
    """
    amount, instrument = given.get("amount"), given.get("instrument")
    found = Findings()
    with found.noting():
        if amount is not None:
            rules.check_amount(amount)
            if instrument is not None:
                check_amount_buys(instrument, amount)
    with found.noting():
        if instrument is not None:
            check_on_allow_list(instrument)
    with found.noting():
        if email := given.get("giver_email"):
            rules.check_not_turned_away(child, email=index_email(email), at=at)
    found.raise_all()


def _check_repeat(repeated: Gift | None, child: Child, offer: GiftOffer) -> Gift:
    """Return the gift of a form sent again.

    :raises NotNow: the form was sent with other answers
    """
    sent = (child.pk, offer.amount, offer.instrument)
    if repeated is None or (repeated.child_id, repeated.amount, repeated.instrument) != sent:
        raise NotNow(
            _("This form has been sent before. Open the gift link again to give once more.")
        )
    return repeated


def send_note(gift: Gift, kind: Note.Kind, *, at: datetime) -> None:
    """Write the note once and have it sent after commit."""
    note, created = Note.objects.get_or_create(
        gift=gift, kind=kind, defaults={"created_at": at, "next_step_at": at}
    )
    if created:
        enqueue("gifting.tasks.deliver_note", pk=note.pk)
