"""What a child has: totals and holdings from the broker's last word, money under way from ours."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Sum

from accounts.models import Child
from brokerage.figures import Figures, get_figures, list_figures
from brokerage.models import BrokerAccount, Deposit, Holding, Purchase
from brokerage.operations.deposits import UNDER_WAY as DEPOSITS_UNDER_WAY
from gifting.models import Gift

ZERO = Decimal("0.00")
COLUMNS = (
    "account_id",
    "instrument_id",
    "instrument__symbol",
    "instrument__name",
    "quantity",
    "average_price",
    "cost_basis",
    "price",
    "market_value",
    "unrealized_gain",
    "synced_at",
)
UNDER_WAY = (
    Purchase.Status.QUEUED,
    Purchase.Status.FUNDING,
    Purchase.Status.FUNDED,
    Purchase.Status.ORDERING,
)


class Position(NamedTuple):
    """One holding in dollars, as the broker last told it; read without a model's cost per row.

    What it cost and gained is None while that is being worked out after a company's action.
    """

    account_id: UUID
    instrument_id: UUID
    symbol: str
    company: str
    quantity: Decimal
    average_price: Decimal | None
    cost_basis: Decimal | None
    price: Decimal
    market_value: Decimal
    unrealized_gain: Decimal | None
    synced_at: datetime


@dataclass
class Portfolio:
    """One child's account in dollars; its figures are those of `brokerage.figures`."""

    account: BrokerAccount | None = None
    holdings: list[Position] = field(default_factory=list)
    waiting: Decimal = ZERO
    gifts_waiting: int = 0
    figures: Figures = field(default_factory=Figures)


def percent_of(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return `part` as percent of `whole`, or None of nothing or of what is not known."""
    return part * 100 / whole if whole and part is not None else None


def get_portfolios(children: Iterable[Child]) -> dict[UUID, Portfolio]:
    """Return what each child has, in as many queries, however many children there are.

    What is under way is not in it: see `add_what_waits`.
    """
    by_id = {child.pk: child for child in children}
    portfolios = {pk: Portfolio() for pk in by_id}
    owners = {}
    for account in BrokerAccount.objects.filter(child__in=by_id):
        account.child = by_id[account.child_id]
        portfolios[account.child_id].account = account
        owners[account.pk] = account.child_id
    held = Holding.objects.filter(account__in=owners, quantity__gt=0)
    for row in held.order_by("-market_value").values_list(*COLUMNS):
        position = Position._make(row)
        portfolios[owners[position.account_id]].holdings.append(position)
    found = list_figures([one.account for one in portfolios.values() if one.account])
    for portfolio in portfolios.values():
        if portfolio.account:
            portfolio.figures = found[portfolio.account.pk]
        if portfolio.account and portfolio.account.costs_open:
            portfolio.holdings = [_hide(one, portfolio.account) for one in portfolio.holdings]
    return portfolios


def _hide(position: Position, account: BrokerAccount) -> Position:
    """Tell nothing of the cost of shares of which it is being worked out."""
    if str(position.instrument_id) not in account.costs_open:
        return position
    return position._replace(average_price=None, cost_basis=None, unrealized_gain=None)


def get_portfolio(child: Child) -> Portfolio:
    """Return what one child has, with the gain in percent."""
    portfolio = get_portfolios([child])[child.pk]
    if portfolio.account:
        portfolio.figures = get_figures(portfolio.account)
    return portfolio


def add_what_waits(portfolios: dict[UUID, Portfolio]) -> None:
    """Add dollars and gifts under way, in three queries."""
    under_way = Purchase.objects.filter(account__child__in=portfolios, status__in=UNDER_WAY)
    for child_id, total in (
        under_way.values_list("account__child").annotate(Sum("amount")).order_by()
    ):
        portfolios[child_id].waiting = total
    own = Deposit.objects.filter(
        account__child__in=portfolios, purchase__isnull=True, status__in=DEPOSITS_UNDER_WAY
    )
    for child_id, total in own.values_list("account__child").annotate(Sum("amount")).order_by():
        portfolios[child_id].waiting += total
    waiting = Gift.objects.filter(child__in=portfolios, status=Gift.Status.PENDING)
    for child_id, number in waiting.values_list("child").annotate(Count("pk")).order_by():
        portfolios[child_id].gifts_waiting = number
