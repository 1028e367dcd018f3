"""Invented prices: a function of symbol and world minute only, wandering gently."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sandbox.drivewealth.catalogue import Instrument

# (minutes between anchors, how far an anchor lies off at most, in millionths of the base price)
WAVES = ((10_080, 40_000), (1_440, 12_000), (30, 3_000), (1, 300))
MILLION = 1_000_000
RAW = Decimal("0.0001")
CENT = Decimal("0.01")


def raw_price(instrument: Instrument, at: datetime) -> Decimal:
    """Return the price orders are filled at, with the four decimals executions carry."""
    if instrument.still:
        return instrument.base_price.quantize(RAW)
    minute = int(at.timestamp()) // 60
    drift = sum(_wave(instrument.symbol, minute, *wave) for wave in WAVES)
    price = instrument.base_price * (MILLION + drift) / MILLION
    return price.quantize(RAW, ROUND_HALF_UP)


def quoted_price(instrument: Instrument, at: datetime) -> Decimal:
    """Return the price as it is shown, in cents."""
    return raw_price(instrument, at).quantize(CENT, ROUND_HALF_UP)


def _wave(symbol: str, minute: int, period: int, height: int) -> int:
    """Return the height of one wave: straight lines between anchors drawn from a hash."""
    step, within = divmod(minute, period)
    here, there = _anchor(symbol, period, step, height), _anchor(symbol, period, step + 1, height)
    return here + (there - here) * within // period


def _anchor(symbol: str, period: int, step: int, height: int) -> int:
    digest = hashlib.sha256(f"{symbol}:{period}:{step}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2 * height + 1) - height
