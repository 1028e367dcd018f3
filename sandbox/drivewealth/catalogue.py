"""The instruments on offer. Companies are real; every price is invented for the sandbox."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

NAMESPACE = uuid.UUID("5b1cf6a0-6a57-4d0e-9a8c-0d6a3f0b7a51")
SHARE_STEP = Decimal("0.00000001")


@dataclass(frozen=True)
class Instrument:
    """One line of the catalogue. A ``still`` price does not wander; orders are sized in shares."""

    symbol: str
    name: str
    exchange: str
    sector: str
    base_price: Decimal
    type: str = "EQUITY"
    status: str = "ACTIVE"
    still: bool = False
    order_min: Decimal = SHARE_STEP
    order_max: Decimal = Decimal(10_000_000)

    @property
    def id(self) -> str:
        return str(uuid.uuid5(NAMESPACE, self.symbol))


def _stock(symbol: str, name: str, exchange: str, sector: str, price: str) -> Instrument:
    return Instrument(symbol, name, exchange, sector, Decimal(price))


_STOCKS = (
    _stock("AAPL", "Apple Inc.", "XNAS", "Technology", "231.40"),
    _stock("ABNB", "Airbnb, Inc.", "XNAS", "Consumer Cyclical", "134.20"),
    _stock("ADBE", "Adobe Inc.", "XNAS", "Technology", "412.75"),
    _stock("AMD", "Advanced Micro Devices, Inc.", "XNAS", "Technology", "158.30"),
    _stock("AMZN", "Amazon.com, Inc.", "XNAS", "Consumer Cyclical", "218.65"),
    _stock("BA", "The Boeing Company", "XNYS", "Industrials", "204.10"),
    _stock("BRK.B", "Berkshire Hathaway Inc. Class B", "XNYS", "Financial Services", "489.20"),
    _stock("CMCSA", "Comcast Corporation", "XNAS", "Communication Services", "33.85"),
    _stock("COST", "Costco Wholesale Corporation", "XNAS", "Consumer Defensive", "962.40"),
    _stock("CROX", "Crocs, Inc.", "XNAS", "Consumer Cyclical", "88.15"),
    _stock("DIS", "The Walt Disney Company", "XNYS", "Communication Services", "112.95"),
    _stock("EA", "Electronic Arts Inc.", "XNAS", "Communication Services", "171.50"),
    _stock("F", "Ford Motor Company", "XNYS", "Consumer Cyclical", "11.62"),
    _stock("GIS", "General Mills, Inc.", "XNYS", "Consumer Defensive", "49.70"),
    _stock("GOOGL", "Alphabet Inc. Class A", "XNAS", "Communication Services", "205.30"),
    _stock("HAS", "Hasbro, Inc.", "XNAS", "Consumer Cyclical", "77.25"),
    _stock("HD", "The Home Depot, Inc.", "XNYS", "Consumer Cyclical", "389.60"),
    _stock("HSY", "The Hershey Company", "XNYS", "Consumer Defensive", "186.45"),
    _stock("INTC", "Intel Corporation", "XNAS", "Technology", "24.80"),
    _stock("JNJ", "Johnson & Johnson", "XNYS", "Healthcare", "172.30"),
    _stock("JPM", "JPMorgan Chase & Co.", "XNYS", "Financial Services", "291.15"),
    _stock("K", "Kellanova", "XNYS", "Consumer Defensive", "80.05"),
    _stock("KO", "The Coca-Cola Company", "XNYS", "Consumer Defensive", "69.90"),
    _stock("LULU", "Lululemon Athletica Inc.", "XNAS", "Consumer Cyclical", "201.35"),
    _stock("MAT", "Mattel, Inc.", "XNAS", "Consumer Cyclical", "18.55"),
    _stock("MCD", "McDonald's Corporation", "XNYS", "Consumer Cyclical", "304.20"),
    _stock("META", "Meta Platforms, Inc.", "XNAS", "Communication Services", "718.40"),
    _stock("MSFT", "Microsoft Corporation", "XNAS", "Technology", "498.10"),
    _stock("NFLX", "Netflix, Inc.", "XNAS", "Communication Services", "1184.60"),
    _stock("NKE", "NIKE, Inc.", "XNYS", "Consumer Cyclical", "73.45"),
    _stock("NTDOY", "Nintendo Co., Ltd. ADR", "OTCM", "Communication Services", "22.30"),
    _stock("NVDA", "NVIDIA Corporation", "XNAS", "Technology", "171.80"),
    _stock("PEP", "PepsiCo, Inc.", "XNAS", "Consumer Defensive", "141.65"),
    _stock("PG", "The Procter & Gamble Company", "XNYS", "Consumer Defensive", "157.75"),
    _stock("RBLX", "Roblox Corporation", "XNYS", "Communication Services", "104.85"),
    _stock("SBUX", "Starbucks Corporation", "XNAS", "Consumer Cyclical", "93.25"),
    _stock("SONY", "Sony Group Corporation ADR", "XNYS", "Technology", "26.40"),
    _stock("SPOT", "Spotify Technology S.A.", "XNYS", "Communication Services", "688.90"),
    _stock("T", "AT&T Inc.", "XNYS", "Communication Services", "27.95"),
    _stock("TGT", "Target Corporation", "XNYS", "Consumer Defensive", "103.55"),
    _stock("TSLA", "Tesla, Inc.", "XNAS", "Consumer Cyclical", "322.70"),
    _stock("UBER", "Uber Technologies, Inc.", "XNYS", "Technology", "92.60"),
    _stock("WMT", "Walmart Inc.", "XNYS", "Consumer Defensive", "97.35"),
)

_SPECIAL = (
    # The vendor's sandbox reads orders for HL by quantity as instructions; see magic.py.
    Instrument(
        "HL", "Hecla Mining Company", "XNYS", "Basic Materials", Decimal("6.00"), still=True
    ),
    Instrument("VOO", "Vanguard S&P 500 ETF", "ARCX", "Fund", Decimal("562.30"), type="ETF"),
    Instrument(
        "TESTHALT", "Test symbol: halted", "XNYS", "Test", Decimal("40.00"), status="HALTED"
    ),
    Instrument(
        "TESTCLOSE", "Test symbol: close only", "XNYS", "Test", Decimal("25.00"),
        status="CLOSE_ONLY",
    ),
    Instrument(
        "TESTGONE", "Test symbol: inactive", "XNYS", "Test", Decimal("10.00"), status="INACTIVE"
    ),
    Instrument("TESTFLAT", "Test symbol: price never moves", "XNYS", "Test", Decimal("32.00"),
               still=True),
    Instrument("TESTSIZE", "Test symbol: half a share to 100 an order", "XNYS", "Test",
               Decimal("20.00"), still=True, order_min=Decimal("0.5"), order_max=Decimal(100)),
)  # fmt: skip

CATALOGUE = {
    instrument.symbol: instrument
    for instrument in sorted(_STOCKS + _SPECIAL, key=lambda item: item.symbol)
}

# Rows of the real list that no order can name: a bond and a fund without a symbol, an option, two
# securities with one symbol. Answers have them as they are.
_UNUSUAL: tuple[dict[str, object], ...] = (
    {"name": "Test bond, 4.25 %, due 2034", "instrumentType": "DEBT", "CUSIP": "000000AB1"},
    {"symbol": None, "name": "Test global fund", "instrumentType": "MUTUAL_FUND"},
    {"symbol": "DIS   271217C00120000", "name": "Test option", "instrumentType": "OPTION"},
    {"symbol": "TESTTWIN", "name": "Test twins, ordinary shares", "instrumentType": "EQUITY"},
    {"symbol": "TESTTWIN", "name": "Test twins, when issued", "instrumentType": "EQUITY"},
)
UNUSUAL = tuple(
    {"id": str(uuid.uuid5(NAMESPACE, str(row["name"]))), "status": "ACTIVE"} | row
    for row in _UNUSUAL
)
BY_ID = {instrument.id: instrument for instrument in CATALOGUE.values()}
