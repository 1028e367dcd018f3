"""An account's figures, one function and one label each, for every page, API and desk.

Value and money put in are of the same reading, so that money on its way is never a gain or a loss.
Gain is what the account is worth less what was put in: sales, dividends, fees and companies'
actions are in it whatever became of the shares' cost.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from brokerage.models import (
    BrokerAccount,
    CompanyAction,
    DayValue,
    Holding,
    Instrument,
    Movement,
)
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
    "given_back": _("Own money given back by companies"),
}
WITHOUT = _("without %(companies)s, being worked out")


@dataclass(frozen=True)
class Figures:
    """One account in dollars; `measured`: it was read with money in it, so there is a gain to tell.

    `percent` is the gain in percent of the money at work since the evening of `since`, the day
    before the first money came (`brokerage.performance`); told of one account alone.

    `without`: companies, symbol and name, of whose shares it is being worked out what they cost, as
    one of them has done something: `cost`, `unrealized` and `realized` are of all others, and None
    where there are no others. `dividends` are income; `given_back` is not, it lowered `cost`.
    """

    value: Decimal = ZERO
    cash: Decimal = ZERO
    put_in: Decimal = ZERO
    cost: Decimal | None = ZERO
    unrealized: Decimal | None = ZERO
    realized: Decimal | None = ZERO
    dividends: Decimal = ZERO
    given_back: Decimal = ZERO
    without: tuple[tuple[str, str], ...] = ()
    measured: bool = False
    percent: Decimal | None = None
    since: date | None = None

    @property
    def gain(self) -> Decimal:
        return self.value - self.put_in

    @property
    def working_out(self) -> bool:
        """Say whether it is still being worked out what some of the shares cost."""
        return bool(self.without)

    @property
    def without_symbols(self) -> list[str]:
        return [symbol for symbol, _name in self.without]

    @property
    def caveat(self) -> str:
        """Return whose shares cost and gains leave out; empty where they leave out none."""
        if not self.without:
            return ""
        return WITHOUT % {"companies": ", ".join(name for _symbol, name in self.without)}


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
    rows.append(f"{percent(figures.percent)} of the money at work")
    return "; ".join([*rows, str(figures.caveat)] if figures.caveat else rows)


def list_figures(accounts: Collection[BrokerAccount]) -> dict[UUID, Figures]:
    """Return the figures of each account in five queries, however many there are.

    A sixth names the companies of whose shares it is being worked out what they cost.
    """
    pks = [account.pk for account in accounts]
    newest = DayValue.objects.filter(account__in=pks).order_by("account", "-on")
    days = {day.account_id: day for day in newest.distinct("account")}
    held = _list_holdings(pks)
    paid = _sum_payments(pks)
    names = _name({pk for account in accounts for pk in account.costs_open})
    return {
        account.pk: _figures(
            account,
            days.get(account.pk),
            held.get(account.pk, []),
            paid.get(account.pk, (ZERO, ZERO)),
            names,
        )
        for account in accounts
    }


def _figures(
    account: BrokerAccount,
    day: DayValue | None,
    held: list[tuple[UUID, Decimal, Decimal]],
    paid: tuple[Decimal, Decimal],
    names: dict[str, tuple[str, str]],
) -> Figures:
    dividends, given_back = paid
    without = tuple(name for pk, name in names.items() if pk in account.costs_open)
    if day is None:
        return Figures(dividends=dividends, given_back=given_back, without=without)
    known = [row for row in held if str(row[0]) not in account.costs_open]
    tells = bool(known) or not held
    return Figures(
        value=day.value,
        cash=day.cash,
        put_in=day.paid_in,
        cost=sum((cost for _pk, cost, _gain in known), ZERO) if tells else None,
        unrealized=sum((gain for _pk, _cost, gain in known), ZERO) if tells else None,
        realized=account.realized_gain,
        dividends=dividends,
        given_back=given_back,
        without=without,
        measured=bool(day.value or day.paid_in),
    )


def _list_holdings(
    accounts: Collection[UUID],
) -> dict[UUID, list[tuple[UUID, Decimal, Decimal]]]:
    """Return what shares held cost and what they gained since, by instrument."""
    rows = Holding.objects.filter(account__in=accounts, quantity__gt=0).order_by()
    found: dict[UUID, list[tuple[UUID, Decimal, Decimal]]] = defaultdict(list)
    columns = ("account", "instrument", "cost_basis", "unrealized_gain")
    for pk, instrument, cost, gain in rows.values_list(*columns):
        found[pk].append((instrument, cost, gain))
    return found


def _name(instruments: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return symbol and name of instruments, in the order of their names."""
    if not instruments:
        return {}
    rows = Instrument.objects.filter(pk__in=instruments).order_by("name")
    return {
        str(pk): (symbol, name) for pk, symbol, name in rows.values_list("pk", "symbol", "name")
    }


def _sum_payments(accounts: Collection[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Return what companies paid as income, in money and in taxed shares, and what of own money.

    Money of which neither is known yet is in neither.
    """
    settled = Q(action__status=CompanyAction.Status.SETTLED)
    taxed = settled & Q(action__taxed=True)
    in_lieu = Q(action__kind=CompanyAction.Kind.STOCK_DIVIDEND)
    money_back = Q(action__kind=CompanyAction.Kind.CAPITAL_RETURN)
    income = Q(kind=Movement.Kind.DIVIDEND) | ((money_back | in_lieu) & taxed)
    own = money_back & settled & Q(action__taxed=False)
    booked = Movement.objects.filter(account__in=accounts, status=Movement.Status.BOOKED)
    by_account = booked.filter(income | own).order_by().values_list("account")
    rows = by_account.annotate(
        income=Sum("amount", filter=income, default=ZERO),
        own=Sum("amount", filter=own, default=ZERO),
    )
    sums = {pk: (paid, back) for pk, paid, back in rows}
    in_shares = CompanyAction.objects.filter(
        account__in=accounts,
        kind=CompanyAction.Kind.STOCK_DIVIDEND,
        status=CompanyAction.Status.SETTLED,
        taxed=True,
    )
    for pk, worth in in_shares.order_by().values_list("account").annotate(Sum("basis")):
        paid, back = sums.get(pk, (ZERO, ZERO))
        sums[pk] = (paid + (worth or ZERO), back)
    return sums
