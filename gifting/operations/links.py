"""A child's gift links: made, made anew, paused and closed by the child's custodian."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Child, Parent, new_gift_code
from core import audit
from core.clock import NEW_YORK
from core.errors import Findings, Invalid, NotAllowed, NotNow
from gifting.models import GiftLink

Status = GiftLink.Status
MOST_LINKS = 20  # of one child, not closed


@dataclass(frozen=True)
class LinkTerms:
    """What a link is called, and what ends it; None: nothing does."""

    name: str
    open_until: date | None = None
    most_gifts: int | None = None


def get_main_link(child: Child, *, at: datetime) -> GiftLink:
    """Return the link every child has from the beginning; written when it is first needed."""
    link, _created = GiftLink.objects.get_or_create(
        code=child.gift_code, defaults={"child": child, "is_main": True, "created_at": at}
    )
    return link


@transaction.atomic
def add_link(*, child: Child, terms: LinkTerms, by: Parent, at: datetime) -> GiftLink:
    """Make one more link, for one party or one person.

    :raises NotAllowed: somebody else's child
    :raises NotNow: too many, or one of that name
    """
    _check_theirs(child, by)
    Child.objects.select_for_update().get(pk=child.pk)
    check_terms(child, vars(terms), at=at)
    try:
        with transaction.atomic():
            link = GiftLink.objects.create(
                child=child,
                code=new_gift_code(),
                name=terms.name,
                open_until=terms.open_until,
                most_gifts=terms.most_gifts,
                created_at=at,
            )
    except IntegrityError as error:
        raise _known_already() from error
    audit.record("gift_link.added", link, by=by.user, at=at)
    return link


@transaction.atomic
def replace_link(*, link: GiftLink, by: Parent, at: datetime) -> GiftLink:
    """Make a link anew: the old code stops, what was given through it stays. Once only.

    :raises NotAllowed: somebody else's
    :raises StaleMove: closed already
    """
    _check_theirs(link.child, by)
    link = GiftLink.objects.select_for_update().select_related("child").get(pk=link.pk)
    link.move_to(Status.CLOSED, ended_at=at)
    new = GiftLink.objects.create(
        child=link.child,
        code=new_gift_code(),
        name=link.name,
        is_main=link.is_main,
        open_until=link.open_until,
        most_gifts=link.most_gifts,
        created_at=at,
    )
    GiftLink.objects.filter(pk=link.pk).update(replaced_by=new)
    if link.is_main:
        Child.objects.filter(pk=link.child_id).update(gift_code=new.code)
        link.child.gift_code = new.code
    audit.record("gift_link.replaced", link, by=by.user, at=at, by_link=str(new.pk))
    return new


@transaction.atomic
def pause_link(*, link: GiftLink, by: Parent, at: datetime) -> GiftLink:
    """Take no gifts through a link for now; its code stays.

    :raises NotAllowed: somebody else's
    :raises StaleMove: paused or closed already
    """
    _check_theirs(link.child, by)
    link.move_to(Status.PAUSED)
    audit.record("gift_link.paused", link, by=by.user, at=at)
    return link


@transaction.atomic
def resume_link(*, link: GiftLink, by: Parent, at: datetime) -> GiftLink:
    """Take gifts through a paused link again.

    :raises NotAllowed: somebody else's
    :raises StaleMove: not paused
    """
    _check_theirs(link.child, by)
    link.move_to(Status.OPEN)
    audit.record("gift_link.resumed", link, by=by.user, at=at)
    return link


@transaction.atomic
def close_link(*, link: GiftLink, by: Parent, at: datetime) -> GiftLink:
    """Close a link for good. The first one is made anew instead: a child always has one.

    :raises NotAllowed: somebody else's
    :raises NotNow: the child's first link
    :raises StaleMove: closed already
    """
    _check_theirs(link.child, by)
    if link.is_main:
        raise NotNow(_("This link can be paused or made anew, but not closed."), code="main_link")
    link.move_to(Status.CLOSED, ended_at=at)
    audit.record("gift_link.closed", link, by=by.user, at=at)
    return link


def _check_theirs(child: Child, by: Parent) -> None:
    if child.parent_id != by.pk:
        raise NotAllowed(_("Only this child's custodian decides about gift links."))


def check_terms(child: Child, given: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse a link there can not be, by the answers that are understood so far.

    :param given: by the names of LinkTerms
    :raises DomainError: with the fields; or too many links
    """
    names = list(
        GiftLink.objects.filter(child=child)
        .exclude(status=Status.CLOSED)
        .values_list("name", flat=True)
    )
    found, open_until = Findings(), given.get("open_until")
    with found.noting():
        if len(names) >= MOST_LINKS:
            message = _("There are %d links already. Close one you do not need.") % MOST_LINKS
            raise NotNow(message, code="too_many_links")
    with found.noting():
        if given.get("name") and given["name"] in names:
            raise _known_already()
    with found.noting():
        if open_until and open_until < at.astimezone(NEW_YORK).date():
            message = _("Choose a day that is still to come.")
            raise Invalid(message, fields={"open_until": message})
    found.raise_all()


def _known_already() -> NotNow:
    message = _("You have a link of this name. Choose another name.")
    return NotNow(message, code="link_known", fields={"name": message})
