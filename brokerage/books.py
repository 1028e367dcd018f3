"""Our books of one account: what must be there, from our own deposits and orders alone."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from brokerage.models import BrokerAccount, Deposit, Order


@dataclass(frozen=True)
class Books:
    """Dollars paid in, spent and left; shares by symbol."""

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
    by_symbol = filled.values_list("instrument__symbol").annotate(Sum("quantity")).order_by()
    return Books(
        paid_in=settled.aggregate(total=Sum("amount"))["total"] or zero,
        invested=filled.aggregate(total=Sum("cost"))["total"] or zero,
        shares=dict(by_symbol),
    )


def is_moving(account: BrokerAccount) -> bool:
    """Say whether money or shares are under way, so books and broker may differ."""
    deposits = Deposit.objects.filter(
        account=account, status__in=["INTENDED", "PENDING", "ON_HOLD"]
    )
    orders = Order.objects.filter(account=account, status__in=["INTENDED", "NEW", "PARTIAL_FILL"])
    return deposits.exists() or orders.exists()
