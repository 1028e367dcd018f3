"""The exchange's and the banks' days, against tables entered by hand and the broker's own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core import calendars
from core.clock import NEW_YORK
from sandbox import calendars as brokers_calendars

EXCHANGE_CLOSED = {
    2025: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    2026: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    2027: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
    2028: "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25",
}
CLOSES_AT_ONE = {
    2025: "07-03 11-28 12-24",
    2026: "11-27 12-24",
    2027: "11-26",
    2028: "07-03 11-24",
}
BANKS_CLOSED = {
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-23 12-25",
}
YEARS = sorted(EXCHANGE_CLOSED)


def days_of(table: dict[int, str], year: int) -> list[date]:
    return [date.fromisoformat(f"{year}-{day}") for day in table[year].split()]


def weekdays_of(year: int) -> list[date]:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [day for day in days if day.year == year and day.weekday() < 5]


def in_new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize("year", YEARS)
def test_the_exchange_is_closed_on_exactly_the_days_it_announced(year: int) -> None:
    closed = [day for day in weekdays_of(year) if not calendars.is_trading_day(day)]

    assert closed == days_of(EXCHANGE_CLOSED, year)


@pytest.mark.parametrize("year", YEARS)
def test_the_exchange_closes_at_one_on_exactly_the_days_it_announced(year: int) -> None:
    sessions = [calendars.session_on(day) for day in weekdays_of(year)]

    early = [s.on for s in sessions if s and s.closes_at.astimezone(NEW_YORK).hour == 13]

    assert early == days_of(CLOSES_AT_ONE, year)


@pytest.mark.parametrize("year", YEARS)
def test_banks_rest_on_exactly_the_federal_reserves_days(year: int) -> None:
    closed = [day for day in weekdays_of(year) if not calendars.is_banking_day(day)]

    assert closed == days_of(BANKS_CLOSED, year)


def test_our_calendars_agree_with_the_brokers_on_every_day() -> None:
    day = date(2025, 1, 1)
    while day < date(2028, 12, 20):
        ours, theirs = calendars.session_on(day), brokers_calendars.session_on(day)

        assert (ours is None) == (theirs is None), day
        if ours and theirs:
            assert (ours.opens_at, ours.closes_at) == (theirs.opens, theirs.closes), day
        assert calendars.is_banking_day(day) == brokers_calendars.is_banking_day(day), day
        assert calendars.add_banking_days(day, 4) == brokers_calendars.banking_days_after(day, 4)
        day += timedelta(days=1)


def test_an_order_at_any_hour_of_four_years_falls_into_the_brokers_session() -> None:
    moment = datetime(2025, 1, 1, 5, 7, tzinfo=UTC)
    while moment.year < 2028:
        ours, theirs = (
            calendars.session_at_or_after(moment),
            brokers_calendars.session_for(moment),
        )

        assert (ours.opens_at, ours.closes_at) == (theirs.opens, theirs.closes), moment
        moment += timedelta(hours=7)


@pytest.mark.parametrize(
    ("day", "exchange_open", "banks_open"),
    [
        ("2026-10-12", True, False),  # Columbus Day
        ("2026-11-11", True, False),  # Veterans Day
        ("2026-04-03", False, True),  # Good Friday
        ("2026-07-03", False, True),  # Independence Day falls on a Saturday
        ("2027-12-24", False, True),  # Christmas falls on a Saturday
        ("2027-06-18", False, True),  # Juneteenth falls on a Saturday
        ("2027-07-05", False, False),  # Independence Day falls on a Sunday
        ("2027-12-31", True, True),  # New Year's Day falls on a Saturday and moves nowhere
        ("2025-01-09", False, True),  # a day of mourning
        ("2026-11-26", False, False),  # Thanksgiving
        ("2026-11-28", False, False),  # a Saturday
    ],
)
def test_the_two_calendars_differ_where_they_should(
    day: str, exchange_open: bool, banks_open: bool
) -> None:
    on = date.fromisoformat(day)

    assert calendars.is_trading_day(on) is exchange_open
    assert calendars.is_banking_day(on) is banks_open


@pytest.mark.parametrize(
    ("traded", "settled"),
    [
        ("2026-11-16", "2026-11-17"),  # the next day
        ("2026-11-20", "2026-11-23"),  # over a weekend
        ("2026-11-10", "2026-11-12"),  # the exchange trades on Veterans Day, nothing settles
        ("2026-11-11", "2026-11-12"),  # traded on Veterans Day
        ("2026-10-09", "2026-10-13"),  # over Columbus Day
        ("2026-04-02", "2026-04-06"),  # over Good Friday, when banks are open
        ("2026-07-02", "2026-07-06"),
        ("2027-12-23", "2027-12-27"),
        ("2026-11-25", "2026-11-27"),  # a short day settles like any other
        ("2026-12-31", "2027-01-04"),
    ],
)
def test_a_trade_settles_on_the_next_day_both_are_open(traded: str, settled: str) -> None:
    assert calendars.settles_on(date.fromisoformat(traded)) == date.fromisoformat(settled)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-16", 4, "2026-11-20"),
        ("2026-11-09", 4, "2026-11-16"),  # over Veterans Day
        ("2026-10-08", 4, "2026-10-15"),  # over Columbus Day
        ("2026-04-02", 1, "2026-04-03"),  # Good Friday counts for banks
        ("2026-06-30", 3, "2026-07-03"),  # and so does 3 July 2026
        ("2026-11-21", 1, "2026-11-23"),  # from a Saturday
        ("2026-11-16", 0, "2026-11-16"),
        ("2026-11-21", 0, "2026-11-23"),  # no days, yet it must be a banking day
        ("2026-12-24", 1, "2026-12-28"),
    ],
)
def test_banking_days_are_counted_over_holidays(start: str, days: int, end: str) -> None:
    assert calendars.add_banking_days(date.fromisoformat(start), days) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("sent", "session"),
    [
        ("2026-11-16 09:00:00", "2026-11-16"),  # before the opening
        ("2026-11-16 15:59:59", "2026-11-16"),  # in the last second
        ("2026-11-16 16:00:00", "2026-11-17"),  # at the close
        ("2026-11-27 12:59:59", "2026-11-27"),  # a short day
        ("2026-11-27 13:00:00", "2026-11-30"),
        ("2026-04-02 16:00:00", "2026-04-06"),  # over Good Friday
        ("2026-07-03 12:00:00", "2026-07-06"),
        ("2027-12-23 16:00:00", "2027-12-27"),
        ("2026-11-10 16:00:00", "2026-11-11"),  # Veterans Day has a session
        ("2026-11-16 23:59:59", "2026-11-17"),  # the next day in UTC, still this one here
    ],
)
def test_an_order_is_executed_in_the_session_at_or_after_it(sent: str, session: str) -> None:
    found = calendars.session_at_or_after(in_new_york(sent))

    assert found.on == date.fromisoformat(session)


@pytest.mark.parametrize(
    ("day", "opens_in_utc"),
    [
        ("2026-03-06", 14),  # the Friday before clocks go forward
        ("2026-03-09", 13),  # the Monday after
        ("2026-10-30", 13),
        ("2026-11-02", 14),  # the Monday after clocks go back
    ],
)
def test_the_opening_follows_new_yorks_clocks(day: str, opens_in_utc: int) -> None:
    session = calendars.session_on(date.fromisoformat(day))

    assert session is not None
    assert (session.opens_at.hour, session.opens_at.minute) == (opens_in_utc, 30)
    assert session.closes_at - session.opens_at == timedelta(hours=6, minutes=30)


def test_a_trade_that_settles_later_counts_days_both_are_open() -> None:
    wednesday = date(2026, 11, 25)  # Thanksgiving follows, then a half day and a weekend

    assert calendars.settles_on(wednesday, 2) == date(2026, 11, 30)
    assert calendars.settles_on(wednesday, 0) == wednesday
