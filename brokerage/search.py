"""Finding shares by symbol or name, in our own catalogue."""

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.http import Http404

from brokerage.models import Instrument

MOST = 20
LONGEST = 60  # characters of what is typed; and its first words, more narrow nothing down
WORDS = 6
TEXT = SearchVector("symbol", "name", config="simple")  # as in the index `instrument_text`
NOTHING = str.maketrans(dict.fromkeys("'\\\0", " "))  # what would end a quoted word of a query


def list_allowed() -> QuerySet[Instrument]:
    """Return what custodial accounts may hold and the broker sells now."""
    kinds = [Instrument.Kind.STOCK]
    if settings.ALLOW_ETF:
        kinds.append(Instrument.Kind.ETF)
    return Instrument.objects.filter(kind__in=kinds, status=Instrument.Status.ACTIVE)


def search_instruments(text: str) -> list[Instrument]:
    """Return at most 20 shares, best first: the exact symbol, symbols that begin so, then names.

    Every word typed must begin a word of the name or the symbol. Capitals do not matter, and
    nothing typed is a wildcard.
    """
    typed = text.translate(NOTHING)[:LONGEST].strip()
    words = typed.split()[:WORDS]
    if not words:
        return []
    query = SearchQuery(
        " & ".join(f"'{word}':*" for word in words), config="simple", search_type="raw"
    )
    symbol = typed.upper()
    rank = Case(
        When(symbol=symbol, then=Value(0)),
        When(symbol__startswith=symbol, then=Value(1)),
        When(Q(name__istartswith=typed) | Q(name__istartswith=f"the {typed}"), then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    found = list_allowed().alias(text=TEXT).filter(Q(text=query) | Q(symbol__startswith=symbol))
    return list(found.order_by(rank, Length("symbol"), "symbol")[:MOST])


def get_instrument_or_404(symbol: str) -> Instrument:
    """Return one share a custodial account may hold, by its symbol."""
    found = None if "\0" in symbol else list_allowed().filter(symbol=symbol.upper()).first()
    if found is None:
        raise Http404
    return found
