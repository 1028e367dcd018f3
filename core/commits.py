"""Commits that need not wait for the disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def soon_durable() -> Iterator[None]:
    """Commit what is written inside without waiting until it is on disk.

    For what may be forgotten if PostgreSQL's machine dies within the next second: leases, nudges.
    It is never out of order: whatever is committed durably later has all of this before it. Inside
    somebody's transaction nothing is different, for their commit must wait.
    (https://www.postgresql.org/docs/current/wal-async-commit.html)
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        yield


def relaxing() -> str:
    """Return the same as a condition of one UPDATE that is its own transaction; it is always true.

    It saves three round trips. Inside somebody's transaction it does nothing.
    """
    if connection.in_atomic_block:
        return "TRUE"
    return "set_config('synchronous_commit', 'off', true) = 'off'"
