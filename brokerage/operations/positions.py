"""Reading an account's cash and positions, and comparing them with our books."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction

from brokerage.books import Books, get_books, is_moving
from brokerage.gateway import Cash, Position, get_broker
from brokerage.models import BrokerAccount, Holding, Instrument, ReconciliationBreak
from brokerage.operations.own_orders import follow_resting_orders
from core import audit
from core.queue import enqueue

TASK = "brokerage.tasks.sync_account"
AGAIN = timedelta(hours=1)
log = structlog.get_logger()


def sync_account(pk: UUID, *, at: datetime) -> None:
    """Take the broker's cash and positions as they are, then reconcile.

    Positions of one account are replaced as a whole, under its lock; an older reading never
    overwrites a younger one.

    :raises Unavailable: the broker gave no usable answer
    """
    account = BrokerAccount.objects.get(pk=pk)
    if not account.vendor_id:
        return
    follow_resting_orders(account, at=at)
    account.refresh_from_db()
    broker = get_broker()
    cash = broker.get_cash(account.vendor_id)
    positions = broker.list_positions(account.vendor_id)
    with transaction.atomic():
        locked = BrokerAccount.objects.select_for_update().get(pk=pk)
        if locked.synced_at and locked.synced_at > at:
            return
        _replace_holdings(locked, positions, at)
        BrokerAccount.objects.filter(pk=pk).update(
            cash=cash.balance,
            cash_for_trade=cash.for_trade,
            cash_settled=max(cash.settled, Decimal(0)),
            synced_at=at,
        )
        if locked.spending == account.spending and not is_moving(locked):
            _reconcile(locked, cash, positions, at)


def _replace_holdings(account: BrokerAccount, positions: list[Position], at: datetime) -> None:
    instruments = {
        instrument.symbol: instrument
        for instrument in Instrument.objects.filter(symbol__in=[p.symbol for p in positions])
    }
    rows = []
    for position in positions:
        instrument = instruments.get(position.symbol)
        if instrument is None:  # not in our catalogue yet
            log.warning("unknown_instrument", symbol=position.symbol)
            enqueue("brokerage.tasks.sync_instruments")
            continue
        rows.append(
            Holding(
                account=account,
                instrument=instrument,
                quantity=position.quantity,
                average_price=position.average_price,
                cost_basis=position.cost_basis,
                price=position.price,
                market_value=position.market_value,
                unrealized_gain=position.unrealized_gain,
                synced_at=at,
            )
        )
    Holding.objects.filter(account=account).exclude(instrument__in=instruments.values()).delete()
    Holding.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "instrument"],
        update_fields=[
            "quantity",
            "average_price",
            "cost_basis",
            "price",
            "market_value",
            "unrealized_gain",
            "synced_at",
        ],
    )


def _reconcile(account: BrokerAccount, cash: Cash, positions: list[Position], at: datetime) -> None:
    """Compare our books with the broker's, to the cent and to the last decimal of a share."""
    books = get_books(account)
    found = _differences(books, cash, positions)
    still_open = ReconciliationBreak.objects.filter(account=account, healed_at__isnull=True)
    for row in still_open:
        if (row.kind, row.symbol) not in found:
            ReconciliationBreak.objects.filter(pk=row.pk).update(healed_at=at)
            audit.record("break.healed", row, by="reconciliation", at=at)
    for (kind, symbol), (ours, theirs) in found.items():
        row, created = ReconciliationBreak.objects.update_or_create(
            account=account,
            kind=kind,
            symbol=symbol,
            healed_at=None,
            defaults={"ours": ours, "theirs": theirs, "last_seen_at": at},
            create_defaults={
                "ours": ours,
                "theirs": theirs,
                "last_seen_at": at,
                "created_at": at,
            },
        )
        if created:
            log.error("books_differ", account=str(account.pk), kind=kind)
            audit.record("break.found", row, by="reconciliation", at=at, ours=ours, theirs=theirs)
    if not found:
        BrokerAccount.objects.filter(pk=account.pk).update(checked_at=at)


def _differences(
    books: Books, cash: Cash, positions: list[Position]
) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return `{(kind, symbol): (ours, broker's)}` for what is not equal."""
    kinds = ReconciliationBreak.Kind
    held = {position.symbol: position.quantity for position in positions}
    pairs = {(kinds.CASH.value, ""): (books.cash, cash.balance)}
    for symbol in books.shares.keys() | held.keys():
        pairs[(kinds.POSITION.value, symbol)] = (
            books.shares.get(symbol, Decimal(0)),
            held.get(symbol, Decimal(0)),
        )
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
