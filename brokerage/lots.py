"""Tax lots: which shares are held since when, at what cost, and what each sale gained.

Shares bought first are sold first (FIFO, the rule where nobody names a lot: 26 CFR 1.1012-1(c)).
Nothing here asks the database: see `brokerage.lot_history`. What companies do to lots is in
`brokerage.lot_actions`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

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
    """What one sale brought and what the shares in it had cost, in dollars.

    `open`: that cost is still being worked out, so there is no gain to tell.
    """

    at: datetime
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    order: UUID | None = None
    open: bool = False

    @property
    def gain(self) -> Decimal:
        return self.proceeds - self.cost


@dataclass
class Lots:
    """The open lots of one instrument, oldest first, and its sales in order of time.

    `open`: what some of them cost is still being worked out. `gain_open`: so is what some of them
    brought more than they had cost.
    """

    held: list[Lot] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    open: bool = False
    gain_open: bool = False

    @property
    def quantity(self) -> Decimal:
        return sum((lot.quantity for lot in self.held), ZERO)

    @property
    def cost(self) -> Decimal:
        return sum((lot.cost for lot in self.held), ZERO)

    @property
    def known_sales(self) -> list[Sale]:
        return [sale for sale in self.sales if not sale.open]

    @property
    def gain(self) -> Decimal:
        """Return what the sales gained whose cost is known."""
        return sum((sale.gain for sale in self.known_sales), ZERO)

    def take(self, quantity: Decimal) -> list[Lot]:
        """Take shares out of the oldest lots; the parts of a lot's cost always add up to it."""
        taken = []
        while quantity > 0 and self.held:
            lot = self.held[0]
            part = min(quantity, lot.quantity)
            cost = lot.cost if part == lot.quantity else cents(lot.cost * part / lot.quantity)
            taken.append(replace(lot, quantity=part, cost=cost))
            rest = replace(lot, quantity=lot.quantity - part, cost=lot.cost - cost)
            self.held[:1] = [rest] if rest.quantity else []
            quantity -= part
        return taken


def work_out(events: Iterable[Event]) -> Lots:
    """Work out lots and sales of one instrument from its events, whatever order they come in."""
    lots = Lots()
    for event in sorted(events, key=lambda event: event.at):
        apply(lots, event)
    return lots


def apply(lots: Lots, event: Event) -> None:
    if isinstance(event, Bought):
        lots.held.append(Lot(event.at, event.quantity, event.cost, event.order, event.settle_on))
    elif isinstance(event, Sold):
        sell(lots, event.at, event.quantity, event.proceeds, event.order)
    else:
        change(lots, event)


def spread(lots: Sequence[Lot], quantity: Decimal, cost: Decimal, at: datetime) -> list[Lot]:
    """Give each lot its part of other shares and of their cost; the parts add up to both."""
    held = sum((lot.quantity for lot in lots), ZERO)
    if not held:
        return [Lot(at, quantity, cost)]
    paid = sum((lot.cost for lot in lots), ZERO)
    made, counted, counted_cost, given, given_cost = [], ZERO, ZERO, ZERO, ZERO
    for lot in lots:
        counted += lot.quantity
        counted_cost += lot.cost
        up_to = (quantity * counted / held).quantize(SHARE_STEP, ROUND_HALF_EVEN)
        ratio = counted_cost / paid if paid else counted / held
        cost_to = cents(cost * ratio)
        made.append(replace(lot, quantity=up_to - given, cost=cost_to - given_cost))
        given, given_cost = up_to, cost_to
    return [lot for lot in made if lot.quantity or lot.cost]


def sell(
    lots: Lots, at: datetime, quantity: Decimal, proceeds: Decimal, order: UUID | None = None
) -> None:
    """Take the shares of a sale out of the lots; shares our books do not know cost nothing."""
    cost = sum((lot.cost for lot in lots.take(quantity)), ZERO)
    lots.sales.append(Sale(at, quantity, proceeds, cost, order, open=lots.open))
    lots.gain_open |= lots.open


def change(lots: Lots, event: Changed) -> None:
    """Split the lots; shares that leave for cash, or leave none behind, are a sale."""
    held = lots.quantity
    after = held + event.quantity
    if event.quantity < 0 and (event.cash > 0 or after <= 0):
        sell(lots, event.at, -event.quantity, max(event.cash, ZERO))
    elif held:
        scale(lots, after)
    elif after > 0:
        lots.held.append(Lot(event.at, after, ZERO))


def scale(lots: Lots, after: Decimal) -> None:
    """Give each lot its part of `after` shares, to the last decimal; what they cost stays."""
    held, counted, given = lots.quantity, ZERO, ZERO
    scaled = []
    for lot in lots.held:
        counted += lot.quantity
        up_to = (after * counted / held).quantize(SHARE_STEP, ROUND_HALF_EVEN)
        scaled.append(replace(lot, quantity=up_to - given))
        given = up_to
    lots.held = scaled


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)
