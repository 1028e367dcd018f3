"""The catalogue of what can be bought, and its prices."""

from datetime import datetime, timedelta

from django.db import transaction

from brokerage.gateway import get_broker
from brokerage.models import Instrument

MENU = (
    "AAPL", "DIS", "MSFT", "NKE", "KO", "MCD", "HSY", "MAT", "HAS", "SBUX", "COST", "RBLX",
)  # fmt: skip
AT_MOST_EVERY = timedelta(hours=12)  # DriveWealth: the whole list twice a day at most


def sync_instruments(*, at: datetime) -> int:
    """Take over the broker's catalogue; return how many rows it has. Twice a day at most.

    :raises Unavailable: the broker gave no usable answer
    """
    newest = Instrument.objects.order_by("-synced_at").values_list("synced_at", flat=True).first()
    if newest and at - newest < AT_MOST_EVERY:
        return 0
    securities = get_broker().list_securities()
    first = newest is None
    rows = [
        Instrument(
            symbol=security.symbol,
            name=security.name,
            kind=security.kind,
            status=security.status,
            vendor_id=security.id,
            on_menu=first and security.symbol in MENU,
            created_at=at,
            synced_at=at,
        )
        for security in securities
    ]
    with transaction.atomic():
        Instrument.objects.bulk_create(
            rows,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["symbol"],
            update_fields=["name", "kind", "status", "vendor_id", "synced_at"],
        )
        gone = Instrument.objects.filter(synced_at__lt=at)
        gone.update(status=Instrument.Status.INACTIVE)
    return len(rows)


def refresh_security(instrument: Instrument, *, at: datetime) -> None:
    """Take over one instrument's name and status, e.g. a halt; its kind comes with the catalogue.

    :raises Unavailable: the broker gave no usable answer
    """
    security = get_broker().get_security(instrument.vendor_id)
    rows = Instrument.objects.filter(pk=instrument.pk)
    rows.update(name=security.name, status=security.status, synced_at=at)


def sync_prices(*, at: datetime) -> None:
    """Read the last prices of what givers are offered.

    :raises Unavailable: the broker gave no usable answer
    """
    menu = {row.symbol: row for row in Instrument.objects.filter(on_menu=True)}
    if not menu:
        return
    for quote in get_broker().list_quotes(sorted(menu)):
        if row := menu.get(quote.symbol):
            row.price, row.priced_at = quote.price, at
    Instrument.objects.bulk_update(menu.values(), ["price", "priced_at"])
