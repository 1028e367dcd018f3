"""Gifts of one sender, shown and decided about as one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from gifting.models import Gift

FROM_EMAIL = 4  # so many gifts of one e-mail address are one row
FROM_NETWORK = 10  # of one network: a family at a party shares one


class Same(StrEnum):
    """What gifts have in common."""

    EMAIL = "email"
    NETWORK = "network"


@dataclass(frozen=True)
class Fold:
    """One gift, or several of one sender; the first one was given first."""

    gifts: list[Gift]
    same: Same | None = None

    @property
    def first(self) -> Gift:
        return self.gifts[0]


def fold(gifts: Iterable[Gift]) -> list[Fold]:
    """Put together what one sender gave to one child, in the order of the first of each."""
    waiting = list(gifts)
    folds = _fold_by(waiting, Same.EMAIL, FROM_EMAIL)
    taken = {gift.pk for one in folds for gift in one.gifts}
    rest = [gift for gift in waiting if gift.pk not in taken]
    folds += _fold_by(rest, Same.NETWORK, FROM_NETWORK)
    taken |= {gift.pk for one in folds for gift in one.gifts}
    folds += [Fold([gift]) for gift in rest if gift.pk not in taken]
    return sorted(folds, key=lambda one: (one.first.given_at, str(one.first.pk)))


def _fold_by(gifts: list[Gift], same: Same, least: int) -> list[Fold]:
    groups: dict[tuple[object, str], list[Gift]] = defaultdict(list)
    for gift in gifts:
        if index := _index(gift, same):
            groups[gift.child_id, index].append(gift)
    return [Fold(group, same) for group in groups.values() if len(group) >= least]


def _index(gift: Gift, same: Same) -> str:
    return gift.contributor.email_index if same == Same.EMAIL else gift.sender_index


def list_alike(gift: Gift, same: Same) -> QuerySet[Gift]:
    """Return the waiting gifts to this child that have the same sender, oldest first."""
    index = _index(gift, same)
    alike = Q(contributor__email_index=index) if same == Same.EMAIL else Q(sender_index=index)
    found = Gift.objects.filter(alike if index else Q(pk=gift.pk), child=gift.child_id)
    waiting = found.filter(status=Gift.Status.PENDING)
    return waiting.select_related("child", "contributor", "instrument", "purchase").order_by(
        "given_at", "pk"
    )
