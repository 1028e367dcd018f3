"""Birthdays as people type them, where the browser has no calendar of its own."""

import calendar
import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.typed import DASHES, tidy_text

ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
MONTH_FIRST = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})")
EIGHT_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
NAMED = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
DAY_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? ([0-9]{4})")


def read_birthday(value: str, *, today: date) -> date:
    """Return the day: month first as in the US, or as the calendar sends it (1985-06-15).

    Of a year in two digits the last one that lies behind us is meant.

    :raises ValidationError: no day, or one that can not be told for sure
    """
    text = tidy_text(value).translate(DASHES).casefold()
    year, month, day = _take_apart(text)
    if year < 100:
        year += 100 * (today.year // 100)
        year -= 100 if (year, month, day) > (today.year, today.month, today.day) else 0
    if month > 12 and day <= 12:
        raise ValidationError(
            _("Write the month first: %s.") % f"{day:02d}/{month:02d}/{year}", code="month_first"
        )
    if not 1 <= month <= 12 or not 1 <= year <= 9999:
        raise _unreadable()
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        name = _(calendar.month_name[month])
        raise ValidationError(_("%(month)s %(year)d has no day %(day)d.") % {
            "month": name, "year": year, "day": day,
        }, code="no_such_day")  # fmt: skip
    return date(year, month, day)


def _take_apart(text: str) -> tuple[int, int, int]:
    """Return year, month and day as they are written."""
    if found := ISO.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := MONTH_FIRST.fullmatch(text) or EIGHT_DIGITS.fullmatch(text):
        return int(found[3]), int(found[1]), int(found[2])
    if found := NAMED.fullmatch(text):
        return int(found[3]), _month(found[1]), int(found[2])
    if found := DAY_NAMED.fullmatch(text):
        return int(found[3]), _month(found[2]), int(found[1])
    raise _unreadable()


def _month(name: str) -> int:
    names = [one.casefold() for one in calendar.month_name]
    found = [number for number, one in enumerate(names) if number and one.startswith(name[:9])]
    if not found:
        raise _unreadable()
    return found[0]


def _unreadable() -> ValidationError:
    return ValidationError(_("Enter a day, like 06/15/1985."), code="invalid")
