"""Finding shares by symbol or name, in our own catalogue."""

import unicodedata

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.http import Http404
from django.utils.translation import gettext as _

from brokerage.folding import Typed, is_near, list_spellings, read_typed
from brokerage.models import Instrument
from core.errors import Invalid
from core.paging import Part

MOST = 20
ORDER = ("rank", "length", "symbol")
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


def search_instruments(text: str, *, after: str = "", size: int = MOST) -> Part[Instrument]:
    """Return some shares, best first: the exact symbol, symbols that begin so, then names.

    :param after: the cursor of the part before, which is the symbol it ended with
    :raises Invalid: a cursor that is not of this search

    Every word typed must begin a word of the name or the symbol, or all of it together the name.
    Capitals, accents, punctuation, “and” and spaces do not matter; nothing typed is a wildcard.
    Where nothing is found, one slip in each longer word is forgiven.
    """
    typed = read_typed(text[:LONGEST])
    typed = Typed(typed.words[:WORDS], typed.whole)
    if not typed.words:
        return Part([])
    rows = list_allowed().alias(text=TEXT).filter(Q(text=_query(typed)) | _together(typed))
    ranked = rows.annotate(rank=_rank(typed), length=Length("symbol"))
    found = list(_beyond(ranked, after).order_by(*ORDER)[: size + 1])
    if not found and not after:
        found = _find_misspelled(typed)[: size + 1]
    last = found[size - 1].symbol if len(found) > size else ""
    return Part(found[:size], last)


def _beyond(ranked: QuerySet[Instrument], after: str) -> QuerySet[Instrument]:
    """Leave out what stands before a symbol, and that one."""
    if not after:
        return ranked
    place = None if "\0" in after else ranked.filter(symbol=after).values_list(*ORDER).first()
    if place is None:
        text = _("This place in the list is unknown. Begin at its top.")
        raise Invalid(text, code="cursor", fields={"cursor": text})
    rank, length, symbol = place
    same_rank = Q(length__gt=length) | Q(length=length, symbol__gt=symbol)
    return ranked.filter(Q(rank__gt=rank) | Q(rank=rank) & same_rank)


def get_instrument_or_404(symbol: str) -> Instrument:
    """Return one share a custodial account may hold, by its symbol however it is written."""
    found = find_symbol(symbol, among=list_allowed())
    if found is None:
        raise Http404
    return found


def find_symbol(symbol: str, *, among: QuerySet[Instrument]) -> Instrument | None:
    """Return the share of a symbol; `brk.b`, `BRK-B`, `BRK/B` and `BRKB` are one.

    A symbol written exactly so comes first; what could be two shares is none.
    """
    if not symbol:
        return None
    written = " ".join(unicodedata.normalize("NFKC", symbol).split()).upper().replace("\0", "")
    if exact := among.filter(symbol=written[:LONGEST]).first():
        return exact
    typed = read_typed(written[:LONGEST])
    if not typed.words or len(typed.words) > WORDS:
        return None
    near = among.alias(text=TEXT).filter(text=_query(typed))
    same = [row for row in near if row.symbol and read_typed(row.symbol).whole == typed.whole]
    return same[0] if len(same) == 1 else None


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
    return [row for row in candidates if all(_is_in(word, row) for word in words)]


def _is_in(word: str, row: Instrument) -> bool:
    own = row.words.split()
    if any(one.startswith(word) for one in own):
        return True
    return bool(list_spellings(word)) and any(is_near(word, one) for one in own)
