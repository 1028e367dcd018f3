"""Differences between our books and the broker's: found, aged, healed, handed to compliance."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from brokerage.models import Case, Deposit, Movement, Order, ReconciliationBreak
from brokerage.operations.cases import open_case
from core import audit

Kind = ReconciliationBreak.Kind
BATCH = 100
log = structlog.get_logger()


class Spot(NamedTuple):
    """Where books can differ. `reference`: which deposit or order, by the broker's id."""

    account_id: UUID
    kind: str
    symbol: str = ""
    reference: str = ""


class Pair(NamedTuple):
    """Dollars or shares, by our books and by the broker's."""

    ours: Decimal
    theirs: Decimal


Differences = dict[Spot, Pair]


def record_differences(
    accounts: Collection[UUID], kinds: Iterable[Kind], found: Differences, *, at: datetime
) -> None:
    """Keep what differs and heal what no longer does, of these accounts and kinds.

    The caller holds the accounts' locks. The number of queries follows the differences alone.
    """
    known = {
        Spot(row.account_id, row.kind, row.symbol, row.reference): row
        for row in ReconciliationBreak.objects.filter(
            account__in=accounts, kind__in=list(kinds), healed_at__isnull=True
        ).select_related("case")
    }
    _heal([row for spot, row in known.items() if spot not in found], at)
    seen = [row for spot, row in known.items() if spot in found]
    for row in seen:
        pair = found[Spot(row.account_id, row.kind, row.symbol, row.reference)]
        row.ours, row.theirs, row.last_seen_at = pair.ours, pair.theirs, at
    if seen:
        ReconciliationBreak.objects.bulk_update(seen, ["ours", "theirs", "last_seen_at"])
    new = [
        ReconciliationBreak(**spot._asdict(), **pair._asdict(), last_seen_at=at, created_at=at)
        for spot, pair in found.items()
        if spot not in known
    ]
    for row in ReconciliationBreak.objects.bulk_create(new):
        log.error("books_differ", account=str(row.account_id), kind=row.kind)
        audit.record(
            "break.found", row, by="reconciliation", at=at, ours=row.ours, theirs=row.theirs
        )


def list_marked(accounts: Collection[UUID]) -> set[UUID]:
    """Return those of the accounts that have any open difference."""
    still_open = ReconciliationBreak.objects.filter(account__in=accounts, healed_at__isnull=True)
    return set(still_open.values_list("account_id", flat=True))


def open_cases_of_old_breaks(*, at: datetime) -> int:
    """Hand compliance what has differed for BREAK_CASE_HOURS; return how many there were."""
    old = ReconciliationBreak.objects.filter(
        healed_at__isnull=True,
        case__isnull=True,
        created_at__lte=at - timedelta(hours=settings.BREAK_CASE_HOURS),
    ).select_related("account")[:BATCH]
    for row in old:
        with transaction.atomic():
            case = open_case(
                Case.Kind.BREAK,
                row,
                summary=describe(row),
                at=at,
                account=row.account,
            )
            ReconciliationBreak.objects.filter(pk=row.pk).update(case=case)
    return len(old)


def describe(row: ReconciliationBreak) -> str:
    """Return a sentence about a difference; it holds no personal data."""
    what = " ".join(filter(None, [row.get_kind_display(), row.symbol]))
    ours, theirs = (f"{number.normalize():f}" for number in (row.ours, row.theirs))
    return f"{what}: our books say {ours}, the broker {theirs}."


def _heal(rows: list[ReconciliationBreak], at: datetime) -> None:
    """Close what is gone, each with the rule or the fact that explains it."""
    if not rows:
        return
    reasons = _Reasons(rows)
    for row in rows:
        row.healed_at, row.healed_by = at, reasons.of(row)
    ReconciliationBreak.objects.bulk_update(rows, ["healed_at", "healed_by"])
    for row in rows:
        audit.record("break.healed", row, by="reconciliation", at=at, healed_by=row.healed_by)
        if row.case is not None:  # compliance closes it, and reads here why it may
            audit.record(
                "case.break_healed", row.case, by="reconciliation", at=at, healed_by=row.healed_by
            )


class _Reasons:
    """What happened in the accounts of some breaks since the first of them was found."""

    def __init__(self, rows: list[ReconciliationBreak]) -> None:
        accounts = {row.account_id for row in rows}
        since = min(row.created_at for row in rows)
        self._booked = list(
            Movement.objects.filter(
                account__in=accounts, status=Movement.Status.BOOKED, created_at__gte=since
            ).select_related("instrument")
        )
        self._returned = set(
            Deposit.objects.filter(account__in=accounts, status=Deposit.Status.RETURNED)
            .exclude(returned_at__lt=since)
            .values_list("account_id", flat=True)
        )
        named = [row.reference for row in rows if row.kind == Kind.ORDER]
        orders = Order.objects.filter(account__in=accounts, vendor_id__in=named)
        self._followed = set(orders.values_list("vendor_id", flat=True))

    def of(self, row: ReconciliationBreak) -> str:
        """Return the rule that healed a break, or `gone`."""
        for movement in self._booked:
            if movement.account_id == row.account_id and _explains(movement, row):
                return f"{movement.kind.lower().replace('_', ' ')} booked"
        if row.kind in (Kind.CASH, Kind.DEPOSIT) and row.account_id in self._returned:
            return "return recorded"
        return "order followed" if row.reference in self._followed else "gone"


def _explains(movement: Movement, row: ReconciliationBreak) -> bool:
    if row.kind == Kind.POSITION:
        symbol = movement.instrument.symbol if movement.instrument else ""
        return bool(movement.quantity) and symbol == row.symbol
    return row.kind in (Kind.CASH, Kind.DEPOSIT) and bool(movement.amount)
