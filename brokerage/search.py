"""Finding shares by symbol or name, in our own catalogue."""

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.http import Http404

from brokerage.folding import Typed, is_near, list_spellings, read_typed
from brokerage.models import Instrument

MOST = 20
LONGEST = 60  # characters of what is typed; and its first words, more narrow nothing down
WORDS = 6
NEARBY = 200  # shares looked at for a misspelled word
TEXT = SearchVector("words", config="simple")  # as in the index `instrument_words`


def list_allowed() -> QuerySet[Instrument]:
    """Return what custodial accounts may hold and the broker sells now."""
    kinds = [Instrument.Kind.STOCK]
    if settings.ALLOW_ETF:
        kinds.append(Instrument.Kind.ETF)
    return Instrument.objects.filter(kind__in=kinds, status=Instrument.Status.ACTIVE)


def search_instruments(text: str) -> list[Instrument]:
    """Return at most 20 shares, best first: the exact symbol, symbols that begin so, then names.

    Every word typed must begin a word of the name or the symbol, or all of it together the name.
    Capitals, accents, punctuation, “and” and spaces do not matter; nothing typed is a wildcard.
    Where nothing is found, one slip in each longer word is forgiven.
    """
    typed = read_typed(text[:LONGEST])
    typed = Typed(typed.words[:WORDS], typed.whole)
    if not typed.words:
        return []
    found = list_allowed().alias(text=TEXT).filter(Q(text=_query(typed)) | _together(typed))
    ranked = found.order_by(_rank(typed), Length("symbol"), "symbol")[:MOST]
    return list(ranked) or _find_misspelled(typed)


def get_instrument_or_404(symbol: str) -> Instrument:
    """Return one share a custodial account may hold, by its symbol."""
    found = None if "\0" in symbol else list_allowed().filter(symbol=symbol.upper()).first()
    if found is None:
        raise Http404
    return found


def _query(typed: Typed) -> SearchQuery:
    terms = " & ".join(f"'{word}':*" for word in typed.words)  # letters and digits only
    return SearchQuery(terms, config="simple", search_type="raw")


def _together(typed: Typed) -> Q:
    """Find a name by its beginning in one word, e.g. “jp morgan” for JPMorgan; not by a letter."""
    return Q(whole__startswith=typed.whole) if len(typed.whole) > 2 else Q(pk=None)


def _rank(typed: Typed) -> Case:
    return Case(
        When(words__startswith=f"{typed.whole} ", then=Value(0)),  # the symbol stands first
        When(words__startswith=typed.whole, then=Value(1)),
        When(whole__startswith=typed.whole, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )


def _find_misspelled(typed: Typed) -> list[Instrument]:
    """Return shares of whose words each longer one typed is one slip away; the others begin some.

    “Mc Donlds” is looked for in one word as well.
    """
    found = _find_near(typed.words)
    return found or (_find_near((typed.whole,)) if len(typed.words) > 1 else [])


def _find_near(words: tuple[str, ...]) -> list[Instrument]:
    slips = [list_spellings(word) for word in words]
    if not any(slips):
        return []
    near = list_allowed()
    for spellings in filter(None, slips):
        near = near.filter(spellings__overlap=spellings)
    candidates = near.order_by(Length("words"), "symbol")[:NEARBY]
    return [row for row in candidates if all(_is_in(word, row) for word in words)][:MOST]


def _is_in(word: str, row: Instrument) -> bool:
    own = row.words.split()
    if any(one.startswith(word) for one in own):
        return True
    return bool(list_spellings(word)) and any(is_near(word, one) for one in own)
