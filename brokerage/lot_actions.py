"""What companies do to lots: shares that split, go over, are given, end; money that is no sale.

Nothing here asks the database. Which law says so: a nontaxable dividend in shares and a split
spread the cost over all shares, 26 U.S.C. 305(a), 307 and 26 CFR 1.307-1, and keep their dates,
1223(4); one that is taxed is bought, on its day, for its worth, 305(b), 301(d); money given back
lowers the cost, and what is more than the cost is gain, 301(c)(2) and (3); shares for shares keep
cost and dates, 354, 358, 1223(1); so do those of a spin-off, in parts, 355, 26 CFR 1.358-2; cash
for a part of a share is as if that part were sold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from brokerage.lots import ZERO, Lot, Lots, Sale, cents, scale, sell, spread

A_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Leg:
    """Shares of one instrument a company's action gave (below zero: took), and cash beside.

    :ivar per_share: dollars paid for each share, where the broker tells it
    """

    instrument: UUID | None
    quantity: Decimal
    cash: Decimal
    per_share: Decimal | None = None


@dataclass(frozen=True)
class Acted:
    """One company's action with its legs; `kind` is a value of CompanyAction.Kind.

    `basis`: what the new shares cost, after a split what those left cost; None: all that went.
    `sold_basis`: what the part of a share cost that a spin-off paid in cash. `taxed`: new shares or
    money are income of that day. Until it is `settled` nothing counts as sold, and what went over
    keeps its cost.
    """

    at: datetime
    kind: str
    legs: tuple[Leg, ...]
    settled: bool
    basis: Decimal | None = None
    parent: UUID | None = None
    pk: UUID | None = None
    taxed: bool | None = None
    sold_basis: Decimal | None = None

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

    @property
    def instruments(self) -> list[UUID]:
        """Return the instruments of its legs, each once."""
        return list(dict.fromkeys(leg.instrument for leg in self.legs if leg.instrument))


def act(books: dict[UUID, Lots], action: Acted) -> None:
    """Do what a company did to the lots of an account."""
    net = action.net()
    came = {instrument: quantity for instrument, quantity in net.items() if quantity > 0}
    went = {instrument: -quantity for instrument, quantity in net.items() if quantity < 0}
    _mark_open(books, action, came, went)
    if action.kind == "SPINOFF" and came:
        _spin_off(books, action, came)
    elif came and went:
        _exchange(books, action, came, went)
    elif action.kind == "TRANSFER":
        _transfer(books, action, came, went)
    elif net:
        for instrument, quantity in net.items():
            _change_one(books[instrument], action, quantity)
    elif action.instruments and action.settled:
        _pay(books[action.instruments[0]], action)
    for instrument in net:
        books[instrument].held.sort(key=lambda lot: lot.since)


def _mark_open(
    books: dict[UUID, Lots],
    action: Acted,
    came: Mapping[UUID, Decimal],
    went: Mapping[UUID, Decimal],
) -> None:
    """Mark what can not be told yet: of an action's own shares, and of what came out of such."""
    touched = action.instruments
    if action.kind == "SPINOFF":
        # Whose cost falls may be told by nobody yet: it may be any company's.
        unknown = [instrument for instrument, lots in books.items() if lots.held]
        touched = touched + ([action.parent] if action.parent else unknown)
    if not action.settled:
        for instrument in touched:
            books[instrument].open = True
        sells = action.cash > 0 or (went and not came)
        if touched and sells and action.kind not in ("CAPITAL_RETURN", "TRANSFER"):
            books[touched[0]].gain_open = True
    sources = [action.parent] if action.kind == "SPINOFF" else list(went)
    if any(source and books[source].open for source in sources):
        for instrument in came:
            books[instrument].open = True


# --- shares ---------------------------------------------------------------------------------------


def _exchange(
    books: dict[UUID, Lots],
    action: Acted,
    came: Mapping[UUID, Decimal],
    went: Mapping[UUID, Decimal],
) -> None:
    """Carry lots over into the shares that came, with their dates and their cost."""
    first = next(iter(went))
    clouded = any(books[instrument].open for instrument in went)
    taken = [
        lot for instrument, quantity in went.items() for lot in books[instrument].take(quantity)
    ]
    cost = sum((lot.cost for lot in taken), ZERO)
    carried = action.basis if action.settled and action.basis is not None else cost
    for instrument, part in _parts(came, carried):
        if action.taxed:  # what went was sold, what came was bought
            books[instrument].held.append(Lot(action.at, came[instrument], part))
        else:
            books[instrument].held += spread(taken, came[instrument], part, action.at)
    if action.settled and (action.cash or carried != cost):
        sale = Sale(action.at, ZERO, max(action.cash, ZERO), cost - carried, open=clouded)
        books[first].sales.append(sale)
        books[first].gain_open |= clouded


def _spin_off(books: dict[UUID, Lots], action: Acted, came: Mapping[UUID, Decimal]) -> None:
    """Give the new shares their part of the parent's cost, lot by lot, and its dates."""
    parent = books[action.parent] if action.parent and action.settled else None
    sources = list(parent.held) if parent else []
    carried = (action.basis or ZERO) if action.settled else ZERO
    sold = action.sold_basis or ZERO
    for instrument, part in _parts(came, carried):
        books[instrument].held += spread(sources, came[instrument], part, action.at)
    if parent is not None and parent.held:
        left = parent.cost - carried - sold
        parent.held = spread(parent.held, parent.quantity, left, action.at)
    if action.cash > 0 and action.settled:
        books[next(iter(came))].sales.append(Sale(action.at, ZERO, action.cash, sold))


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
            sell(lots, action.at, -quantity, max(action.cash, ZERO))
        else:
            lots.take(-quantity)
    elif action.kind == "STOCK_DIVIDEND" and action.taxed:
        lots.held.append(Lot(action.at, quantity, action.basis or ZERO))
        if action.settled and action.cash > 0:  # income too, and so it is what that part cost
            lots.sales.append(Sale(action.at, ZERO, action.cash, action.cash))
    elif not lots.held:
        lots.held.append(Lot(action.at, after, action.basis or ZERO))
    else:
        scale(lots, after)
        if action.settled and action.cash > 0:
            _sell_part(lots, action)


def _parts(came: Mapping[UUID, Decimal], dollars: Decimal) -> list[tuple[UUID, Decimal]]:
    """Part dollars among the instruments that came, by their shares; the cents add up."""
    total, parts, counted, given = sum(came.values(), ZERO), [], ZERO, ZERO
    for instrument, quantity in came.items():
        counted += quantity
        up_to = cents(dollars * counted / total)
        parts.append((instrument, up_to - given))
        given = up_to
    return parts


# --- money without shares -------------------------------------------------------------------------


def _pay(lots: Lots, action: Acted) -> None:
    """Count money that came for shares and took none away."""
    if action.kind != "CAPITAL_RETURN":
        _sell_part(lots, action)
    elif not action.taxed:
        for leg in action.legs:
            _give_back(lots, action.at, leg.cash, leg.per_share)


def _sell_part(lots: Lots, action: Acted) -> None:
    """Count cash for a part of a share; `basis` is what the shares cost that are left."""
    before = lots.cost
    kept = before if action.basis is None else min(action.basis, before)
    lots.held = spread(lots.held, lots.quantity, kept, action.at) if lots.held else []
    sale = Sale(action.at, ZERO, action.cash, before - kept, open=lots.open)
    lots.sales.append(sale)
    lots.gain_open |= lots.open


def _give_back(lots: Lots, at: datetime, amount: Decimal, per_share: Decimal | None) -> None:
    """Lower what the shares cost by what was paid for each; what is more than that is gain.

    It was paid for the shares of the record day: for the oldest of those held now, as what was
    bought since has none of it, and, where fewer are held, for some that are sold since.
    """
    held = lots.quantity
    entitled = held
    if per_share and abs(amount) > A_CENT and abs(per_share * held - amount) > A_CENT:
        entitled = amount / per_share
    covered, later = _split_at(lots.held, min(entitled, held))
    mine = sum((lot.quantity for lot in covered), ZERO)
    share = amount if entitled <= held else cents(amount * mine / entitled)
    lowered, counted, given = [], ZERO, ZERO
    for lot in covered:
        counted += lot.quantity
        up_to = cents(share * counted / mine)
        lowered.append(replace(lot, cost=max(lot.cost - (up_to - given), cents(ZERO))))
        given = up_to
    back = sum((lot.cost for lot in covered), ZERO) - sum((lot.cost for lot in lowered), ZERO)
    lots.held = [*lowered, *later]
    if amount > back:
        lots.sales.append(Sale(at, ZERO, amount - back, ZERO, open=lots.open))
        lots.gain_open |= lots.open


def _split_at(held: list[Lot], quantity: Decimal) -> tuple[list[Lot], list[Lot]]:
    """Part lots, oldest first, into so many shares and the rest."""
    rest = Lots(held=list(held))
    first = rest.take(quantity)
    return first, rest.held
