"""Who gives: how often, from where, and whether the e-mail address is known to be theirs.

Anybody can type anybody's address. So one sender's limit counts for that sender alone, and an
address that nobody has confirmed is written to once a day at most.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Exists, F, Func, OuterRef, QuerySet, Value
from django.db.models.lookups import LessThan
from django.utils.translation import gettext as _

from accounts.models import Child
from core import audit
from core.encryption import blind_index
from core.errors import DomainError
from core.models import VendorAllowance
from core.vendors import Allowance
from gifting.models import Contributor, Gift, GiftLink, GiverAddress, Note

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNCONFIRMED_FOR = timedelta(days=90)  # after the last gift: longer than any waits and is tried
CONFIRMED_FOR = timedelta(days=3 * 365)
PREFIX = "gifts:"
NETWORK = 64  # bits of an IPv6 address that one home has to itself


class TooManyGifts(DomainError):
    """This sender has given enough for now; others are not concerned."""

    code = "too_many"
    status = 429

    def __init__(self, seconds: float) -> None:
        minutes = max(1, -int(-seconds // 60))
        when = (
            _("in about %d minutes") % minutes
            if minutes < 60
            else _("in about an hour")
            if minutes < 90
            else _("in about %d hours") % round(minutes / 60)
        )
        super().__init__(
            _("Thank you: many gifts have come from you just now. You can send the next one %s.")
            % when
        )
        self.retry_after = seconds


class LinkFull(DomainError):
    """More gifts wait at this link than a family can look through."""

    code = "link_full"
    status = 429
    retry_after = 3600


def index_email(email: str) -> str:
    """Return what finds an e-mail address again, whatever its case."""
    return blind_index(email.strip().lower(), context="gifting.giver.email")


def index_address(address: str | None) -> str:
    """Return what finds a sender's network again; empty where we know none."""
    if not address:
        return ""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped:
            known = known.ipv4_mapped
        else:
            return blind_index(str(int(known) >> 128 - NETWORK), context="gifting.giver.network")
    return blind_index(str(known), context="gifting.giver.network")


class Taken:
    """What one gift took of its sender's allowances, to be given back if it is not taken."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._allowances: list[Allowance] = []

    def take(self, allowance: Allowance) -> None:
        """Take one, or give back all.

        :raises TooManyGifts: none left
        """
        if wait := allowance.take(self._at):
            self.give_back()
            raise TooManyGifts(wait)
        self._allowances.append(allowance)

    def give_back(self) -> None:
        while self._allowances:
            self._allowances.pop().give_back(self._at)


def take_gift(*, child: Child, email: str, address: str, at: datetime) -> Taken:
    """Take one gift from each allowance of its sender: the e-mail's, and the network's.

    One statement decides each (`core.vendors.Allowance`): exact however many come at once.

    :param email, address: keyed hashes; `address` may be empty
    :raises TooManyGifts: one of them is used up
    """
    taken = Taken(at)
    taken.take(_allow(f"email:{child.pk}:{email}", settings.GIFTS_PER_EMAIL))
    if address:
        taken.take(_allow(f"net:{child.pk}:{address}", settings.GIFTS_PER_NETWORK))
        taken.take(_allow(f"net:{address}", settings.GIFTS_PER_NETWORK * 3))
    return taken


def check_link_has_room(link: GiftLink, giver: GiverAddress) -> None:
    """Refuse a gift of an unconfirmed address where very many of such wait at the link already.

    Who has confirmed their address still gives, and so does everybody through another link.

    :raises LinkFull: with what to do
    """
    if giver.confirmed_at:
        return
    waiting = Gift.objects.filter(link=link, status=Gift.Status.PENDING)
    unconfirmed = waiting.exclude(
        contributor__email_index__in=GiverAddress.objects.filter(confirmed_at__isnull=False).values(
            "index"
        )
    )
    if unconfirmed.count() >= settings.GIFTS_WAITING_AT_LINK:
        raise LinkFull(
            _(
                "Very many gifts wait here to be looked at. Please ask the family for another "
                "link, or come back tomorrow."
            )
        )


def keep_giver(email: str) -> GiverAddress:
    """Return what we know of an address, kept by its hash alone."""
    giver, _created = GiverAddress.objects.get_or_create(index=index_email(email))
    return giver


@transaction.atomic
def confirm_giver(giver: GiverAddress, *, at: datetime) -> None:
    """Note that somebody has opened a mail of ours at this address; a repeat changes nothing."""
    if GiverAddress.objects.filter(pk=giver.pk, confirmed_at=None).update(confirmed_at=at):
        audit.record("giver.confirmed", giver, by="gifting", at=at)


def may_write(kind: str, whom: str, *, every: timedelta, at: datetime) -> float:
    """Take the turn to write one mail of a kind; return 0, or in how many seconds it is free.

    :param whom: a keyed hash, or a key of ours
    """
    return Allowance(f"{PREFIX}mail:{kind}:{whom}", most=1, period=every).take(at)


def give_turn_back(kind: str, whom: str, *, every: timedelta, at: datetime) -> None:
    """Return a turn whose mail was not sent."""
    Allowance(f"{PREFIX}mail:{kind}:{whom}", most=1, period=every).give_back(at)


def list_unused(at: datetime) -> list[QuerySet[Any]]:
    """Return what is kept no longer (`core.retention`).

    Allowances that count nothing any more, and addresses of givers by which nobody gave lately: one
    that gives again is known anew, and asked again whether it is theirs.
    """
    last = Func(
        F("taken"),
        template="coalesce((%(expressions)s)[cardinality(%(expressions)s)], '-infinity')",
        output_field=DateTimeField(),
    )
    rows = VendorAllowance.objects.filter(name__startswith=PREFIX)
    return [rows.filter(LessThan(last, Value(at - 2 * DAY))), *_list_forgotten_givers(at)]


def _list_forgotten_givers(at: datetime) -> list[QuerySet[Any]]:
    theirs = Contributor.objects.filter(email_index=OuterRef("index"))
    unanswered = GiverAddress.objects.filter(confirmed_at=None).exclude(
        Exists(theirs.filter(created_at__gte=at - UNCONFIRMED_FOR))
    )
    answered = GiverAddress.objects.filter(confirmed_at__lt=at - CONFIRMED_FOR).exclude(
        Exists(theirs.filter(created_at__gte=at - CONFIRMED_FOR))
    )
    waits = Note.objects.filter(
        gift__contributor__email_index=OuterRef("index"), sent_at=None, parked_at=None
    )
    return [rows.exclude(Exists(waits)) for rows in (unanswered, answered)]


def _allow(name: str, most: int) -> Allowance:
    return Allowance(f"{PREFIX}{name}", most=most, period=HOUR)
