"""What waits for a parent: every kind of it, in one list, for Home and the API alike.

Each entry leads to where it is done, and is gone once it is. What can only be read, such as a
transfer that failed, stays until the parent puts it away (`put_away`).
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import Child, Parent
from accounts.queries import list_children
from brokerage.connections import list_items
from brokerage.queries import get_broker_user, list_banks
from core import audit
from core.errors import NotNow
from gifting.models import PutAway
from gifting.todo import banks, gifts, people
from gifting.todo.kinds import Family, Kind, ToDo

__all__ = ["Kind", "ToDo", "count", "list_to_do", "put_away"]

KINDS: tuple[Callable[[Family], Iterator[ToDo]], ...] = (
    people.yield_email,
    people.yield_identity,
    people.yield_children,
    people.yield_accounts,
    banks.yield_banks,
    banks.yield_debits,
    gifts.yield_waiting_gifts,
    gifts.yield_failed_gifts,
    gifts.yield_failed_deposits,
    gifts.yield_ended_orders,
    people.yield_trusted_contact,
)


def list_to_do(parent: Parent, *, at: datetime, children: list[Child] | None = None) -> list[ToDo]:
    """Return everything that waits for a parent, in a fixed order of kinds, oldest first in each.

    The number of queries does not grow with children, gifts or rows. `children`: all of the
    parent's, where they have been read already, each with its `broker_user` and `account`.
    """
    if children is None:
        children = list(list_children(parent).select_related("broker_user", "account"))
    family = Family(
        parent=parent,
        children=children,
        accounts={child.pk: child.account for child in children if hasattr(child, "account")},
        banks=list(list_banks(parent)),
        items=list(list_items(parent)),
        user=get_broker_user(parent),
        at=at,
    )
    away = set(PutAway.objects.filter(parent=parent).values_list("what", flat=True))
    found = [one for kind in KINDS for one in kind(family)]
    return [one for one in found if not (one.can_put_away and one.id in away)]


def count(found: list[ToDo]) -> int:
    """Return how many things wait, each folded gift for itself."""
    return sum(one.number for one in found)


def put_away(what: str, *, by: Parent, at: datetime) -> None:
    """Remind a parent no more of something that can only be read; a repeat changes nothing.

    :raises Http404: nothing of theirs
    :raises NotNow: something that is still to be done
    """
    if PutAway.objects.filter(parent=by, what=what).exists():
        return
    found = next((one for one in list_to_do(by, at=at) if one.id == what), None)
    if found is None:
        raise Http404
    if not found.can_put_away:
        raise NotNow(_("This goes away once it is done."), code="still_to_do")
    with transaction.atomic():
        _row, created = PutAway.objects.get_or_create(parent=by, what=what, defaults={"at": at})
        if created:
            audit.record("to_do.put_away", by, by=by.user, at=at, what=what)
