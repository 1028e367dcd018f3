"""Whose turn it is: what one process of all should do, and that not too often."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

TAKE = """
    INSERT INTO core_heartbeat AS last (name, at) VALUES (%(name)s, %(at)s)
    ON CONFLICT (name) DO UPDATE SET at = %(at)s WHERE last.at <= %(before)s
    RETURNING name
"""


def take_turn(name: str, *, every: timedelta, at: datetime) -> bool:
    """Say whether the caller is to do it now; then nobody is before `every` has passed.

    One statement decides, so of many processes that ask at once one gets the turn.
    """
    values: dict[str, Any] = {"name": name, "at": at, "before": at - every}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        return cursor.fetchone() is not None
