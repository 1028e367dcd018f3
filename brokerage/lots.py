"""Tax lots: which shares are held since when, at what cost, and what each sale gained.

Shares bought first are sold first (FIFO, the rule where nobody names a lot: 26 CFR 1.1012-1(c)).
Nothing here asks the database; `read_history` is the one exception, and says so.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from brokerage.models import BrokerAccount, Movement, Order

CENT = Decimal("0.01")
SHARE_STEP = Decimal("0.00000001")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Bought:
    """Shares an order bought for `cost` dollars; `settle_on`: the money in them settles then."""

    at: datetime
    order: UUID
    quantity: Decimal
    cost: Decimal
    settle_on: date | None = None


@dataclass(frozen=True)
class Sold:
    """Shares an order sold for `proceeds` dollars."""

    at: datetime
    order: UUID
    quantity: Decimal
    proceeds: Decimal


@dataclass(frozen=True)
class Changed:
    """Shares that came (or, below zero, went) without an order, with `cash` dollars beside them."""

    at: datetime
    quantity: Decimal
    cash: Decimal = ZERO


Event = Bought | Sold | Changed


@dataclass(frozen=True)
class Lot:
    """Shares of one purchase that are still held, and the dollars they cost."""

    since: datetime
    quantity: Decimal
    cost: Decimal
    order: UUID | None = None
    settle_on: date | None = None


@dataclass(frozen=True)
class Sale:
    """What one sale brought and what the shares in it had cost, in dollars."""

    at: datetime
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    order: UUID | None = None

    @property
    def gain(self) -> Decimal:
        return self.proceeds - self.cost


@dataclass
class Lots:
    """The open lots of one instrument, oldest first, and its sales in order of time."""

    held: list[Lot] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)

    @property
    def quantity(self) -> Decimal:
        return sum((lot.quantity for lot in self.held), ZERO)

    @property
    def cost(self) -> Decimal:
        return sum((lot.cost for lot in self.held), ZERO)

    @property
    def gain(self) -> Decimal:
        return sum((sale.gain for sale in self.sales), ZERO)

    def take(self, quantity: Decimal) -> list[Lot]:
        """Take shares out of the oldest lots; the parts of a lot's cost always add up to it."""
        taken = []
        while quantity > 0 and self.held:
            lot = self.held[0]
            part = min(quantity, lot.quantity)
            cost = lot.cost if part == lot.quantity else _cents(lot.cost * part / lot.quantity)
            taken.append(replace(lot, quantity=part, cost=cost))
            rest = replace(lot, quantity=lot.quantity - part, cost=lot.cost - cost)
            self.held[:1] = [rest] if rest.quantity else []
            quantity -= part
        return taken


def work_out(events: Iterable[Event]) -> Lots:
    """Work out lots and sales of one instrument from its events, whatever order they come in."""
    lots = Lots()
    for event in sorted(events, key=lambda event: event.at):
        if isinstance(event, Bought):
            lots.held.append(
                Lot(event.at, event.quantity, event.cost, event.order, event.settle_on)
            )
        elif isinstance(event, Sold):
            _sell(lots, event.at, event.quantity, event.proceeds, event.order)
        else:
            _change(lots, event)
    return lots


def _sell(
    lots: Lots, at: datetime, quantity: Decimal, proceeds: Decimal, order: UUID | None = None
) -> None:
    """Take the shares of a sale out of the lots; shares our books do not know cost nothing."""
    cost = sum((lot.cost for lot in lots.take(quantity)), ZERO)
    lots.sales.append(Sale(at, quantity, proceeds, cost, order))


def _change(lots: Lots, event: Changed) -> None:
    """Split the lots; shares that leave for cash, or leave none behind, are a sale."""
    held = lots.quantity
    after = held + event.quantity
    if event.quantity < 0 and (event.cash > 0 or after <= 0):
        _sell(lots, event.at, -event.quantity, max(event.cash, ZERO))
    elif held:
        _scale(lots, after)
    elif after > 0:
        lots.held.append(Lot(event.at, after, ZERO))


def _scale(lots: Lots, after: Decimal) -> None:
    """Give each lot its part of `after` shares, to the last decimal; what they cost stays."""
    held, counted, given = lots.quantity, ZERO, ZERO
    scaled = []
    for lot in lots.held:
        counted += lot.quantity
        up_to = (after * counted / held).quantize(SHARE_STEP, ROUND_HALF_EVEN)
        scaled.append(replace(lot, quantity=up_to - given))
        given = up_to
    lots.held = scaled


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def read_history(account: BrokerAccount) -> dict[UUID, list[Event]]:
    """Read what bought, sold and changed an account's shares, by instrument; two queries."""
    events: dict[UUID, list[Event]] = defaultdict(list)
    for order in Order.objects.filter(account=account, quantity__gt=0):
        at = order.filled_at or order.sent_at or order.created_at
        events[order.instrument_id].append(
            Sold(at, order.pk, order.quantity, order.net)
            if order.side == Order.Side.SELL
            else Bought(at, order.pk, order.quantity, order.net, order.funds_settle_on)
        )
    moved = Movement.objects.filter(account=account, status=Movement.Status.BOOKED)
    for row in moved.exclude(quantity=0).exclude(instrument=None):
        if row.instrument_id:
            changed = Changed(row.happened_at, row.quantity, row.amount)
            events[row.instrument_id].append(changed)
    return events


def get_lots(account: BrokerAccount) -> dict[UUID, Lots]:
    """Return the lots and sales of each instrument the account ever held, by its id."""
    return {instrument: work_out(events) for instrument, events in read_history(account).items()}
