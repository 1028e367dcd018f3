"""An account's figures, one function and one label each, for every page, API and desk.

Value and money put in are of the same reading, so that money on its way is never a gain or a loss.
Gain is what the account is worth less what was put in: sales, dividends, fees and companies'
actions are in it whatever became of the shares' cost.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from brokerage.models import BrokerAccount, CompanyAction, DayValue, Holding, Movement
from brokerage.performance import Period, measure
from brokerage.queries import list_days
from core import clock
from core.templatetags.show import money, percent

ZERO = Decimal("0.00")
LABELS: dict[str, Any] = {
    "value": _("Account value"),
    "cash": _("Cash in the account"),
    "put_in": _("Money put in"),
    "gain": _("Gain so far"),
    "cost": _("Paid for the shares held now"),
    "unrealized": _("Gain on shares held now"),
    "realized": _("Gain on shares sold"),
    "dividends": _("Dividends received"),
}


@dataclass(frozen=True)
class Figures:
    """One account in dollars; `measured`: it was read with money in it, so there is a gain to tell.

    `percent` is the gain in percent of the money at work since the evening of `since`, the day
    before the first money came (`brokerage.performance`); told of one account alone. `cost`,
    `unrealized` and `realized` are None while a company's action is being worked out.
    """

    value: Decimal = ZERO
    cash: Decimal = ZERO
    put_in: Decimal = ZERO
    cost: Decimal | None = ZERO
    unrealized: Decimal | None = ZERO
    realized: Decimal | None = ZERO
    dividends: Decimal = ZERO
    measured: bool = False
    percent: Decimal | None = None
    since: date | None = None

    @property
    def gain(self) -> Decimal:
        return self.value - self.put_in

    @property
    def working_out(self) -> bool:
        """Say whether what the shares cost is still being worked out."""
        return self.cost is None


def get_figures(account: BrokerAccount) -> Figures:
    """Return the figures of one account, with the gain in percent."""
    figures = list_figures([account])[account.pk]
    if not figures.measured:
        return figures
    found = measure(list_days(account), Period.ALL, today=clock.today())
    if found is None:
        return figures
    return replace(figures, percent=found.percent, since=found.since)


def write_out(figures: Figures) -> str:
    """Return the figures in one line, as the desk shows them."""
    rows = []
    for name, label in LABELS.items():
        amount = getattr(figures, name)
        rows.append(f"{label}: {'being worked out' if amount is None else money(amount)}")
    return "; ".join([*rows, f"{percent(figures.percent)} of the money at work"])


def list_figures(accounts: Collection[BrokerAccount]) -> dict[UUID, Figures]:
    """Return the figures of each account in four queries, however many there are."""
    pks = [account.pk for account in accounts]
    newest = DayValue.objects.filter(account__in=pks).order_by("account", "-on")
    days = {day.account_id: day for day in newest.distinct("account")}
    held = _sum_holdings(pks)
    dividends = _sum_dividends(pks)
    opened = _list_open(pks)
    return {
        account.pk: _figures(
            account,
            days.get(account.pk),
            (None, None) if account.pk in opened else held.get(account.pk, (ZERO, ZERO)),
            dividends.get(account.pk, ZERO),
        )
        for account in accounts
    }


def _figures(
    account: BrokerAccount,
    day: DayValue | None,
    held: tuple[Decimal | None, Decimal | None],
    dividends: Decimal,
) -> Figures:
    cost, unrealized = held
    if day is None:
        return Figures(dividends=dividends)
    return Figures(
        value=day.value,
        cash=day.cash,
        put_in=day.paid_in,
        cost=cost,
        unrealized=unrealized,
        realized=None if cost is None else account.realized_gain,
        dividends=dividends,
        measured=bool(day.value or day.paid_in),
    )


def _sum_holdings(accounts: Collection[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Return what the shares held cost and what they gained since, by the broker's word."""
    rows = Holding.objects.filter(account__in=accounts, quantity__gt=0).order_by()
    sums = rows.values_list("account").annotate(Sum("cost_basis"), Sum("unrealized_gain"))
    return {pk: (cost, gain) for pk, cost, gain in sums}


def _list_open(accounts: Collection[UUID]) -> set[UUID]:
    """Return the accounts in which what shares cost is being worked out."""
    opened = CompanyAction.objects.filter(account__in=accounts, status=CompanyAction.Status.OPEN)
    return set(opened.values_list("account", flat=True))


def _sum_dividends(accounts: Collection[UUID]) -> dict[UUID, Decimal]:
    paid = Movement.objects.filter(
        account__in=accounts, kind=Movement.Kind.DIVIDEND, status=Movement.Status.BOOKED
    )
    return dict(paid.order_by().values_list("account").annotate(Sum("amount")))
