"""What waits about gifts, and about money and orders that came to nothing."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from brokerage.models import Deposit, Order, Purchase
from core.switches import get_halt
from core.templatetags.show import day, money
from gifting.folding import Fold, Same, fold
from gifting.queries import list_gifts, list_waiting_gifts
from gifting.todo.kinds import Family, Kind, ToDo

ENDED = (Purchase.Status.FAILED, Purchase.Status.RETURNED)
BAD_DEPOSITS = (Deposit.Status.FAILED, Deposit.Status.RETURNED)


def yield_waiting_gifts(family: Family) -> Iterator[ToDo]:
    folds = fold(list_waiting_gifts(family.parent))
    halt = get_halt("halt-approvals") if folds else None
    for one in folds:
        yield _waiting(one, halt.message if halt else "")


def _waiting(one: Fold, halted: str) -> ToDo:
    gift, number = one.first, len(one.gifts)
    until = _("It waits for you until %s.") % day(gift.expires_at)
    if one.same is None:
        return ToDo(
            f"gift:{gift.pk}",
            Kind.GIFT_WAITING,
            _("%(amount)s of %(company)s for %(child)s")
            % {
                "amount": money(gift.amount),
                "company": gift.instrument.name,
                "child": gift.child.first_name,
            },
            _("From %(from)s, %(on)s") % {"from": gift.contributor.name, "on": day(gift.given_at)}
            + f". {halted or until}",
            reverse("gift", args=[gift.pk]),
            _("Look and decide"),
        )
    total = money(sum((each.amount for each in one.gifts), start=gift.amount - gift.amount))
    text = (
        _("%(sum)s in all, under one e-mail address, since %(on)s.")
        if one.same == Same.EMAIL
        else _("%(sum)s in all, from one internet connection, since %(on)s.")
    )
    return ToDo(
        f"gifts:{gift.pk}:{one.same}",
        Kind.GIFTS_ALIKE,
        _("%(number)d gifts like this from %(from)s for %(child)s")
        % {"number": number, "from": gift.contributor.name, "child": gift.child.first_name},
        text % {"sum": total, "on": day(gift.given_at)},
        reverse("decline-alike", args=[gift.pk, one.same.value]),
        _("Look and decide"),
        number=number,
    )


def yield_failed_gifts(family: Family) -> Iterator[ToDo]:
    failed = list_gifts(family.parent).filter(purchase__status__in=ENDED)
    for gift in failed.order_by("purchase__ended_at", "pk"):
        yield ToDo(
            f"failed-gift:{gift.purchase_id}",
            Kind.GIFT_FAILED,
            _("%(from)s's gift for %(child)s did not go through")
            % {"from": gift.contributor.name, "child": gift.child.first_name},
            f"{money(gift.amount)} · {gift.instrument.name}",
            reverse("gift", args=[gift.pk]),
            _("See what can be done"),
            can_put_away=True,
        )


def yield_failed_deposits(family: Family) -> Iterator[ToDo]:
    failed = Deposit.objects.filter(
        account__in=[account.pk for account in family.accounts.values()],
        purchase__isnull=True,
        status__in=BAD_DEPOSITS,
    ).select_related("account__child")
    for deposit in failed.order_by("created_at", "pk"):
        yield ToDo(
            f"deposit:{deposit.pk}:{deposit.status}",
            Kind.DEPOSIT_FAILED,
            _("%(amount)s for %(child)s did not arrive")
            % {"amount": money(deposit.amount), "child": deposit.account.child.first_name},
            _("Asked for on %s.") % day(deposit.created_at),
            reverse("deposit", args=[deposit.pk]),
            _("See what can be done"),
            can_put_away=True,
        )


def yield_ended_orders(family: Family) -> Iterator[ToDo]:
    ended = Order.objects.filter(
        account__in=[account.pk for account in family.accounts.values()],
        purchase__isnull=True,
        status__in=(Order.Status.REJECTED, Order.Status.CANCELED),
        cancel_asked_at__isnull=True,
    ).select_related("account__child", "instrument")
    for order in ended.order_by("created_at", "pk"):
        yield ToDo(
            f"order:{order.pk}",
            Kind.ORDER_ENDED,
            _("An order for %(symbol)s ended without being carried out")
            % {"symbol": order.instrument.symbol},
            order.failure or _("The broker did not carry it out."),
            reverse("order", args=[order.pk]),
            _("Look at it"),
            can_put_away=True,
        )
