"""Reading a list whole, page by page, whatever part of it the vendor shows at a time.

Two kinds (developer.drivewealth.com, Pagination, and List Account Deposits): payments go on after
the last one's identifier, ledgers and histories from a moment. What can not be gone through to its
end is no answer: half a list must not be taken for all of it. Rows nobody can read are kept as they
came.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from brokerage.drivewealth import schemas
from core.vendors import Unavailable

Fetch = Callable[[dict[str, str]], list[Any]]

SHORTEST = 25  # of the pages anybody documents: a shorter one is the last
PAYMENTS = 100  # as many as one page of payments may have
ROWS = 500
MOST_ROWS = 16_000
INSTANT = timedelta(milliseconds=1)  # as finely as moments are told


def read_payments(fetch: Fetch, *, names: Sequence[str]) -> list[Any]:
    """Return every payment of a list, each once.

    :param names: under which a row's identifier may come
    :raises Unavailable: the pages do not go on
    """
    found: dict[str, Any] = {}
    after: dict[str, str] = {}
    while True:
        page = fetch({"limit": str(PAYMENTS)} | after)
        fresh = _add(found, page, names)
        if len(page) < SHORTEST or (not fresh and len(page) > PAYMENTS):
            return list(found.values())  # the last page; or a list that has no pages
        last = next((name for row in reversed(page) if (name := _name(row, names))), "")
        if not fresh or not last:
            raise Unavailable("DriveWealth shows the same page of payments again")
        after = {"offset": last}


def read_period(
    fetch: Fetch,
    *,
    names: Sequence[str],
    moments: Sequence[str],
    since: datetime,
    until: datetime,
) -> list[Any]:
    """Return every row of a period, each once.

    The next page begins a millisecond before the last row, for rows of one moment may be parted and
    nobody says whether the row at the offset is repeated.

    :param names: under which a row's identifier may come
    :param moments: under which a row's moment may come
    :raises Unavailable: the pages do not go on
    """
    found: dict[str, Any] = {}
    period = {"from": since.isoformat(), "to": until.isoformat(), "direction": "next"}
    after: dict[str, str] = {}
    limit = ROWS
    while True:
        page = fetch(period | {"limit": str(limit)} | after)
        fresh = _add(found, page, names)
        if len(page) < SHORTEST or (not fresh and len(page) < limit):
            return list(found.values())
        last = max((at for row in page if (at := _moment(row, moments))), default=None)
        if fresh and last is not None:
            after = {"offset": (last - INSTANT).isoformat(timespec="milliseconds")}
        elif limit < MOST_ROWS:
            limit *= 2  # more rows of one moment, or without one, than a page has
        else:
            raise Unavailable("DriveWealth shows the same page of a period again")


def _add(found: dict[str, Any], page: list[Any], names: Sequence[str]) -> bool:
    """Add the rows that are not there yet; say whether there were any."""
    before = len(found)
    for row in page:
        found.setdefault(_name(row, names) or repr(row), row)
    return len(found) > before


def _name(row: Any, names: Sequence[str]) -> str:
    if not isinstance(row, dict):
        return ""
    return next((str(row[name]) for name in names if row.get(name)), "")


def _moment(row: Any, names: Sequence[str]) -> datetime | None:
    return schemas.moment(row, *names) if isinstance(row, dict) else None
