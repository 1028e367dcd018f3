"""What a company did to its shares, in plain words."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brokerage.models import CompanyAction, Movement
from core.templatetags.show import money, shares

Kind = CompanyAction.Kind
OPEN = gettext_lazy(
    "What these shares cost is being worked out with the broker. The account's value and its gain "
    "so far are right meanwhile."
)


def describe_actions(
    actions: Iterable[CompanyAction], not_understood: Iterable[Movement] = ()
) -> list[dict[str, Any]]:
    """Return what pages and API tell of companies' actions, the latest first.

    :param actions: legs and instruments prefetched
    :param not_understood: entries of the broker's about shares that staff look into
    """
    told = [
        {
            "on": action.happened_at,
            "sentence": describe_action(action),
            "open": action.status == CompanyAction.Status.OPEN,
            "note": OPEN if action.status == CompanyAction.Status.OPEN else _after(action),
        }
        for action in actions
    ]
    told += [
        {"on": entry.happened_at, "sentence": _unclear(entry), "open": True, "note": OPEN}
        for entry in not_understood
    ]
    return sorted(told, key=lambda one: one["on"], reverse=True)


def describe_action(action: CompanyAction) -> str:
    """Return what a company did, by the legs that are booked."""
    legs = list(action.legs.all())
    came = [leg for leg in legs if leg.quantity > 0 and leg.instrument]
    went = [leg for leg in legs if leg.quantity < 0 and leg.instrument]
    cash = sum((leg.amount for leg in legs), Decimal(0))
    if action.kind == Kind.CAPITAL_RETURN:
        return _money_back(action, legs, cash)
    sentences = [_change(action, came, went)] if came or went or not cash else []
    if cash > 0:
        sentences.append(_cash(action, legs, came, went, cash))
    return " ".join(sentences).replace("..", ".")  # a name may end in one: Apple Inc.


def list_companies(action: CompanyAction) -> str:
    """Return the names of the companies whose shares an action is about."""
    legs = action.legs.all()
    return ", ".join(dict.fromkeys(leg.instrument.name for leg in legs if leg.instrument))


def _after(action: CompanyAction) -> str:
    """Return what became of the cost of the shares, where nobody would guess it."""
    if action.kind == Kind.CAPITAL_RETURN and not action.taxed:
        return _("It is no dividend: what these shares cost is lower by it now.")
    if action.kind == Kind.STOCK_DIVIDEND and action.taxed and action.basis is not None:
        words = {"worth": money(action.basis)}
        return _("They count as a dividend of %(worth)s, which is what they cost.") % words
    return ""


def _unclear(entry: Movement) -> str:
    words = {
        "company": entry.instrument.name if entry.instrument else "",
        "amount": money(entry.amount),
    }
    if entry.amount:
        return _("The broker booked %(amount)s for shares of %(company)s; we find out why.") % words
    return _("The broker booked something about shares of %(company)s; we find out what.") % words


def _money_back(action: CompanyAction, legs: list[Movement], cash: Decimal) -> str:
    words = {"cash": money(cash), "company": list_companies(action)}
    if action.taxed:
        return _("%(company)s paid %(cash)s, which is income.") % words
    if action.taxed is None:
        return _("%(company)s paid %(cash)s, as income or out of what its shares cost.") % words
    return _("%(company)s gave back %(cash)s of what its shares cost.") % words


def _change(action: CompanyAction, came: list[Movement], went: list[Movement]) -> str:
    given, taken = _list(came), _list(went)
    if action.kind == Kind.STOCK_DIVIDEND:
        return _("A dividend was paid in shares: %s came.") % given
    if action.kind == Kind.SPINOFF:
        return _("A company gave its holders shares of another one: %s came.") % given
    if action.kind == Kind.SPLIT:
        return _split(came, went)
    if action.kind == Kind.TRANSFER:
        return _("Shares were moved: %s.") % (given or taken)
    if came and went:
        return _("%(taken)s became %(given)s.") % {"taken": taken, "given": given}
    if went:
        return _("%s went out of the account.") % taken
    return _("%s came into the account.") % given if came else _("A company paid for shares.")


def _split(came: list[Movement], went: list[Movement]) -> str:
    names = {leg.instrument.name for leg in [*came, *went] if leg.instrument}
    change = sum((leg.quantity for leg in [*came, *went]), Decimal(0))
    words = {"company": ", ".join(sorted(names)), "shares": shares(abs(change))}
    if change < 0:
        return _("%(company)s put its shares together: there are %(shares)s fewer now.") % words
    return _("%(company)s split its shares: there are %(shares)s more now.") % words


def _cash(
    action: CompanyAction,
    legs: list[Movement],
    came: list[Movement],
    went: list[Movement],
    cash: Decimal,
) -> str:
    words = {"cash": money(cash), "company": list_companies(action)}
    if not came and not went:
        return _("%(cash)s was paid in cash for a part of a share of %(company)s.") % words
    in_lieu = all(leg.kind == Movement.Kind.CASH_IN_LIEU for leg in legs if leg.amount)
    parts = (Kind.SPLIT, Kind.STOCK_DIVIDEND)
    if in_lieu or action.kind in parts or (action.kind == Kind.SPINOFF and came):
        return _("%(cash)s was paid in cash for a part of a share that was left over.") % words
    if came:
        return _("%(cash)s was paid in cash beside.") % words
    return _("%(cash)s was paid for them in cash.") % words


def _list(legs: list[Movement]) -> str:
    return ", ".join(
        _("%(shares)s shares of %(company)s")
        % {"shares": shares(abs(leg.quantity)), "company": leg.instrument.name}
        for leg in legs
        if leg.instrument
    )
