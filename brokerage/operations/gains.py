"""What an account has gained by its sales, written anew whenever its lots change."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from brokerage.lot_history import get_lots
from brokerage.models import BrokerAccount, Movement

NEAR = timedelta(days=10)  # what nobody understands may be about a company's action of then


def write_gain(pk: UUID) -> None:
    """Write what an account's sales have gained, and of which shares the cost is not known yet.

    Both follow from its lots as they are now, and from entries that are held.
    """
    account = BrokerAccount.objects.get(pk=pk)
    lots = get_lots(account)
    known = [sale.gain for one in lots.values() for sale in one.known_sales]
    unknown = not known and any(one.gain_open for one in lots.values())
    open_ones = {instrument for instrument, one in lots.items() if one.open}
    open_ones |= _list_clouded(account)
    found = {
        "realized_gain": None if unknown else sum(known, Decimal(0)),
        "costs_open": sorted(str(instrument) for instrument in open_ones),
    }
    if found != {name: getattr(account, name) for name in found}:
        BrokerAccount.objects.filter(pk=pk).update(**found)


def _list_clouded(account: BrokerAccount) -> set[UUID]:
    """Return the instruments that entries nobody understands yet are, or may be, about."""
    held = Movement.objects.filter(account=account, status=Movement.Status.HELD)
    rows = list(held.exclude(kind__in=Movement.BESIDE_COST))
    named = {row.instrument_id for row in rows if row.instrument_id}
    for row in rows:
        if row.instrument_id is None and row.kind in (Movement.Kind.OTHER, *Movement.LEGS):
            around = (row.happened_at - NEAR, row.happened_at + NEAR)
            legs = Movement.objects.filter(account=account, action__happened_at__range=around)
            named |= set(legs.exclude(instrument=None).values_list("instrument", flat=True))
    return {instrument for instrument in named if instrument}
