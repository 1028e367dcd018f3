"""Invented prices: a function of symbol and world minute, unless the operator says otherwise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sandbox.drivewealth.catalogue import Instrument
from sandbox.state import State

# (minutes between anchors, how far an anchor lies off at most, in millionths of the base price)
WAVES = ((10_080, 40_000), (1_440, 12_000), (30, 3_000), (1, 300))
MILLION = 1_000_000
RAW = Decimal("0.0001")
CENT = Decimal("0.01")


@dataclass
class PriceMark:
    """From ``at`` on: a price that stands still, or the invented path, by a split's divisor."""

    symbol: str
    at: datetime
    price: Decimal | None
    divisor: Decimal


class PriceBook:
    """What every instrument costs at every moment. Prices before a mark stay what they were."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._marks = state.table("drivewealth.price_marks", PriceMark, "symbol")

    def raw(self, instrument: Instrument, at: datetime) -> Decimal:
        """Return the price orders are filled at, with the four decimals executions carry."""
        mark = self._mark(instrument, at)
        if mark is None:
            return _path(instrument, at).quantize(RAW, ROUND_HALF_UP)
        price = mark.price or _path(instrument, at) / mark.divisor
        return max(price.quantize(RAW, ROUND_HALF_UP), RAW)

    def quoted(self, instrument: Instrument, at: datetime) -> Decimal:
        """Return the price as it is shown, in cents."""
        return self.raw(instrument, at).quantize(CENT, ROUND_HALF_UP)

    def hold(self, instrument: Instrument, price: Decimal | None, at: datetime) -> None:
        """Let a price stand still from now on; None lets it wander on its path again."""
        mark = self._mark(instrument, at)
        self._add(instrument, at, price, mark.divisor if mark else Decimal(1))

    def split(self, instrument: Instrument, ratio: Decimal, at: datetime) -> None:
        """Divide the price by ``ratio`` from now on."""
        mark = self._mark(instrument, at)
        held, divisor = (mark.price, mark.divisor) if mark else (None, Decimal(1))
        self._add(instrument, at, held / ratio if held else None, divisor * ratio)

    def held(self) -> dict[str, Decimal]:
        """Return the prices that stand still by the operator's order."""
        last = {mark.symbol: mark.price for mark in self._marks}
        return {symbol: price for symbol, price in last.items() if price is not None}

    def _mark(self, instrument: Instrument, at: datetime) -> PriceMark | None:
        marks = self._marks.where("symbol", instrument.symbol)
        return next((mark for mark in reversed(marks) if mark.at <= at), None)

    def _add(
        self, instrument: Instrument, at: datetime, price: Decimal | None, divisor: Decimal
    ) -> None:
        key = str(self._state.next_number("drivewealth price mark"))
        self._marks.add(key, PriceMark(instrument.symbol, at, price, divisor))


def _path(instrument: Instrument, at: datetime) -> Decimal:
    """Return the invented price, which wanders gently."""
    if instrument.still:
        return instrument.base_price
    minute = int(at.timestamp()) // 60
    drift = sum(_wave(instrument.symbol, minute, *wave) for wave in WAVES)
    return instrument.base_price * (MILLION + drift) / MILLION


def _wave(symbol: str, minute: int, period: int, height: int) -> int:
    """Return the height of one wave: straight lines between anchors drawn from a hash."""
    step, within = divmod(minute, period)
    here, there = _anchor(symbol, period, step, height), _anchor(symbol, period, step + 1, height)
    return here + (there - here) * within // period


def _anchor(symbol: str, period: int, step: int, height: int) -> int:
    digest = hashlib.sha256(f"{symbol}:{period}:{step}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2 * height + 1) - height
