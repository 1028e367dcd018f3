"""Days the New York Stock Exchange and the Federal Reserve Banks keep shut, 2025 to 2028.

Entered by hand. Exchange: the NYSE's "Holidays and Trading Hours" page and its group releases of
the yearly calendars (nyse.com/markets/hours-calendars), with the day of mourning of 9 January
2025. Banks: the Federal Reserve's "Holidays Observed" table (frbservices.org); a holiday on a
Saturday is not moved there, one on a Sunday moves to Monday. The exchange moves Saturday to
Friday instead, except New Year's Day, hence the two lists differ.
"""

from __future__ import annotations

from datetime import date

FIRST_YEAR = 2025
LAST_YEAR = 2028


def _days(year: int, *month_days: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"{year}-{month_day}") for month_day in month_days)


EXCHANGE_CLOSED: frozenset[date] = (
    _days(
        2025, "01-01", "01-09", "01-20", "02-17", "04-18", "05-26", "06-19", "07-04", "09-01",
        "11-27", "12-25",
    )
    | _days(
        2026, "01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26",
        "12-25",
    )
    | _days(
        2027, "01-01", "01-18", "02-15", "03-26", "05-31", "06-18", "07-05", "09-06", "11-25",
        "12-24",
    )
    | _days(2028, "01-17", "02-21", "04-14", "05-29", "06-19", "07-04", "09-04", "11-23", "12-25")
)  # fmt: skip

EXCHANGE_CLOSES_AT_ONE: frozenset[date] = (
    _days(2025, "07-03", "11-28", "12-24")
    | _days(2026, "11-27", "12-24")
    | _days(2027, "11-26")
    | _days(2028, "07-03", "11-24")
)

BANKS_CLOSED: frozenset[date] = (
    _days(
        2025, "01-01", "01-20", "02-17", "05-26", "06-19", "07-04", "09-01", "10-13", "11-11",
        "11-27", "12-25",
    )
    | _days(
        2026, "01-01", "01-19", "02-16", "05-25", "06-19", "09-07", "10-12", "11-11", "11-26",
        "12-25",
    )
    | _days(
        2027, "01-01", "01-18", "02-15", "05-31", "07-05", "09-06", "10-11", "11-11", "11-25",
    )
    | _days(
        2028, "01-17", "02-21", "05-29", "06-19", "07-04", "09-04", "10-09", "11-23", "12-25",
    )
)  # fmt: skip
