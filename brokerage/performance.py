"""How an account did over a period, against the money put into it.

Gain in dollars is what it is worth now, less what it was worth then, less what was put in between.
Gain in percent is the modified Dietz return (CFA Institute, Global Investment Performance
Standards): the gain over the money that was at work, each payment weighted by the share of the
period it was there for. Payments count from the morning of their day.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal("0.00")
A_DAY = timedelta(days=1)


class Period(StrEnum):
    MONTH = "1M"
    QUARTER = "3M"
    YEAR = "1Y"
    ALL = "all"


MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


@dataclass(frozen=True)
class Day:
    """What an account was worth in the evening of a day, and all money put in up to then."""

    on: date
    value: Decimal
    paid_in: Decimal


@dataclass(frozen=True)
class Performance:
    """What came of a period that began in the evening of `since`.

    `percent` is in percent, None where no money was at work. `shorter`: the account is younger than
    the period asked for. `days` are the evenings with a value, `since` itself first.
    """

    period: Period
    since: date
    until: date
    value_then: Decimal
    value_now: Decimal
    put_in: Decimal
    percent: Decimal | None
    shorter: bool
    days: list[Day]

    @property
    def gain(self) -> Decimal:
        return self.value_now - self.value_then - self.put_in


def begin(period: Period, today: date) -> date | None:
    """Return the day in whose evening a period began that ends today; None for the whole time."""
    months = MONTHS.get(period)
    if months is None:
        return None
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def measure(days: Sequence[Day], period: Period, *, today: date) -> Performance | None:
    """Measure a period that ends today; None where there is no day with money in it.

    A day without a value (weekends, holidays) has that of the last one before it.

    :param days: in order of time, from the first on
    """
    funded = [day for day in days if day.value or day.paid_in]
    if not funded:
        return None
    kept = [day for day in days if day.on >= funded[0].on]
    wanted = begin(period, today)
    before = [day for day in kept if wanted and day.on <= wanted]
    if before and wanted:
        first = Day(wanted, before[-1].value, before[-1].paid_in)
    else:
        first = Day(kept[0].on - A_DAY, ZERO, ZERO)
    within = [day for day in kept if day.on > first.on]
    last = within[-1] if within else first
    return Performance(
        period=period,
        since=first.on,
        until=max(today, first.on),
        value_then=first.value,
        value_now=last.value,
        put_in=last.paid_in - first.paid_in,
        percent=modified_dietz(first, within, until=max(today, last.on)),
        shorter=wanted is not None and not before,
        days=[first, *within],
    )


def modified_dietz(first: Day, days: Sequence[Day], *, until: date) -> Decimal | None:
    """Return the return in percent from the evening of `first` to that of `until`.

    None where no money was at work, or more was taken out than was there.
    """
    length = (until - first.on).days
    if not days or length <= 0:
        return None
    at_work, paid_in = first.value, first.paid_in
    for day in days:
        there_for = (until - day.on).days + 1
        at_work += (day.paid_in - paid_in) * there_for / length
        paid_in = day.paid_in
    gain = days[-1].value - first.value - (paid_in - first.paid_in)
    return gain * 100 / at_work if at_work > 0 else None
