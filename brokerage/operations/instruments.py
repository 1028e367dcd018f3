"""The catalogue of what can be bought, and its prices."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from django.db import transaction

from brokerage.gateway import Listing, OddRow, Rejected, Security, Unavailable, get_broker
from brokerage.models import Case, Instrument, OddRows
from brokerage.operations.cases import open_case
from brokerage.operations.oddities import note_odd_rows
from brokerage.queries import list_menu

MENU = (
    "AAPL", "DIS", "MSFT", "NKE", "KO", "MCD", "HSY", "MAT", "HAS", "SBUX", "COST", "RBLX",
)  # fmt: skip
AT_MOST_EVERY = timedelta(hours=12)  # DriveWealth: the whole list twice a day at most
FRESH = timedelta(minutes=15)
AT_ONCE = 5  # prices read for one page
REST = timedelta(hours=1)  # of a catalogue that was not to be believed
RESTS = "catalogue-rests"
MOST_MISSING = "most of what we know is missing"
log = structlog.get_logger()
TOLD = ("symbol", "name", "kind", "status")
FOUND_BY = ("words", "whole", "spellings")


def sync_instruments(*, at: datetime) -> int:
    """Take over the broker's catalogue; return how many rows it has. Twice a day at most.

    A security is known by the broker's id: it keeps its row when its symbol changes. What the
    broker no longer lists becomes INACTIVE, but not what stands in a row that can not be read. A
    list without most of what we know is an outage: nothing is taken over from it.

    :raises Unavailable: the broker gave no usable answer
    """
    newest = Instrument.objects.order_by("-synced_at").values_list("synced_at", flat=True).first()
    if (newest and at - newest < AT_MOST_EVERY) or at < cache.get(RESTS, at):
        return 0
    listed = get_broker().list_securities()
    with transaction.atomic():
        known = {row.vendor_id: row for row in Instrument.objects.select_for_update()}
        securities = _tell_apart(listed, known)
    if not _is_whole(securities, known):
        _refuse_catalogue(securities, at)
    note_odd_rows({(None, OddRows.What.SECURITIES): securities}, at=at)
    with transaction.atomic():
        known = {row.vendor_id: row for row in Instrument.objects.select_for_update()}
        _free_symbols(known, securities)
        fresh = [_new(security, at, newest) for security in securities if security.id not in known]
        Instrument.objects.bulk_create(fresh, batch_size=1000)
        changed = [
            known[one.id] for one in securities if one.id in known and _tell(known[one.id], one)
        ]
        Instrument.objects.bulk_update(changed, [*TOLD, *FOUND_BY], batch_size=500)
        listed_ids = [security.id for security in securities]
        Instrument.objects.filter(vendor_id__in=listed_ids).update(synced_at=at)
        unread = [pk for pk in known if securities.may_hide(vendor_id=pk)]
        gone = Instrument.objects.filter(synced_at__lt=at).exclude(vendor_id__in=unread)
        gone.update(status=Instrument.Status.INACTIVE)
    return len(securities)


def _tell_apart(listed: Listing[Security], known: dict[str, Instrument]) -> Listing[Security]:
    """Keep one security of each id and symbol.

    Of two with one symbol the one we know by it is kept: an order names the symbol. Where that
    tells nothing, neither is.
    """
    once = {one.id: one for one in reversed(listed)}
    times = Counter(one.symbol for one in once.values())
    kept, odd = [], list(listed.odd)
    for one in reversed(once.values()):
        row = known.get(one.id)
        if times[one.symbol] == 1 or (row is not None and row.symbol == one.symbol):
            kept.append(one)
        else:
            odd.append(OddRow("symbol of more than one security", id=one.id, symbol=one.symbol))
    return Listing(kept, odd)


def _is_whole(securities: Listing[Security], known: dict[str, Instrument]) -> bool:
    """Say whether at least half of what was traded till now is in a catalogue."""
    traded = {pk for pk, row in known.items() if row.status != Instrument.Status.INACTIVE}
    left = traded & {one.id for one in securities}
    return bool(securities) and len(left) * 2 >= len(traded)


def _refuse_catalogue(securities: Listing[Security], at: datetime) -> None:
    """Let everything stand as it was, ask again later, and call a person.

    :raises Unavailable: always
    """
    odd = (*securities.odd, OddRow(MOST_MISSING))
    note_odd_rows({(None, OddRows.What.SECURITIES): Listing([], odd)}, at=at)
    row = OddRows.objects.get(
        what=OddRows.What.SECURITIES, account=None, why=MOST_MISSING, gone_at=None
    )
    summary = (
        f"The broker's catalogue has {len(securities)} rows that can be used and "
        f"{len(securities.odd)} that can not; {MOST_MISSING}. Nothing was taken over from it."
    )
    open_case(Case.Kind.ODD, row, summary=summary, at=at)
    cache.set(RESTS, at + REST, timeout=None)
    raise Unavailable("DriveWealth's catalogue is not to be believed")


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
    row = Instrument(
        symbol=security.symbol,
        name=security.name,
        kind=security.kind,
        status=security.status,
        vendor_id=security.id,
        on_menu=newest is None and security.symbol in MENU,
        created_at=at,
        synced_at=at,
    )
    row.fold_name()
    return row


def _tell(row: Instrument, security: Security) -> bool:
    """Write the broker's word on a row; say whether anything was news."""
    names = (*TOLD, *FOUND_BY)
    before = [getattr(row, name) for name in names]
    for name in TOLD:
        setattr(row, name, getattr(security, name))
    row.fold_name()
    return before != [getattr(row, name) for name in names]


def add_security(vendor_id: str, *, at: datetime) -> None:
    """Take up a security the catalogue does not have; givers are not offered it.

    What the broker does not tell of now is asked for again when it is met the next time.
    """
    try:
        security = get_broker().get_security(vendor_id)
    except (Unavailable, Rejected) as error:
        log.warning("security_not_read", reason=str(error))
        return
    if Instrument.objects.filter(symbol=security.symbol).exists():
        return  # a symbol that has changed hands: the next catalogue tells
    row = Instrument(
        vendor_id=security.id,
        symbol=security.symbol,
        name=security.name,
        kind=Instrument.Kind.OTHER,
        status=security.status,
        created_at=at,
        synced_at=at - AT_MOST_EVERY,  # the catalogue is due when it was
    )
    row.fold_name()
    Instrument.objects.bulk_create([row], ignore_conflicts=True)


def refresh_security(instrument: Instrument, *, at: datetime) -> None:
    """Take over one instrument's name and status, e.g. a halt; its kind comes with the catalogue.

    :raises Unavailable: the broker gave no usable answer
    """
    security = get_broker().get_security(instrument.vendor_id)
    # Not `synced_at`: that is the catalogue's, and says when the whole list is asked for again.
    instrument.name, instrument.status = security.name, security.status
    instrument.fold_name()
    instrument.save(update_fields=["name", "status", *FOUND_BY])


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
    listed = get_broker().list_quotes(symbols)
    if listed.odd:
        note_odd_rows({(None, OddRows.What.QUOTES): listed}, at=at)
    quotes = {quote.symbol: quote.price for quote in listed}
    for row in instruments:
        row.price, row.priced_at = quotes.get(row.symbol, row.price), at
    Instrument.objects.bulk_update(instruments, ["price", "priced_at"])
