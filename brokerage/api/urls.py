"""Addresses of the parents' API about banks, money, orders and accounts."""

from typing import Any

from django.urls import path

from brokerage.api import instruments

urlpatterns: list[Any] = [
    path(
        "instruments/search",
        instruments.SearchInstruments.as_view(),
        name="api-search-instruments",
    ),
    path(
        "instruments/<str:symbol>",
        instruments.InstrumentBySymbol.as_view(),
        name="api-instrument",
    ),
]
