"""What waits for a parent: every kind of it, in one list, for Home and the API alike.

Each entry leads to where it is done, and is gone once it is. What can only be read, such as a
transfer that failed, stays until the parent puts it away (`put_away`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Child, Parent
from accounts.queries import get_trusted_contact, list_children
from brokerage.connections import get_way_to_link, list_choices, list_items
from brokerage.identity import describe_check
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Deposit, Order, Purchase
from brokerage.queries import get_broker_user, get_verification, list_banks
from brokerage.rules import is_paused
from brokerage.words.accounts import describe_account
from brokerage.words.banks import describe_bank, describe_item, describe_verification
from brokerage.words.deposits import PAUSED
from core import audit
from core.errors import NotNow
from core.switches import get_halt
from core.templatetags.show import day, money
from gifting.folding import Fold, Same, fold
from gifting.models import PutAway
from gifting.queries import list_gifts, list_waiting_gifts
from prefill.models import PlaidItem

Bank = BankAccount.Status
ENDED = (Purchase.Status.FAILED, Purchase.Status.RETURNED)
BAD_DEPOSITS = (Deposit.Status.FAILED, Deposit.Status.RETURNED)
RESTRICTED = (BrokerAccount.Status.NO_NEW_TRADES, BrokerAccount.Status.FROZEN)


@dataclass(frozen=True)
class ToDo:
    """One thing that waits. `id` stays the same while it waits; `kind` is stable for programs."""

    id: str
    kind: str
    title: str
    text: str
    url: str
    action: str
    in_setup: bool = False  # a step of "Getting ready"
    can_put_away: bool = False
    number: int = 1

    @property
    def icon(self) -> str:
        """Return the picture beside it: a gift, a bank, or a warning."""
        about = self.kind.partition("_")[0]
        return {"gift": "gift", "gifts": "gift", "bank": "bank"}.get(about, "alert")


@dataclass
class Family:
    """What is read once for all kinds."""

    parent: Parent
    children: list[Child]
    accounts: dict[UUID, BrokerAccount]
    banks: list[BankAccount]
    items: list[PlaidItem]
    user: BrokerUser | None
    at: datetime

    @property
    def is_known(self) -> bool:
        return hasattr(self.parent, "profile")


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


def _email(family: Family) -> Iterator[ToDo]:
    addresses = EmailAddress.objects.filter(user=family.parent.user, verified=False)
    for address in addresses.order_by("pk"):
        yield ToDo(
            f"email:{address.pk}",
            "email_unconfirmed",
            _("Confirm your e-mail address"),
            _("We have written to %s. Open the link in that mail, or have it sent again.")
            % address.email,
            reverse("account_email"),
            _("Look at it"),
        )


def _identity(family: Family) -> Iterator[ToDo]:
    if not family.is_known:
        yield ToDo(
            "identity",
            "identity_start",
            _("Tell us about yourself"),
            _("The broker has to know who you are."),
            reverse("start"),
            _("Start"),
            in_setup=True,
        )
        return
    check = describe_check(family.user)
    if check.needs_parent:
        yield ToDo(
            f"identity:{check.status}",
            "identity",
            check.title,
            " ".join([check.text, *check.fixes]),
            reverse("kyc"),
            _("See what is needed"),
            in_setup=True,
        )


def _children(family: Family) -> Iterator[ToDo]:
    if family.is_known and not family.children:
        yield ToDo(
            "add-child",
            "add_child",
            _("Add your child"),
            _("Name, birthday, number, state."),
            reverse("add-child"),
            _("Add a child"),
            in_setup=True,
        )
    for child in family.children:
        user = getattr(child, "broker_user", None)
        check = describe_check(user) if user else None
        if check and check.needs_parent:
            yield ToDo(
                f"child:{child.pk}",
                "child_identity",
                _("The broker has a question about %s") % child.first_name,
                " ".join([check.text, *check.fixes]),
                reverse("child-account", args=[child.pk]),
                _("See what is needed"),
            )


def _accounts(family: Family) -> Iterator[ToDo]:
    for child in family.children:
        account = family.accounts.get(child.pk)
        if account and account.status in RESTRICTED:
            badge, note = describe_account(account)
            yield ToDo(
                f"account:{account.pk}:{account.status}",
                "account_restricted",
                _("%(name)s's account: %(badge)s")
                % {"name": child.first_name, "badge": badge["label"]},
                note,
                reverse("child-account", args=[child.pk]),
                _("Read what it means"),
                can_put_away=True,
            )


def _banks(family: Family) -> Iterator[ToDo]:
    for bank in family.banks:
        if one := _bank(bank, family.at):
            yield one
    for item in family.items:
        badge, note = describe_item(item)
        if item.status in (PlaidItem.Status.NEEDS_USER, PlaidItem.Status.REVOKED):
            revoked = item.status == PlaidItem.Status.REVOKED
            yield ToDo(
                f"connection:{item.pk}",
                "bank_access_ended" if revoked else "bank_reconnect",
                item.institution_name or _("Your bank"),
                note,
                reverse("banks"),
                _("Look at it") if revoked else str(badge["label"]),
                can_put_away=revoked,
            )
    yield from _no_bank(family)


def _bank(bank: BankAccount, at: datetime) -> ToDo | None:
    """Return what a bank account waits for, if for the parent."""
    note = str(describe_verification(bank, at=at))
    title = f"{bank}: {describe_bank(bank)['label']}"

    def to_do(kind: str, page: str, action: str, *, away: bool = False) -> ToDo:
        url = reverse(page, args=[bank.pk]) if page != "banks" else reverse("banks")
        known = f"bank:{bank.pk}:{bank.status}"
        return ToDo(known, kind, title, note, url, action, can_put_away=away)

    progress = get_verification(bank, at=at)
    if bank.status == Bank.VERIFYING and progress:
        if progress.can_confirm:
            return to_do("bank_confirm", "confirm-bank", _("Confirm the amounts"))
        if progress.can_resend:
            return to_do("bank_resend", "banks", _("Send new deposits"))
        return to_do("bank_expired", "banks", _("Look at it"))
    if bank.status == Bank.HELD:
        return to_do("bank_held", "banks", _("Read why"), away=True)
    if bank.status == Bank.DISABLED:
        return to_do("bank_disabled", "banks", _("Verify it again, or link another"))
    if bank.status == Bank.REFUSED:
        return to_do("bank_refused", "banks", _("Read why"), away=True)
    return None


def _no_bank(family: Family) -> Iterator[ToDo]:
    """Yield the step to a bank where none is linked or on its way."""
    on_its_way = (Bank.ACTIVE, Bank.INTENDED, Bank.VERIFYING, Bank.HELD)
    if not family.is_known or any(bank.status in on_its_way for bank in family.banks):
        return
    if family.items and list_choices(family.parent):
        yield ToDo(
            "bank:choose",
            "bank_choose",
            _("Choose the account that pays for gifts"),
            _("Your bank is connected; one of its accounts is still to be chosen."),
            reverse("choose-bank"),
            _("Choose it"),
            in_setup=True,
        )
        return
    url, action = get_way_to_link(family.parent)
    yield ToDo(
        "bank:link",
        "bank_link",
        _("Link your bank"),
        _("Money for the gifts you approve comes from there."),
        url,
        action,
        in_setup=True,
    )


def _debits(family: Family) -> Iterator[ToDo]:
    if is_paused(family.parent.pk):
        yield ToDo(
            "debits-paused",
            "debits_paused",
            _("Transfers from your banks are paused"),
            str(PAUSED),
            reverse("banks"),
            _("Look at your banks"),
        )


def _waiting_gifts(family: Family) -> Iterator[ToDo]:
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
            "gift_waiting",
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
        "gifts_alike",
        _("%(number)d gifts like this from %(from)s for %(child)s")
        % {"number": number, "from": gift.contributor.name, "child": gift.child.first_name},
        text % {"sum": total, "on": day(gift.given_at)},
        reverse("decline-alike", args=[gift.pk, one.same.value]),
        _("Look and decide"),
        number=number,
    )


def _failed_gifts(family: Family) -> Iterator[ToDo]:
    failed = list_gifts(family.parent).filter(purchase__status__in=ENDED)
    for gift in failed.order_by("purchase__ended_at", "pk"):
        yield ToDo(
            f"failed-gift:{gift.purchase_id}",
            "gift_failed",
            _("%(from)s's gift for %(child)s did not go through")
            % {"from": gift.contributor.name, "child": gift.child.first_name},
            f"{money(gift.amount)} · {gift.instrument.name}",
            reverse("gift", args=[gift.pk]),
            _("See what can be done"),
            can_put_away=True,
        )


def _failed_deposits(family: Family) -> Iterator[ToDo]:
    failed = Deposit.objects.filter(
        account__in=[account.pk for account in family.accounts.values()],
        purchase__isnull=True,
        status__in=BAD_DEPOSITS,
    ).select_related("account__child")
    for deposit in failed.order_by("created_at", "pk"):
        yield ToDo(
            f"deposit:{deposit.pk}:{deposit.status}",
            "deposit_failed",
            _("%(amount)s for %(child)s did not arrive")
            % {"amount": money(deposit.amount), "child": deposit.account.child.first_name},
            _("Asked for on %s.") % day(deposit.created_at),
            reverse("deposit", args=[deposit.pk]),
            _("See what can be done"),
            can_put_away=True,
        )


def _ended_orders(family: Family) -> Iterator[ToDo]:
    ended = Order.objects.filter(
        account__in=[account.pk for account in family.accounts.values()],
        purchase__isnull=True,
        status__in=(Order.Status.REJECTED, Order.Status.CANCELED),
        cancel_asked_at__isnull=True,
    ).select_related("account__child", "instrument")
    for order in ended.order_by("created_at", "pk"):
        yield ToDo(
            f"order:{order.pk}",
            "order_ended",
            _("An order for %(symbol)s ended without being carried out")
            % {"symbol": order.instrument.symbol},
            order.failure or _("The broker did not carry it out."),
            reverse("order", args=[order.pk]),
            _("Look at it"),
            can_put_away=True,
        )


def _trusted_contact(family: Family) -> Iterator[ToDo]:
    if family.is_known and get_trusted_contact(family.parent) is None:
        yield ToDo(
            "trusted-contact",
            "trusted_contact",
            _("Whom do you trust?"),
            _("Name somebody we may ask about you if something looks wrong, or say nobody."),
            reverse("trusted-contact"),
            _("Answer"),
        )


KINDS: tuple[Callable[[Family], Iterator[ToDo]], ...] = (
    _email,
    _identity,
    _children,
    _accounts,
    _banks,
    _debits,
    _waiting_gifts,
    _failed_gifts,
    _failed_deposits,
    _ended_orders,
    _trusted_contact,
)


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
