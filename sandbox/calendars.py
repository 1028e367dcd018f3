"""When the exchange trades and when banks settle, in New York time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.closures import (
    BANKS_CLOSED,
    EXCHANGE_CLOSED,
    EXCHANGE_CLOSES_AT_ONE,
    FIRST_YEAR,
    LAST_YEAR,
)

NEW_YORK = ZoneInfo("America/New_York")
OPENS = time(9, 30)
CLOSES = time(16, 0)
CLOSES_EARLY = time(13, 0)
ACH_SETTLES = time(10, 0)
# A return reaches the broker before that day's credits are booked.
ACH_RETURNS = time(9, 0)
SATURDAY = 5

# A resting order may live 90 days and a queued one may need the session after a long weekend:
# the clock stops early enough that neither looks past the tables.
WORLD_ENDS = datetime(LAST_YEAR, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Session:
    """One day's regular trading hours, in UTC."""

    opens: datetime
    closes: datetime


def new_york_day(at: datetime) -> date:
    return at.astimezone(NEW_YORK).date()


def session_on(day: date) -> Session | None:
    """Return the exchange's session on ``day``, or None when it is shut."""
    _check_known(day)
    if day.weekday() >= SATURDAY or day in EXCHANGE_CLOSED:
        return None
    closes = CLOSES_EARLY if day in EXCHANGE_CLOSES_AT_ONE else CLOSES
    return Session(at_hour(day, OPENS), at_hour(day, closes))


def is_market_open(at: datetime) -> bool:
    session = session_on(new_york_day(at))
    return session is not None and session.opens <= at < session.closes


def session_for(at: datetime) -> Session:
    """Return the session running at ``at``, or else the next one."""
    day = new_york_day(at)
    while True:
        session = session_on(day)
        if session is not None and at < session.closes:
            return session
        day += timedelta(days=1)


def next_market_open(at: datetime) -> datetime:
    """Return the first opening strictly after ``at``."""
    session = session_for(at)
    return session.opens if session.opens > at else session_for(session.closes).opens


def next_market_close(at: datetime) -> datetime:
    """Return the first close strictly after ``at``."""
    return session_for(at).closes


def trade_settlement(traded: datetime) -> datetime:
    """Return when a trade's cash settles: T+1, the next session on which the banks work too."""
    day = new_york_day(traded)
    while True:
        day += timedelta(days=1)
        session = session_on(day)
        if session is not None and is_banking_day(day):
            return session.opens


def is_banking_day(day: date) -> bool:
    _check_known(day)
    return day.weekday() < SATURDAY and day not in BANKS_CLOSED


def banking_days_after(day: date, count: int) -> date:
    """Return the ``count``-th banking day after ``day``, which itself is not counted."""
    while count > 0:
        day += timedelta(days=1)
        if is_banking_day(day):
            count -= 1
    return day


def ach_settlement(created: datetime, banking_days: int) -> datetime:
    """Return when an ACH debit created at ``created`` becomes cash."""
    return at_hour(banking_days_after(new_york_day(created), banking_days), ACH_SETTLES)


def ach_return(created: datetime, banking_days: int) -> datetime:
    """Return when a bank's return on the given banking day after ``created`` arrives."""
    return at_hour(banking_days_after(new_york_day(created), banking_days), ACH_RETURNS)


def next_banking_morning(at: datetime) -> datetime:
    """Return the settlement hour of the first banking day after today."""
    return at_hour(banking_days_after(new_york_day(at), 1), ACH_SETTLES)


def at_hour(day: date, hour: time) -> datetime:
    """Return the moment, in UTC, of an hour in New York."""
    return datetime.combine(day, hour, NEW_YORK).astimezone(UTC)


def _check_known(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise LookupError(f"the sandbox knows the calendars of {FIRST_YEAR}-{LAST_YEAR} only")
