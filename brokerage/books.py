"""Our books of one account: what must be there, from our own deposits and orders alone."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, F, Q, Sum, When

from brokerage.models import BrokerAccount, Deposit, Order


@dataclass(frozen=True)
class Books:
    """Dollars paid in, in shares (bought less sold) and left; shares by symbol."""

    paid_in: Decimal
    invested: Decimal
    shares: dict[str, Decimal]

    @property
    def cash(self) -> Decimal:
        return self.paid_in - self.invested


def get_books(account: BrokerAccount) -> Books:
    """Add up what settled and what filled."""
    zero = Decimal("0.00")
    settled = Deposit.objects.filter(account=account, status=Deposit.Status.SETTLED)
    filled = Order.objects.filter(account=account, quantity__gt=0)
    by_symbol = filled.values_list("instrument__symbol").annotate(held=_signed("quantity"))
    return Books(
        paid_in=settled.aggregate(total=Sum("amount"))["total"] or zero,
        invested=filled.aggregate(total=_signed("cost"))["total"] or zero,
        shares={symbol: quantity for symbol, quantity in by_symbol.order_by() if quantity},
    )


def _signed(column: str) -> Sum:
    """Add up what was bought, less what was sold."""
    return Sum(Case(When(side=Order.Side.SELL, then=-F(column)), default=F(column)))


def is_moving(account: BrokerAccount) -> bool:
    """Say whether money or shares are under way, so books and broker may differ.

    An order that waits for its price, for months it may be, moves nothing before it fills.
    """
    deposits = Deposit.objects.filter(
        account=account, status__in=["INTENDED", "PENDING", "ON_HOLD"]
    )
    orders = Order.objects.filter(account=account, status__in=["INTENDED", "NEW", "PARTIAL_FILL"])
    resting = Q(status=Order.Status.NEW) & ~Q(kind=Order.Kind.MARKET)
    return deposits.exists() or orders.exclude(resting).exists()
