"""The two calendars: New York Stock Exchange sessions and Federal Reserve banking days.

They differ: on Columbus Day the exchange trades and banks rest, on Good Friday the reverse.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from core.clock import NEW_YORK

OPENS = time(9, 30)
CLOSES = time(16, 0)
CLOSES_EARLY = time(13, 0)


@dataclass(frozen=True)
class Session:
    """One trading day of the exchange; both moments in UTC."""

    on: date
    opens_at: datetime
    closes_at: datetime


def is_banking_day(day: date) -> bool:
    """Say whether the Federal Reserve settles ACH on this day (frbservices.org holiday schedule).

    A holiday that falls on a Saturday is not moved to the Friday; one on a Sunday moves to Monday.
    """
    return day.weekday() < 5 and day not in _bank_holidays()


def is_trading_day(day: date) -> bool:
    """Say whether the exchange opens on this day (nyse.com, hours and calendars)."""
    return day.weekday() < 5 and day not in _exchange_holidays()


def add_banking_days(day: date, days: int) -> date:
    """Return the banking day that lies `days` (≥ 0) banking days after `day`."""
    while days > 0 or not is_banking_day(day):
        day += timedelta(days=1)
        days -= is_banking_day(day)
    return day


def settles_on(traded_on: date, days: int = 1) -> date:
    """Return the settlement day of a trade: T+`days`, counted in days of both calendars.

    A US equity settles on T+1 since 28 May 2024 (SEC Rule 15c6-1).
    """
    day = traded_on
    while days > 0:
        day += timedelta(days=1)
        days -= is_trading_day(day) and is_banking_day(day)
    return day


def session_on(day: date) -> Session | None:
    """Return the exchange's session of a day, or None where it stays closed."""
    if not is_trading_day(day):
        return None
    closes = CLOSES_EARLY if day in _early_closes() else CLOSES
    return Session(day, _in_utc(day, OPENS), _in_utc(day, closes))


def session_at_or_after(moment: datetime) -> Session:
    """Return the session that an order sent at `moment` is executed in."""
    day = moment.astimezone(NEW_YORK).date()
    while (session := session_on(day)) is None or session.closes_at <= moment:
        day += timedelta(days=1)
    return session


def last_close(moment: datetime) -> datetime:
    """Return when the exchange last closed, at `moment` or before."""
    day = moment.astimezone(NEW_YORK).date()
    while (session := session_on(day)) is None or session.closes_at > moment:
        day -= timedelta(days=1)
    return session.closes_at


def _in_utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, NEW_YORK).astimezone(UTC)


@cache
def _exchange_holidays() -> Container[date]:
    import holidays  # 45 MB, hence only where a calendar is really asked

    return holidays.financial_holidays("NYSE")


@cache
def _early_closes() -> Container[date]:
    import holidays

    return holidays.financial_holidays("NYSE", categories=(holidays.HALF_DAY,))


@cache
def _bank_holidays() -> Container[date]:
    import holidays

    return holidays.financial_holidays("XFED")
