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


class InstrumentOut(serializers.Serializer[Any]):
    """`price` is the last one we know, in dollars; null while we know none."""

    symbol = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.SerializerMethodField()
    price = serializers.DecimalField(18, 6, allow_null=True)
    pricedAt = serializers.DateTimeField(source="priced_at", allow_null=True)

    def get_kind(self, instrument: Any) -> str:
        return str(instrument.kind).lower()


class InstrumentsOut(serializers.Serializer[Any]):
    instruments = InstrumentOut(many=True)


class SearchInstruments(ParentAPI):
    """The best twenty shares for what was typed; the first few with a fresh price."""

    @extend_schema(
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, description="Symbol or name")],
        responses=InstrumentsOut,
    )
    def get(self, request: Request) -> Response:
        found = search.search_instruments(request.query_params.get("q", ""))
        refresh_prices(found, at=clock.now())
        return Response(InstrumentsOut({"instruments": found}).data)


class InstrumentBySymbol(ParentAPI):
    """One share, with a fresh price."""

    @extend_schema(responses=InstrumentOut)
    def get(self, request: Request, symbol: str) -> Response:
        instrument = search.get_instrument_or_404(symbol)
        refresh_prices([instrument], at=clock.now())
        return Response(InstrumentOut(instrument).data)
