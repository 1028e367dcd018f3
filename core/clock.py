"""The one place that asks what time it is. Operations never ask: time is passed in (`at=`)."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

NEW_YORK = ZoneInfo("America/New_York")


def now() -> datetime:
    """Return the present moment in UTC.

    Where `CLOCK_FILE` is set (the demo and tests; a system check refuses it in production) the
    moment is shifted by the seconds that file holds, so that the site follows the sandbox's clock.
    """
    moment = datetime.now(UTC)
    return moment + _offset(Path(settings.CLOCK_FILE)) if settings.CLOCK_FILE else moment


def today() -> date:
    """Return the day in New York, by which the exchange and the banks keep their calendars."""
    return now().astimezone(NEW_YORK).date()


def ticking(at: datetime) -> Callable[[], datetime]:
    """Return a clock that stands at `at` now and goes on from there.

    For who is told the time once and does much with it: a lease taken late in a round must not have
    begun with the round.
    """
    started = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - started)


def _offset(file: Path) -> timedelta:
    try:
        return timedelta(seconds=float(file.read_text()))
    except FileNotFoundError:
        return timedelta()
