"""What an account can still spend and sell: what it has, less what is spoken for already."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from brokerage.books import get_books
from brokerage.gateway import Cash
from brokerage.models import BrokerAccount, Instrument, Order, Purchase

ZERO = Decimal(0)
CENT = Decimal("0.01")
SHARE_STEP = Decimal("0.00000001")


@dataclass(frozen=True)
class BuyingPower:
    """Dollars that may buy shares; `settled` of them are no sale's that has yet to settle."""

    free: Decimal
    settled: Decimal
    unsettled: tuple[tuple[date, Decimal], ...] = ()

    def settles_on(self, dollars: Decimal) -> date | None:
        """Return when the last money that pays this has settled; None where all has."""
        missing = dollars - self.settled
        for day, proceeds in self.unsettled:
            if missing <= 0:
                return None
            missing -= proceeds
            if missing <= 0:
                return day
        return self.unsettled[-1][0] if missing > 0 and self.unsettled else None


def estimate(
    *,
    instrument: Instrument,
    kind: str,
    amount: Decimal | None,
    quantity: Decimal | None,
    price: Decimal | None,
) -> Decimal | None:
    """Return the dollars an order to buy may take; None where nobody knows a price.

    Shares at a limit cost the limit at most. At any other price the market decides, so
    ORDER_PRICE_MARGIN percent are added.
    """
    if amount is not None:
        return amount
    one = price or instrument.price
    if one is None or quantity is None:
        return None
    dollars = one * quantity
    if kind != Order.Kind.LIMIT:
        if price and instrument.price and kind == Order.Kind.STOP:
            dollars = max(price, instrument.price) * quantity
        dollars *= 1 + Decimal(settings.ORDER_PRICE_MARGIN) / 100
    return dollars.quantize(CENT, ROUND_UP)


def left_to_spend(order: Order) -> Decimal:
    """Return the dollars an order to buy may still take, of those not yet filled."""
    whole = estimate(
        instrument=order.instrument,
        kind=order.kind,
        amount=order.amount,
        quantity=order.asked_quantity,
        price=order.price,
    )
    if order.asked_quantity and whole is not None:
        unfilled = max(order.asked_quantity - order.quantity, ZERO)
        return (whole * unfilled / order.asked_quantity).quantize(CENT, ROUND_UP)
    return max((whole or ZERO) - order.cost, ZERO)


def get_unsent(account: BrokerAccount, *, besides: UUID | None = None) -> Decimal:
    """Return what orders to buy that the broker does not know yet will take, in dollars."""
    unsent = _buys(account, besides=besides).filter(status=Order.Status.INTENDED)
    return sum((left_to_spend(order) for order in unsent), ZERO)


def get_buying_power(
    account: BrokerAccount, *, reading: Cash | None = None, besides: UUID | None = None
) -> BuyingPower:
    """Return what an order of the custodian's own may spend.

    The lesser of our books and the broker's word: a deposit the broker has credited and we have not
    heard of belongs to its gift. What gifts have been paid for waits for them alone.

    :param reading: the broker's word of this moment; without one, the last one we have, less what
        was sent after it
    :param besides: an order that is not to be counted
    """
    if reading is None:
        theirs = account.cash_for_trade - _spent_since_read(account)
        unsettled: tuple[tuple[date, Decimal], ...] = ()
    else:
        theirs, unsettled = (
            reading.for_trade - get_unsent(account, besides=besides),
            (reading.unsettled),
        )
    under_way = _buys(account, besides=besides).filter(status__in=Order.UNDER_WAY)
    ours = get_books(account).cash - sum((left_to_spend(order) for order in under_way), ZERO)
    free = min(ours, theirs) - _promised_to_gifts(account)
    yet_to_settle = sum((dollars for _day, dollars in unsettled), ZERO)
    return BuyingPower(max(free, ZERO), free - yet_to_settle, unsettled)


def get_free_shares(account: BrokerAccount, instrument: Instrument) -> Decimal:
    """Return the shares that no sale under way is about to take."""
    held = get_books(account).shares.get(instrument.symbol, ZERO)
    return max(held - get_shares_on_sale(account, instrument), ZERO)


def get_shares_on_sale(account: BrokerAccount, instrument: Instrument) -> Decimal:
    """Return the shares that sales under way have yet to sell."""
    sales = Order.objects.filter(
        account=account,
        instrument=instrument,
        side=Order.Side.SELL,
        status__in=Order.UNDER_WAY,
    ).select_related("instrument")
    return sum((_left_to_sell(order) for order in sales), ZERO)


def shares_for(instrument: Instrument, dollars: Decimal) -> Decimal | None:
    """Return how many shares a sale by dollars may take, with the margin; None without a price."""
    if not instrument.price:
        return None
    shares = dollars / instrument.price
    shares *= 1 + Decimal(settings.ORDER_PRICE_MARGIN) / 100
    return shares.quantize(SHARE_STEP, ROUND_UP)


def _left_to_sell(order: Order) -> Decimal:
    wanted = order.asked_quantity or shares_for(order.instrument, order.amount or ZERO) or ZERO
    return max(wanted - order.quantity, ZERO)


def _buys(account: BrokerAccount, *, besides: UUID | None = None) -> QuerySet[Order]:
    orders = Order.objects.filter(account=account, side=Order.Side.BUY)
    others = orders.exclude(pk=besides) if besides else orders
    return others.select_related("instrument")


def _spent_since_read(account: BrokerAccount) -> Decimal:
    """Return what orders have taken, or will, that the broker's last word does not know of."""
    unknown = Q(status=Order.Status.INTENDED)
    if account.synced_at:
        unknown |= Q(sent_at__gt=account.synced_at)
    total = ZERO
    for order in _buys(account).filter(unknown):
        total += order.net
        if order.status in Order.UNDER_WAY:
            total += left_to_spend(order)
    return total


def _promised_to_gifts(account: BrokerAccount) -> Decimal:
    arrived = Purchase.objects.filter(account=account, status=Purchase.Status.FUNDED)
    return arrived.aggregate(total=Sum("amount"))["total"] or ZERO
