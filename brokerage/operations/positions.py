"""Writing down what the broker says accounts hold, many at once, and comparing it with our books.

A batch is written by a constant number of statements, however many accounts are in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Q

from brokerage.books import Books, list_books
from brokerage.gateway import Cash, Listing, Position
from brokerage.lot_history import read_histories, work_out_account
from brokerage.models import (
    BrokerAccount,
    CompanyAction,
    Instrument,
    OddRows,
    ReconciliationBreak,
)
from brokerage.operations.breaks import Differences, Pair, Spot, list_marked, record_differences
from brokerage.operations.oddities import note_odd_rows
from core.clock import NEW_YORK
from core.queue import enqueue

Kind = ReconciliationBreak.Kind
ZERO = Decimal(0)
SIX_PLACES = Decimal("0.000001")
log = structlog.get_logger()

# Arrays become rows in the database: twenty times cheaper than a placeholder for each value.
UPDATE_ACCOUNTS = """
    UPDATE brokerage_brokeraccount AS account
    SET cash = read.cash, cash_for_trade = read.for_trade, cash_settled = read.settled,
        synced_at = %s
    FROM unnest(%s::uuid[], %s::numeric[], %s::numeric[], %s::numeric[])
        AS read (id, cash, for_trade, settled)
    WHERE account.id = read.id
"""
UPSERT_HOLDINGS = """
    INSERT INTO brokerage_holding (synced_at, account_id, instrument_id, quantity, average_price,
                                   cost_basis, price, market_value, unrealized_gain)
    SELECT %s, read.*
    FROM unnest(%s::uuid[], %s::uuid[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[],
                %s::numeric[], %s::numeric[]) AS read
    ON CONFLICT (account_id, instrument_id) DO UPDATE
    SET synced_at = excluded.synced_at, quantity = excluded.quantity,
        average_price = excluded.average_price, cost_basis = excluded.cost_basis,
        price = excluded.price, market_value = excluded.market_value,
        unrealized_gain = excluded.unrealized_gain
"""
DELETE_HOLDINGS = """
    DELETE FROM brokerage_holding AS held
    WHERE held.account_id = ANY(%s::uuid[]) AND NOT EXISTS (
        SELECT FROM unnest(%s::uuid[], %s::uuid[]) AS read (account_id, instrument_id)
        WHERE read.account_id = held.account_id AND read.instrument_id = held.instrument_id)
"""
UPSERT_DAYS = """
    INSERT INTO brokerage_dayvalue ("on", read_at, account_id, cash, shares_value, cost_basis,
                                    paid_in)
    SELECT %s, %s, read.*
    FROM unnest(%s::uuid[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[]) AS read
    ON CONFLICT (account_id, "on") DO UPDATE
    SET read_at = excluded.read_at, cash = excluded.cash, shares_value = excluded.shares_value,
        cost_basis = excluded.cost_basis, paid_in = excluded.paid_in
"""


@dataclass(frozen=True)
class Reading:
    """What the broker said an account holds; `spending` as it stood before we asked.

    Where a position can not be read (`partial`), nothing counts as sold, the day gets no value and
    the account is not found equal: a person looks first.
    """

    account_id: UUID
    spending: int
    cash: Cash
    positions: Listing[Position]

    @property
    def partial(self) -> bool:
        return bool(self.positions.odd)

    @property
    def shares_value(self) -> Decimal:
        return sum((position.market_value for position in self.positions), ZERO)

    @property
    def cost_basis(self) -> Decimal:
        return sum((position.cost_basis for position in self.positions), ZERO)


@transaction.atomic
def write_readings(readings: Sequence[Reading], *, at: datetime) -> list[UUID]:
    """Take over readings that were begun `at`, and compare; return the accounts that differ.

    Positions of an account are replaced as a whole, under its lock, unless some can not be read.
    An older reading never overwrites a younger one, and while something moves nothing is compared.
    """
    read = {reading.account_id: reading for reading in readings}
    locked = BrokerAccount.objects.select_for_update(no_key=True).filter(pk__in=read)
    rows = list(locked.order_by("pk").values_list("pk", "synced_at", "spending"))
    fresh = [read[pk] for pk, synced_at, _spending in rows if not synced_at or synced_at <= at]
    if not fresh:
        return []
    note_odd_rows(
        {(reading.account_id, OddRows.What.POSITIONS): reading.positions for reading in fresh},
        at=at,
    )
    fresh, known = _in_our_symbols(fresh)
    _write_holdings(fresh, known, at)
    _write_cash(fresh, at)
    books = list_books([reading.account_id for reading in fresh])
    _write_days([reading for reading in fresh if not reading.partial], books, at)
    spending = {pk: spent for pk, _synced_at, spent in rows}
    still = [
        reading
        for reading in fresh
        if reading.spending == spending[reading.account_id] and not books[reading.account_id].moving
    ]
    return _compare(still, books, at)


def _in_our_symbols(readings: Sequence[Reading]) -> tuple[list[Reading], dict[str, UUID]]:
    """Name securities by our symbols; return also our rows, by symbol.

    The broker's id is what stays: a symbol it has changed lately we may not have heard of.
    """
    told = {position for reading in readings for position in reading.positions}
    ids, symbols = {one.instrument_id for one in told}, {one.symbol for one in told}
    rows = Instrument.objects.filter(Q(vendor_id__in=ids) | Q(symbol__in=symbols))
    ours, known = {}, {}
    for pk, vendor_id, symbol in rows.values_list("pk", "vendor_id", "symbol"):
        ours[vendor_id], known[symbol] = symbol, pk
    renamed = [
        replace(
            reading,
            positions=Listing(
                (
                    replace(one, symbol=ours.get(one.instrument_id, one.symbol))
                    for one in reading.positions
                ),
                reading.positions.odd,
            ),
        )
        for reading in readings
    ]
    return renamed, known


def _write_holdings(readings: Sequence[Reading], known: dict[str, UUID], at: datetime) -> None:
    symbols = {position.symbol for reading in readings for position in reading.positions}
    if unknown := symbols - known.keys():  # not in our catalogue yet
        log.warning("unknown_instruments", symbols=sorted(unknown))
        enqueue("brokerage.tasks.sync_instruments")
    ours = list_our_costs(readings, known)
    rows = [
        (
            reading.account_id,
            known[position.symbol],
            position.quantity,
            *_cost(position, ours.get((reading.account_id, known[position.symbol]))),
        )
        for reading in readings
        for position in reading.positions
        if position.symbol in known
    ]
    columns = _columns(rows, 8)
    with connection.cursor() as cursor:
        whole = [reading.account_id for reading in readings if not reading.partial]
        cursor.execute(DELETE_HOLDINGS, [whole, *columns[:2]])
        cursor.execute(UPSERT_HOLDINGS, [at, *columns])


def _cost(position: Position, ours: Decimal | None) -> tuple[Decimal, ...]:
    """Return average price, cost, price, value and gain: the broker's, or by our own cost."""
    if ours is None:
        paid, average = position.cost_basis, position.average_price
        return average, paid, position.price, position.market_value, position.unrealized_gain
    average = (ours / position.quantity).quantize(SIX_PLACES) if position.quantity else ZERO
    gain = position.market_value - ours
    return average, ours, position.price, position.market_value, gain


def list_our_costs(
    readings: Sequence[Reading], known: dict[str, UUID]
) -> dict[tuple[UUID, UUID], Decimal]:
    """Return what shares cost by our lots where the broker tells nothing, or we know better.

    We do where staff filed it, where money was given back, and where shares went over by rule.
    """
    ours = (CompanyAction.Kind.CAPITAL_RETURN, CompanyAction.Kind.EXCHANGE)
    filed = CompanyAction.objects.filter(
        Q(known_by=CompanyAction.Source.STAFF)
        | Q(known_by=CompanyAction.Source.RULE, kind__in=ours),
        account__in=[reading.account_id for reading in readings],
    ).prefetch_related("legs")
    wanted = {
        (action.account_id, instrument)
        for action in filed
        for instrument in (action.parent_id, *(leg.instrument_id for leg in action.legs.all()))
        if instrument
    }
    wanted |= {
        (reading.account_id, known[position.symbol])
        for reading in readings
        for position in reading.positions
        if position.quantity and not position.cost_basis and position.symbol in known
    }
    if not wanted:
        return {}
    histories = read_histories({account for account, _one in wanted})
    return {
        (pk, instrument): lots.cost
        for pk, history in histories.items()
        for instrument, lots in work_out_account(history.events, history.actions).items()
        if (pk, instrument) in wanted and lots.held and not lots.open
    }


def _write_cash(readings: Sequence[Reading], at: datetime) -> None:
    rows = [
        (
            reading.account_id,
            reading.cash.balance,
            reading.cash.for_trade,
            max(reading.cash.settled, ZERO),
        )
        for reading in readings
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE_ACCOUNTS, [at, *_columns(rows, 4)])


def _write_days(readings: Sequence[Reading], books: dict[UUID, Books], at: datetime) -> None:
    """Keep what each account is worth today, by New York's calendar."""
    rows = [
        (
            reading.account_id,
            reading.cash.balance,
            reading.shares_value,
            reading.cost_basis,
            _put_in(reading, books[reading.account_id]),
        )
        for reading in readings
    ]
    today = at.astimezone(NEW_YORK).date()
    with connection.cursor() as cursor:
        cursor.execute(UPSERT_DAYS, [today, at, *_columns(rows, 5)])


def _put_in(reading: Reading, books: Books) -> Decimal:
    """Return the money put in as the broker's cash has it.

    A deposit the broker has credited and we have not heard of yet is in the cash already: without
    it, it would be a gain of that day, and a loss of the next.
    """
    ahead, put_in = reading.cash.balance - books.cash, books.paid_in
    for amount in sorted(books.on_its_way, reverse=True):
        if amount <= ahead:
            ahead -= amount
            put_in += amount
    return put_in


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[number] for row in rows] for number in range(width)]


def _compare(readings: Sequence[Reading], books: dict[UUID, Books], at: datetime) -> list[UUID]:
    """Compare to the cent, and to the last decimal of a share; return the accounts that differ."""
    if not readings:
        return []
    found: Differences = {}
    for reading in readings:
        found |= _differences(reading, books[reading.account_id])
    accounts = [reading.account_id for reading in readings]
    record_differences(accounts, (Kind.CASH, Kind.POSITION), found, at=at)
    partial = {reading.account_id for reading in readings if reading.partial}
    equal = set(accounts) - list_marked(accounts) - partial
    BrokerAccount.objects.filter(pk__in=equal).update(checked_at=at)
    return list({spot.account_id for spot in found})


def _differences(reading: Reading, books: Books) -> Differences:
    held = {position.symbol: position.quantity for position in reading.positions}
    pk = reading.account_id
    pairs = {Spot(pk, Kind.CASH): Pair(books.cash, reading.cash.balance)}
    for symbol in books.shares.keys() | held.keys():
        pair = Pair(books.shares.get(symbol, ZERO), held.get(symbol, ZERO))
        pairs[Spot(pk, Kind.POSITION, symbol)] = pair
    return {
        spot: pair
        for spot, pair in pairs.items()
        if pair.ours != pair.theirs and not _unread(spot.symbol, held, reading)
    }


def _unread(symbol: str, held: dict[str, Decimal], reading: Reading) -> bool:
    """Say whether shares may be missing only because their row could not be read."""
    return bool(symbol) and symbol not in held and reading.positions.may_hide(symbol=symbol)
