"""The catalogue of what can be bought, and its prices."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from brokerage.gateway import Rejected, Security, Unavailable, get_broker
from brokerage.models import Instrument
from brokerage.queries import list_menu

MENU = (
    "AAPL", "DIS", "MSFT", "NKE", "KO", "MCD", "HSY", "MAT", "HAS", "SBUX", "COST", "RBLX",
)  # fmt: skip
AT_MOST_EVERY = timedelta(hours=12)  # DriveWealth: the whole list twice a day at most
FRESH = timedelta(minutes=15)
AT_ONCE = 5  # prices read for one page
log = structlog.get_logger()
TOLD = ("symbol", "name", "kind", "status")


def sync_instruments(*, at: datetime) -> int:
    """Take over the broker's catalogue; return how many rows it has. Twice a day at most.

    A security is known by the broker's id: it keeps its row when its symbol changes. What the
    broker no longer lists becomes INACTIVE.

    :raises Unavailable: the broker gave no usable answer
    """
    newest = Instrument.objects.order_by("-synced_at").values_list("synced_at", flat=True).first()
    if newest and at - newest < AT_MOST_EVERY:
        return 0
    securities = get_broker().list_securities()
    with transaction.atomic():
        known = {row.vendor_id: row for row in Instrument.objects.select_for_update()}
        _free_symbols(known, securities)
        fresh = [_new(security, at, newest) for security in securities if security.id not in known]
        Instrument.objects.bulk_create(fresh, batch_size=1000)
        changed = [
            known[one.id] for one in securities if one.id in known and _tell(known[one.id], one)
        ]
        Instrument.objects.bulk_update(changed, TOLD, batch_size=500)
        listed = Instrument.objects.filter(vendor_id__in=[security.id for security in securities])
        listed.update(synced_at=at)
        gone = Instrument.objects.filter(synced_at__lt=at)
        gone.update(status=Instrument.Status.INACTIVE)
    return len(securities)


def _free_symbols(known: dict[str, Instrument], securities: list[Security]) -> None:
    """Take symbols off rows that no longer have them, so that others may have them now."""
    owner = {security.symbol: security.id for security in securities}
    losing = [
        row for row in known.values() if owner.get(row.symbol, row.vendor_id) != row.vendor_id
    ]
    for row in losing:
        row.symbol = f"~{row.pk.hex[:12]}"
    Instrument.objects.bulk_update(losing, ["symbol"])


def _new(security: Security, at: datetime, newest: datetime | None) -> Instrument:
    return Instrument(
        symbol=security.symbol,
        name=security.name,
        kind=security.kind,
        status=security.status,
        vendor_id=security.id,
        on_menu=newest is None and security.symbol in MENU,
        created_at=at,
        synced_at=at,
    )


def _tell(row: Instrument, security: Security) -> bool:
    """Write the broker's word on a row; say whether anything was news."""
    before = [getattr(row, name) for name in TOLD]
    for name in TOLD:
        setattr(row, name, getattr(security, name))
    return before != [getattr(row, name) for name in TOLD]


def refresh_security(instrument: Instrument, *, at: datetime) -> None:
    """Take over one instrument's name and status, e.g. a halt; its kind comes with the catalogue.

    :raises Unavailable: the broker gave no usable answer
    """
    security = get_broker().get_security(instrument.vendor_id)
    rows = Instrument.objects.filter(pk=instrument.pk)
    # Not `synced_at`: that is the catalogue's, and says when the whole list is asked for again.
    rows.update(name=security.name, status=security.status)


def sync_prices(*, at: datetime) -> None:
    """Read the last prices of what givers are offered; one without a quote keeps its last price.

    :raises Unavailable: the broker gave no usable answer
    """
    _read_prices(list(list_menu()), at)


def refresh_prices(instruments: Sequence[Instrument], *, at: datetime) -> None:
    """Read missing or old prices of what somebody looks at, a few at once; do without an answer.

    The instruments handed in have the new prices.
    """
    stale = [row for row in instruments if row.priced_at is None or row.priced_at < at - FRESH]
    try:
        _read_prices(stale[:AT_ONCE], at)
    except (Unavailable, Rejected) as error:
        log.warning("prices_not_read", reason=str(error))


def _read_prices(instruments: list[Instrument], at: datetime) -> None:
    if not instruments:
        return
    symbols = sorted(row.symbol for row in instruments)
    quotes = {quote.symbol: quote.price for quote in get_broker().list_quotes(symbols)}
    for row in instruments:
        row.price, row.priced_at = quotes.get(row.symbol, row.price), at
    Instrument.objects.bulk_update(instruments, ["price", "priced_at"])
