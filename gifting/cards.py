"""What pages show of children and gifts, ready made."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Child, Parent
from accounts.pages import badge
from brokerage.connections import get_way_to_link, list_choices
from brokerage.identity import Check, describe_check
from brokerage.models import BrokerAccount, Purchase
from brokerage.prefilled import has_begun
from brokerage.queries import get_bank_to_confirm, get_broker_user, list_usable_banks
from brokerage.words.accounts import describe_account
from gifting.models import Gift
from gifting.portfolio import UNDER_WAY, Portfolio, Position, percent_of

PURCHASE_BADGES = {
    Purchase.Status.QUEUED: (gettext_lazy("Approved"), "wait"),
    Purchase.Status.FUNDING: (gettext_lazy("Money on its way"), "wait"),
    Purchase.Status.FUNDED: (gettext_lazy("Money arrived"), "wait"),
    Purchase.Status.ORDERING: (gettext_lazy("Being bought"), "wait"),
    Purchase.Status.EXECUTED: (gettext_lazy("Bought"), "good"),
    Purchase.Status.FAILED: (gettext_lazy("Did not work"), "bad"),
    Purchase.Status.CANCELED: (gettext_lazy("Canceled"), "plain"),
    Purchase.Status.RETURNED: (gettext_lazy("Returned by the bank"), "bad"),
}


@dataclass
class SetupStep:
    """One thing a new parent has to do."""

    title: str
    text: str
    url: str
    action: str
    done: bool = False
    current: bool = False
    waiting: bool = False


def _where_to_begin(parent: Parent, *, told: bool, begun: bool) -> str:
    """Return the page that comes first: where, before who."""
    if told:
        return "kyc"
    return "start" if begun or parent.state else "choose-state"


def setup_steps(
    parent: Parent, children: list[Child], portfolios: dict[UUID, Portfolio]
) -> list[SetupStep]:
    """Return what a new parent has to do, in order; the first open one is current."""
    check = describe_check(get_broker_user(parent))
    told = hasattr(parent, "profile")
    begun = not told and has_begun(parent)
    opened = any(
        portfolio.account and portfolio.account.status == BrokerAccount.Status.OPEN
        for portfolio in portfolios.values()
    )
    steps = [
        SetupStep(
            _("Tell us about yourself"),
            check.title if told else _what_to_tell(begun=begun),
            reverse(_where_to_begin(parent, told=told, begun=begun)),
            _what_to_do(check) if told else _("Go on") if begun else _("Start"),
            done=check.approved,
            waiting=told and not check.needs_parent,
        ),
        SetupStep(
            _("Add your child"),
            _("The account is being opened.") if children else _("Name, birthday, number, state."),
            reverse("add-child"),
            _("Add a child"),
            done=opened,
            waiting=bool(children),
        ),
        _bank_step(parent),
    ]
    for step in steps:
        if step.waiting:
            step.action = ""
    current = next((step for step in steps if not step.done and not step.waiting), None)
    if current:
        current.current = True
    return steps


def _what_to_tell(*, begun: bool) -> str:
    if begun:
        return _("Your details are kept: go on where you were.")
    return _("The broker has to know who you are.")


def _bank_step(parent: Parent) -> SetupStep:
    title, done = _("Link your bank"), list_usable_banks(parent).exists()
    waiting = None if done else get_bank_to_confirm(parent)
    if waiting:
        text = _("Tell us the two small amounts we sent to your account.")
        address = reverse("confirm-bank", args=[waiting.pk])
        return SetupStep(title, text, address, _("Confirm the amounts"))
    if not done and list_choices(parent):
        text = _("Your bank is connected; one of its accounts is still to be chosen.")
        return SetupStep(title, text, reverse("choose-bank"), _("Choose it"))
    text = _("Money for the gifts you approve comes from there.")
    url, action = get_way_to_link(parent)
    return SetupStep(title, text, url, action, done=done)


def _what_to_do(check: Check) -> str:
    """Return what the button to a parent's own check says."""
    if check.can_edit:
        return _("Correct your answers")
    return _("Send a picture of your ID") if check.can_upload else _("See what is needed")


def child_card(child: Child, portfolio: Portfolio) -> dict[str, Any]:
    """Return a child as the home page shows it."""
    known = bool(portfolio.account and portfolio.account.synced_at)
    return {
        "name": child.full_name,
        "url": reverse("child", args=[child.pk]),
        "value": portfolio.figures.value,
        "value_known": known,
        "gain": portfolio.figures.gain,
        "gain_known": known and portfolio.figures.measured,
        "badge": describe_account(portfolio.account)[0],
        "gifts_waiting": portfolio.gifts_waiting,
    }


def child_head(child: Child, *, today: date) -> dict[str, Any]:
    """Return the head of a child's page."""
    age = child.age_on(today)
    return {
        "name": child.full_name,
        "first_name": child.first_name,
        "age_text": ngettext("%d year old", "%d years old", age) % age,
        "control_on": child.control_on,
        "control_age": child.control_age,
        "is_teen": child.is_teen,
    }


def account_links(child: Child) -> list[dict[str, str]]:
    """Return where a parent can go from a child's page."""
    pages: list[tuple[Any, str]] = [
        (_("Add money"), "add-money"),
        (_("Buy or sell"), "place-order"),
        (_("Orders"), "orders"),
        (_("History and gains"), "history"),
        (_("Statements and tax forms"), "papers"),
        (_("Account"), "child-account"),
    ]
    return [{"label": str(label), "url": reverse(name, args=[child.pk])} for label, name in pages]


def holding_row(holding: Position) -> dict[str, Any]:
    """Return a holding as the child's page shows it."""
    return {
        "symbol": holding.symbol,
        "company": holding.company,
        "shares": holding.quantity,
        "average_price": holding.average_price,
        "price": holding.price,
        "value": holding.market_value,
        "gain": holding.unrealized_gain,
        "gain_percent": percent_of(holding.unrealized_gain, holding.cost_basis),
    }


def gift_badge(gift: Gift) -> dict[str, str]:
    """Return where a gift stands: its own status, then its purchase's."""
    if gift.purchase:
        label, tone = PURCHASE_BADGES[Purchase.Status(gift.purchase.status)]
        return badge(label, tone)
    tone = "wait" if gift.status == Gift.Status.PENDING else "plain"
    return badge(gift.get_status_display(), tone)


def gift_row(gift: Gift) -> dict[str, Any]:
    """Return a gift as lists show it."""
    return {
        "url": reverse("gift", args=[gift.pk]),
        "from_name": gift.contributor.name,
        "amount": gift.amount,
        "company": gift.instrument.name,
        "symbol": gift.instrument.symbol,
        "child_name": gift.child.first_name,
        "badge": gift_badge(gift),
        "given_on": gift.given_at,
        "message": gift.message,
    }


def is_own_gift(gift: Gift, email: str) -> bool:
    """Say whether a gift carries the e-mail address of the parent it is for."""
    return bool(gift.contributor.email.casefold() == email.casefold())


def gift_head(gift: Gift) -> dict[str, Any]:
    """Return what both the parent's and the giver's page say of a gift."""
    return {
        "heading": _("A gift for %s") % gift.child.first_name,
        "amount": gift.amount,
        "company": gift.instrument.name,
        "symbol": gift.instrument.symbol,
        "child_first_name": gift.child.first_name,
        "from_name": gift.contributor.name,
        "message": gift.message,
    }


def is_moving(gift: Gift) -> bool:
    """Say whether a gift may stand otherwise in a moment, without this reader's doing."""
    return gift.purchase is not None and gift.purchase.status in UNDER_WAY


def gift_result(gift: Gift) -> dict[str, Any] | None:
    """Return what a gift became, once shares were bought."""
    order = gift.purchase.orders.filter(quantity__gt=0).first() if gift.purchase else None
    if order is None:
        return None
    return {
        "shares": order.quantity,
        "price": order.average_price,
        "cost": order.net,
        "fees": order.fees,
        "left_over": max((order.amount or order.net) - order.net, Decimal(0)),
    }


def how_paid(parent: str) -> str:
    """Say honestly who pays for a gift: as yet the parent's bank, on the giver's word."""
    return _(
        "You pay nothing here and we ask for no card. Your gift is a promise to %(parent)s, who "
        "approves it and pays for the share from their own bank. You two settle it as you like."
    ) % {"parent": parent}
