"""Our books of an account: what must be there, from our own rows alone."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, Sum

from brokerage.models import BrokerAccount, Deposit, Movement, Order

ZERO = Decimal("0.00")
MONEY_IN = (Movement.Kind.DEPOSIT, Movement.Kind.WITHDRAWAL)
UNDER_WAY = (Deposit.Status.INTENDED, Deposit.Status.PENDING, Deposit.Status.ON_HOLD)
# An order that waits for its price, for months it may be, moves nothing before it fills.
WAITS = Q(status=Order.Status.NEW) & ~Q(kind=Order.Kind.MARKET)


@dataclass
class Books:
    """Dollars put in, spent on shares, got for shares and moved by the broker; shares by symbol.

    An order's fees are part of what its shares took or brought.

    `paid_in`: settled deposits, and money that was sent to the account past us, less what was taken
    out. `on_its_way`: deposits of ours that have not settled. `moving`: money or shares are under
    way, so books and broker may differ.
    """

    paid_in: Decimal = ZERO
    invested: Decimal = ZERO
    proceeds: Decimal = ZERO
    unasked: Decimal = ZERO
    shares: dict[str, Decimal] = field(default_factory=dict)
    on_its_way: list[Decimal] = field(default_factory=list)
    moving: bool = False

    @property
    def cash(self) -> Decimal:
        return self.paid_in - self.invested + self.proceeds + self.unasked

    def add_shares(self, symbol: str, quantity: Decimal) -> None:
        """Add a quantity; what comes to nothing is not held."""
        total = self.shares.pop(symbol, Decimal(0)) + quantity
        if total:
            self.shares[symbol] = total


def get_books(account: BrokerAccount) -> Books:
    """Add up what settled, what filled and what the broker booked by itself."""
    return list_books([account.pk])[account.pk]


def is_moving(account: BrokerAccount) -> bool:
    """Say whether money or shares are under way, so books and broker may differ."""
    return get_books(account).moving


def list_books(accounts: Collection[UUID]) -> dict[UUID, Books]:
    """Return the books of each account in three queries, however many there are."""
    books: dict[UUID, Books] = defaultdict(Books)
    for pk in accounts:
        books[pk] = Books()
    _add_deposits(books)
    _add_orders(books)
    _add_movements(books)
    return dict(books)


def _add_deposits(books: dict[UUID, Books]) -> None:
    counted = Deposit.objects.filter(
        account__in=books.keys(), status__in=(Deposit.Status.SETTLED, *UNDER_WAY)
    )
    sums = (
        counted.order_by()
        .values_list("account")
        .annotate(
            settled=Sum("amount", filter=Q(status=Deposit.Status.SETTLED)),
            under_way=ArrayAgg("amount", filter=Q(status__in=UNDER_WAY), default=[]),
        )
    )
    for pk, settled, under_way in sums:
        books[pk].paid_in += settled or ZERO
        books[pk].on_its_way = under_way
        books[pk].moving |= bool(under_way)


def _add_orders(books: dict[UUID, Books]) -> None:
    counted = Order.objects.filter(account__in=books.keys()).filter(
        Q(quantity__gt=0) | Q(status__in=Order.UNDER_WAY)
    )
    sums = (
        counted.order_by()
        .values_list("account", "side", "instrument__symbol")
        .annotate(
            Sum("quantity"),
            Sum("cost"),
            Sum("fees"),
            under_way=Count("pk", filter=Q(status__in=Order.UNDER_WAY) & ~WAITS),
        )
    )
    for pk, side, symbol, quantity, cost, fees, moving in sums:
        book = books[pk]
        book.moving |= bool(moving)
        if side == Order.Side.BUY:
            book.invested += cost + fees
            book.add_shares(symbol, quantity)
        else:
            book.proceeds += cost - fees
            book.add_shares(symbol, -quantity)


def _add_movements(books: dict[UUID, Books]) -> None:
    booked = Movement.objects.filter(
        account__in=books.keys(), status=Movement.Status.BOOKED, order=None
    )
    sums = (
        booked.order_by()
        .values_list("account", "kind", "instrument__symbol")
        .annotate(Sum("amount"), Sum("quantity"))
    )
    for pk, kind, symbol, amount, quantity in sums:
        if kind in MONEY_IN:
            books[pk].paid_in += amount
        else:
            books[pk].unasked += amount
        if symbol and quantity:
            books[pk].add_shares(symbol, quantity)
