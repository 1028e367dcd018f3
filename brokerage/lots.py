"""Tax lots: which shares are held since when, at what cost, and what each sale gained.

Shares bought first are sold first (FIFO, the rule where nobody names a lot: 26 CFR 1.1012-1(c)).
Nothing here asks the database; `read_history` is the one exception, and says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from brokerage.models import BrokerAccount, CompanyAction, Movement, Order

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
class Leg:
    """Shares of one instrument a company's action gave (below zero: took), and cash beside."""

    instrument: UUID | None
    quantity: Decimal
    cash: Decimal


@dataclass(frozen=True)
class Acted:
    """One company's action with its legs; `kind` is a value of CompanyAction.Kind.

    `basis`: what the new shares cost, after a split what those left cost; None: all that went.
    Until it is `settled` nothing counts as sold, and what went over keeps its cost.
    """

    at: datetime
    kind: str
    legs: tuple[Leg, ...]
    settled: bool
    basis: Decimal | None = None
    parent: UUID | None = None
    pk: UUID | None = None

    def net(self) -> dict[UUID, Decimal]:
        """Return the shares that came or went, by instrument."""
        sums: dict[UUID, Decimal] = {}
        for leg in self.legs:
            if leg.instrument is not None:
                sums[leg.instrument] = sums.get(leg.instrument, ZERO) + leg.quantity
        return {instrument: quantity for instrument, quantity in sums.items() if quantity}

    @property
    def cash(self) -> Decimal:
        return sum((leg.cash for leg in self.legs), ZERO)


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
    """The open lots of one instrument, oldest first, and its sales in order of time.

    `open`: what some of them cost is still being worked out.
    """

    held: list[Lot] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    open: bool = False

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
        _apply(lots, event)
    return lots


def work_out_account(
    events: Mapping[UUID, Iterable[Event]], actions: Iterable[Acted] = ()
) -> dict[UUID, Lots]:
    """Work out the lots of all instruments of an account; actions lead from one to another."""
    timeline: list[tuple[datetime, UUID | None, Event | Acted]] = [
        (event.at, instrument, event) for instrument, some in events.items() for event in some
    ]
    timeline += [(action.at, None, action) for action in actions]
    found: dict[UUID, Lots] = defaultdict(Lots)
    for _at, instrument, event in sorted(timeline, key=lambda entry: entry[0]):
        if isinstance(event, Acted):
            _act(found, event)
        elif instrument is not None:
            _apply(found[instrument], event)
    return dict(found)


def _apply(lots: Lots, event: Event) -> None:
    if isinstance(event, Bought):
        lots.held.append(Lot(event.at, event.quantity, event.cost, event.order, event.settle_on))
    elif isinstance(event, Sold):
        _sell(lots, event.at, event.quantity, event.proceeds, event.order)
    else:
        _change(lots, event)


# --- companies' actions ---------------------------------------------------------------------------


def _act(books: dict[UUID, Lots], action: Acted) -> None:
    net = action.net()
    came = {instrument: quantity for instrument, quantity in net.items() if quantity > 0}
    went = {instrument: -quantity for instrument, quantity in net.items() if quantity < 0}
    for leg in action.legs:
        if leg.instrument is not None:
            books[leg.instrument].open |= not action.settled
    if action.kind == "SPINOFF" and came:
        _spin_off(books, action, came)
    elif came and went:
        _exchange(books, action, came, went)
    elif action.kind == "TRANSFER":
        _transfer(books, action, came, went)
    else:
        for instrument, quantity in net.items():
            _change_one(books[instrument], action, quantity)
        if not net and action.cash > 0 and action.settled:
            at = next((leg.instrument for leg in action.legs if leg.instrument), None)
            if at is not None:  # paid for a part of a share, all else as it was
                books[at].sales.append(Sale(action.at, ZERO, action.cash, ZERO))
    for instrument in net:
        books[instrument].held.sort(key=lambda lot: lot.since)


def _exchange(
    books: dict[UUID, Lots],
    action: Acted,
    came: Mapping[UUID, Decimal],
    went: Mapping[UUID, Decimal],
) -> None:
    """Carry lots over into the shares that came, with their dates and their cost."""
    taken = [
        lot for instrument, quantity in went.items() for lot in books[instrument].take(quantity)
    ]
    cost = sum((lot.cost for lot in taken), ZERO)
    carried = action.basis if action.settled and action.basis is not None else cost
    for instrument, part in _parts(came, carried):
        books[instrument].held += _spread(taken, came[instrument], part, action.at)
    if action.settled and (action.cash or carried != cost):
        first = next(iter(went))
        sale = Sale(action.at, ZERO, max(action.cash, ZERO), cost - carried)
        books[first].sales.append(sale)


def _parts(came: Mapping[UUID, Decimal], dollars: Decimal) -> list[tuple[UUID, Decimal]]:
    """Part dollars among the instruments that came, by their shares; the cents add up."""
    total, parts, counted, given = sum(came.values(), ZERO), [], ZERO, ZERO
    for instrument, quantity in came.items():
        counted += quantity
        up_to = _cents(dollars * counted / total)
        parts.append((instrument, up_to - given))
        given = up_to
    return parts


def _spread(lots: Sequence[Lot], quantity: Decimal, cost: Decimal, at: datetime) -> list[Lot]:
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
        cost_to = _cents(cost * ratio)
        made.append(replace(lot, quantity=up_to - given, cost=cost_to - given_cost))
        given, given_cost = up_to, cost_to
    return [lot for lot in made if lot.quantity or lot.cost]


def _spin_off(books: dict[UUID, Lots], action: Acted, came: Mapping[UUID, Decimal]) -> None:
    """Give the new shares their part of the parent's cost, lot by lot, and its dates."""
    parent = books[action.parent] if action.parent else None
    sources = list(parent.held) if parent else []
    carried = action.basis or ZERO
    for instrument, part in _parts(came, carried):
        given = _spread(sources, came[instrument], part, action.at)
        books[instrument].held += given
        if parent is not None:
            left = _spread(parent.held, parent.quantity, parent.cost - part, action.at)
            parent.held = left
    if action.cash > 0 and action.settled:
        books[next(iter(came))].sales.append(Sale(action.at, ZERO, action.cash, ZERO))


def _transfer(
    books: dict[UUID, Lots],
    action: Acted,
    came: Mapping[UUID, Decimal],
    went: Mapping[UUID, Decimal],
) -> None:
    """Shares that come from, or leave for, another broker are neither bought nor sold."""
    for instrument, quantity in went.items():
        books[instrument].take(quantity)
    for instrument, part in _parts(came, action.basis or ZERO) if came else []:
        books[instrument].held.append(Lot(action.at, came[instrument], part))


def _change_one(lots: Lots, action: Acted, quantity: Decimal) -> None:
    """Split the lots; shares that all went are sold once that is settled."""
    after = lots.quantity + quantity
    if quantity < 0 and (after <= 0 or action.kind in ("EXCHANGE", "CASH_OUT")):
        if action.settled:
            _sell(lots, action.at, -quantity, max(action.cash, ZERO))
        else:
            lots.take(-quantity)
        return
    if not lots.held:
        lots.held.append(Lot(action.at, after, action.basis or ZERO))
        return
    _scale(lots, after)
    if action.settled and action.cash > 0:
        before = lots.cost
        kept = before if action.basis is None else min(action.basis, before)
        lots.held = _spread(lots.held, after, kept, action.at)
        lots.sales.append(Sale(action.at, ZERO, action.cash, before - kept))


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


def read_history(account: BrokerAccount) -> tuple[dict[UUID, list[Event]], list[Acted]]:
    """Read what bought, sold and changed an account's shares, and companies' actions: 3 queries."""
    events: dict[UUID, list[Event]] = defaultdict(list)
    for order in Order.objects.filter(account=account, quantity__gt=0):
        at = order.filled_at or order.sent_at or order.created_at
        events[order.instrument_id].append(
            Sold(at, order.pk, order.quantity, order.net)
            if order.side == Order.Side.SELL
            else Bought(at, order.pk, order.quantity, order.net, order.funds_settle_on)
        )
    booked = Movement.objects.filter(account=account, status=Movement.Status.BOOKED)
    for row in booked.filter(action=None).exclude(quantity=0).exclude(instrument=None):
        if row.instrument_id:
            events[row.instrument_id].append(_read_movement(row))
    legs: dict[UUID, list[Movement]] = defaultdict(list)
    for row in booked.filter(action__isnull=False).select_related("action").order_by("created_at"):
        if row.action_id:
            legs[row.action_id].append(row)
    return events, [_read_action(rows[0].action, rows) for rows in legs.values() if rows[0].action]


def _read_movement(row: Movement) -> Event:
    """Read shares that moved without an order of ours; those bought past us have a price."""
    if row.quantity > 0 and row.amount < 0:
        return Bought(row.happened_at, row.pk, row.quantity, -row.amount)
    return Changed(row.happened_at, row.quantity, row.amount)


def _read_action(action: CompanyAction, legs: Sequence[Movement]) -> Acted:
    return Acted(
        at=action.happened_at,
        kind=action.kind,
        legs=tuple(Leg(row.instrument_id, row.quantity, row.amount) for row in legs),
        settled=action.status == CompanyAction.Status.SETTLED,
        basis=action.basis,
        parent=action.parent_id,
        pk=action.pk,
    )


def get_lots(account: BrokerAccount) -> dict[UUID, Lots]:
    """Return the lots and sales of each instrument the account ever held, by its id."""
    return work_out_account(*read_history(account))
