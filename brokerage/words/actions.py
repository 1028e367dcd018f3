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


def describe_actions(actions: Iterable[CompanyAction]) -> list[dict[str, Any]]:
    """Return what pages and API tell of companies' actions; legs and instruments prefetched."""
    return [
        {
            "on": action.happened_at,
            "sentence": _sentence(action, list(action.legs.all())),
            "open": action.status == CompanyAction.Status.OPEN,
            "note": OPEN if action.status == CompanyAction.Status.OPEN else "",
        }
        for action in actions
    ]


def _sentence(action: CompanyAction, legs: list[Movement]) -> str:
    came = [leg for leg in legs if leg.quantity > 0 and leg.instrument]
    went = [leg for leg in legs if leg.quantity < 0 and leg.instrument]
    cash = sum((leg.amount for leg in legs), Decimal(0))
    sentences = [_change(action, came, went)]
    if cash > 0:
        sentences.append(_cash(action, came, cash))
    return " ".join(sentences)


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


def _cash(action: CompanyAction, came: list[Movement], cash: Decimal) -> str:
    words = {"cash": money(cash)}
    if action.kind == Kind.SPLIT or (action.kind == Kind.SPINOFF and came):
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
