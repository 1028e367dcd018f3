"""Shares a custodial account may hold: found by symbol or name, or one by its symbol."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from brokerage import search
from brokerage.operations import refresh_prices
from core import clock
from core.api_lists import PartOut, get_next


class InstrumentOut(serializers.Serializer[Any]):
    """`price` is the last one we know, in dollars; null while we know none."""

    symbol = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.SerializerMethodField()
    price = serializers.DecimalField(18, 6, allow_null=True)
    pricedAt = serializers.DateTimeField(source="priced_at", allow_null=True)

    def get_kind(self, instrument: Any) -> str:
        return str(instrument.kind).lower()


class InstrumentsOut(PartOut):
    instruments = InstrumentOut(many=True)


class SearchInstruments(ParentAPI):
    """The shares for what was typed, the best first, twenty a part; the first few newly priced."""

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="Symbol or name"),
            OpenApiParameter(
                "cursor", OpenApiTypes.STR, description="From `next` of the part before"
            ),
        ],
        responses=InstrumentsOut,
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        part = search.search_instruments(asked.get("q", ""), after=asked.get("cursor", ""))
        refresh_prices(part.rows, at=clock.now())
        told = {"instruments": part.rows, "next": get_next(request, part)}
        return Response(InstrumentsOut(told).data)


class InstrumentBySymbol(ParentAPI):
    """One share, with a fresh price; `BRK.B` is found as `brk-b`, `BRK/B` and `BRKB` too."""

    @extend_schema(responses=InstrumentOut)
    def get(self, request: Request, symbol: str) -> Response:
        instrument = search.get_instrument_or_404(symbol)
        refresh_prices([instrument], at=clock.now())
        return Response(InstrumentOut(instrument).data)
