"""The guarded doors to gifts: what this person, or the holder of this link, may see."""

from uuid import UUID

from django.db.models import Case, QuerySet, When
from django.shortcuts import get_object_or_404

from accounts.models import Child, Parent
from brokerage.models import Purchase
from brokerage.operations.purchases import next_reference
from gifting.models import Gift, GiftLink, GiverAddress


def list_gifts(parent: Parent) -> QuerySet[Gift]:
    """Return the gifts to this parent's children, newest first, with what rows show."""
    gifts = Gift.objects.filter(child__parent=parent)
    return gifts.select_related("child", "contributor", "instrument", "purchase__account").order_by(
        "-given_at"
    )


def list_waiting_gifts(parent: Parent) -> QuerySet[Gift]:
    """Return the gifts this parent has to decide about, oldest first."""
    return list_gifts(parent).filter(status=Gift.Status.PENDING).order_by("given_at")


def get_gift_or_404(parent: Parent, *, pk: UUID) -> Gift:
    """Return one gift to this parent's own children."""
    return get_object_or_404(list_gifts(parent), pk=pk)


def get_tracked_gift_or_404(token: str) -> Gift:
    """Return the gift of a giver's secret tracking link."""
    gifts = Gift.objects.select_related("child", "contributor", "instrument", "purchase__account")
    return get_object_or_404(gifts, token=token)


def find_link_or_404(code: str) -> GiftLink:
    """Return the link of a code, closed ones too; a child's first may not be written yet."""
    known = GiftLink.objects.select_related("child__parent__profile")
    if link := known.filter(code=code).first():
        return link
    child = get_object_or_404(Child.objects.select_related("parent__profile"), gift_code=code)
    return GiftLink(child=child, code=code, is_main=True)


def list_links(child: Child) -> QuerySet[GiftLink]:
    """Return a child's links, the first one first, closed ones last."""
    links = GiftLink.objects.filter(child=child).select_related("child")
    closed = Case(When(status=GiftLink.Status.CLOSED, then=1), default=0)
    return links.order_by(closed, "-is_main", "created_at", "pk")


def get_link_or_404(parent: Parent, *, pk: UUID) -> GiftLink:
    """Return one link of this parent's own children."""
    links = GiftLink.objects.select_related("child")
    return get_object_or_404(links, pk=pk, child__parent=parent)


def get_giver_or_404(token: str) -> GiverAddress:
    """Return the address of a confirming link."""
    return get_object_or_404(GiverAddress, token=token)


def find_sent_gift(child: Child, form_key: UUID) -> Gift | None:
    """Return the gift that was sent from this very form, if it was."""
    return Gift.objects.filter(child=child, form_key=form_key).first()


def list_tries(gift: Gift) -> list[Purchase]:
    """Return the purchases of a gift, the first one first; each reference follows from the last."""
    tries: list[Purchase] = []
    reference = gift.pk
    while found := Purchase.objects.filter(reference=reference).first():
        tries.append(found)
        reference = next_reference(found)
    return tries
