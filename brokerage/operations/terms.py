"""What must be known of an instrument before an order: sizes, settlement, the last price."""

from datetime import datetime, timedelta

import structlog

from brokerage.gateway import Rejected, Unavailable, get_broker
from brokerage.models import Instrument

TERMS_LAST = timedelta(hours=12)
PRICE_LASTS = timedelta(minutes=1)
log = structlog.get_logger()


def refresh_terms(instrument: Instrument, *, at: datetime) -> Instrument:
    """Return the instrument with status, sizes and price as the broker has them now.

    What is young enough is not asked for again; where the broker gives no answer, what we knew
    stays. Call it outside any transaction.
    """
    try:
        if instrument.terms_at is None or at - instrument.terms_at > TERMS_LAST:
            read_terms(instrument, at=at)
        if instrument.priced_at is None or at - instrument.priced_at > PRICE_LASTS:
            _read_price(instrument, at=at)
    except (Unavailable, Rejected) as error:
        log.warning("terms_not_read", symbol=instrument.symbol, reason=str(error))
    instrument.refresh_from_db()
    return instrument


def read_terms(instrument: Instrument, *, at: datetime) -> None:
    """Take over how an instrument trades.

    :raises Unavailable: the broker gave no usable answer
    :raises Rejected: the broker does not know it any more
    """
    terms = get_broker().get_security(instrument.vendor_id)
    Instrument.objects.filter(pk=instrument.pk).update(
        name=terms.name,
        status=terms.status,
        smallest_order=terms.smallest_order,
        largest_order=terms.largest_order,
        order_step=terms.order_step,
        settlement_days=terms.settlement_days,
        terms_at=at,
    )


def _read_price(instrument: Instrument, *, at: datetime) -> None:
    for quote in get_broker().list_quotes([instrument.symbol]):
        if quote.symbol == instrument.symbol:
            Instrument.objects.filter(pk=instrument.pk).update(price=quote.price, priced_at=at)
