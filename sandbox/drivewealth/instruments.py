"""Instruments and quotes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.catalogue import BY_ID, CATALOGUE, SHARE_STEP, UNUSUAL, Instrument
from sandbox.drivewealth.errors import Refusal
from sandbox.wire import iso

CENT = Decimal("0.01")


def find_instrument(symbol_or_id: str) -> Instrument:
    instrument = CATALOGUE.get(symbol_or_id.upper()) or BY_ID.get(symbol_or_id)
    if instrument is None:
        raise Refusal("I050").naming("symbol", detail=f"no instrument {symbol_or_id[:40]}")
    return instrument


def list_instruments(broker: Broker, call: Call) -> list[dict[str, Any]]:
    """Return the whole catalogue; the vendor has no paging and no text search."""
    status = call.query.get("status", "")
    rows = [*(_row(item) for item in CATALOGUE.values()), *UNUSUAL]
    return [row for row in rows if status in ("", row["status"])]


def get_instrument(broker: Broker, call: Call) -> dict[str, Any]:
    instrument = find_instrument(call.path["instrument_id"])
    details = _row(instrument) | {
        "orderSizeMin": instrument.order_min,
        "orderSizeMax": instrument.order_max,
        "orderSizeStep": SHARE_STEP,
        "settlementDays": 1,
        "close": broker.prices.quoted(instrument, broker.now() - timedelta(days=1)),
    }
    if call.query.get("options") == "Fundamentals":
        details |= {"sector": instrument.sector, "longOnly": True, "fundamentalDataModel": {}}
    return details


def list_quotes(broker: Broker, call: Call) -> list[dict[str, Any]]:
    """Return a quote for every known symbol asked for; unknown ones are left out."""
    symbols = [symbol.strip().upper() for symbol in call.query.get("symbols", "").split(",")]
    if not any(symbols):
        raise Refusal("E030").naming("symbols", "ARRAY", "symbols is required")
    known = [CATALOGUE[symbol] for symbol in symbols if symbol in CATALOGUE]
    if not known:
        raise Refusal("Q050")
    return [_quote(broker, instrument) for instrument in known]


def _row(instrument: Instrument) -> dict[str, Any]:
    return {
        "id": instrument.id,
        "symbol": instrument.symbol,
        "name": instrument.name,
        "description": f"{instrument.name}, as the sandbox knows it.",
        "instrumentType": "EQUITY",
        # Deprecated by the vendor, yet the only field that tells an ETF from a stock.
        "type": instrument.type,
        "exchange": instrument.exchange,
        "status": instrument.status,
        "sector": instrument.sector,
        "ISIN": None,
        "CUSIP": None,
        "isOptionsEnabled": False,
    }


def _quote(broker: Broker, instrument: Instrument) -> dict[str, Any]:
    now = broker.now()
    last = broker.prices.quoted(instrument, now)
    before = broker.prices.quoted(instrument, now - timedelta(days=1))
    hours = [broker.prices.quoted(instrument, now - timedelta(hours=hour)) for hour in range(7)]
    halted = instrument.status == "HALTED"
    return {
        "symbol": instrument.symbol,
        "bid": last - CENT,
        "ask": last + CENT,
        "lastTrade": last,
        "change": last - before,
        "open": hours[-1],
        "high": max(hours),
        "low": min(hours),
        "close": last,
        "priorClose": before,
        "volume": int(broker.prices.raw(instrument, now) * 10_000),
        "marketCondition": "TRADING_HALT" if halted else "NORMAL",
        "dataProvider": "SANDBOX",
        "timestamp": iso(now),
    }
