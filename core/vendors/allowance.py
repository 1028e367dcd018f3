"""How often something may be done, agreed upon by every process of every machine."""

import random
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core.vendors import budget
from core.vendors.answers import Unavailable

TAKE = """
    INSERT INTO core_vendorallowance AS held (name, taken)
    VALUES (%(name)s, ARRAY[coalesce(%(at)s, clock_timestamp())])
    ON CONFLICT (name) DO UPDATE
    SET taken = (held.taken || coalesce(%(at)s, clock_timestamp()))
                [greatest(1, cardinality(held.taken) + 2 - %(most)s):]
    WHERE cardinality(held.taken) < %(most)s
       OR held.taken[cardinality(held.taken) + 1 - %(most)s]
          <= coalesce(%(at)s, clock_timestamp()) - %(period)s
    RETURNING taken[cardinality(taken)]
"""
WAIT = """
    SELECT extract(epoch FROM taken[cardinality(taken) + 1 - %(most)s] + %(period)s
                              - coalesce(%(at)s, clock_timestamp()))
    FROM core_vendorallowance WHERE name = %(name)s
"""
# One only: others may have taken at the same moment.
GIVE_BACK = """
    UPDATE core_vendorallowance
    SET taken = taken[:array_position(taken, %(at)s) - 1]
                || taken[array_position(taken, %(at)s) + 1:]
    WHERE name = %(name)s AND %(at)s = ANY(taken)
"""
SHORTEST_WAIT = 0.01


class Allowance:
    """`most` takings in any `period`: a sliding window over the moments of the last ones.

    One statement takes and decides. PostgreSQL looks at the row again once it has its lock, so the
    count is exact under any number of parallel starts. It must run outside the caller's
    transactions (`Door` refuses to be called inside one): a lock held on would stop everybody.
    """

    def __init__(self, name: str, *, most: int, period: timedelta) -> None:
        self.name = name
        self.most = most
        self.period = period

    def take(self, at: datetime | None = None) -> float:
        """Take one; return 0, or in how many seconds the next will be free.

        :param at: the moment; by default the database's, on which all machines agree
        """
        values: dict[str, Any] = {
            "name": self.name,
            "most": self.most,
            "period": self.period,
            "at": at,
        }
        with connection.cursor() as cursor:
            cursor.execute(TAKE, values)
            if cursor.fetchone():
                return 0.0
            cursor.execute(WAIT, values)
            row = cursor.fetchone()
        return max(float(row[0]) if row and row[0] is not None else 0.0, SHORTEST_WAIT)

    def give_back(self, at: datetime) -> None:
        """Return what was taken at a moment and not used."""
        with connection.cursor() as cursor:
            cursor.execute(
                GIVE_BACK,
                {"at": at, "name": self.name},
            )


class Pace:
    """At most so many calls a second under one name; a caller waits its turn for two seconds."""

    PATIENCE = 2.0
    MARGIN = timedelta(milliseconds=100)  # calls leave evenly, and may arrive closer together

    def __init__(self, name: str, *, per_second: int) -> None:
        self.name = name
        self._allowance = Allowance(
            f"pace:{name}", most=per_second, period=timedelta(seconds=1) + self.MARGIN
        )

    def wait(self) -> None:
        """Return when a call may go out.

        :raises Unavailable: not within two seconds
        """
        rest = budget.left()
        deadline = time.monotonic() + min(self.PATIENCE, self.PATIENCE if rest is None else rest)
        while seconds := self._allowance.take():
            if time.monotonic() + seconds > deadline:
                raise Unavailable(
                    f"{self.name}: too many calls a second",
                    retry_after=seconds + random.uniform(0, self.PATIENCE),  # noqa: S311
                    sent=False,
                )
            time.sleep(seconds)
