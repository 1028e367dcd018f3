"""`manage.py migrate`, which gives up where another session holds a table, and says whose it is.

While a migration waits for a table, everybody who comes later waits behind it, readers included.
"""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections

from core.outages import sqlstate_of

LOCKED = "55P03"
# Who works the longest, of those who hold what a migration would need.
HOLDERS = """
    SELECT s.pid, coalesce(nullif(s.application_name, ''), s.usename), s.state,
           date_trunc('second', clock_timestamp() - s.xact_start)::text
    FROM pg_stat_activity s
    WHERE s.datname = current_database() AND s.pid <> pg_backend_pid()
      AND EXISTS (SELECT FROM pg_locks l
                  WHERE l.pid = s.pid AND l.granted AND l.locktype = 'relation')
    ORDER BY s.xact_start NULLS LAST LIMIT 5
"""


class Command(Migrate):
    help = f"{Migrate.help} Gives up where a table stays locked by somebody else."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if sqlstate_of(error) != LOCKED:
                raise
            raise CommandError(self._explain(options["database"])) from error

    def _explain(self, database: str) -> str:
        with connections[database].cursor() as cursor:
            cursor.execute(HOLDERS)
            holders = [
                f"  process {pid} ({name}), {state}, for {since}"
                for pid, name, state, since in cursor.fetchall()
            ]
        lines = [
            "A table stayed locked by somebody else, so this migration was given up. What it had",
            "begun is undone; those before it stand. Run migrate again when they are done:",
        ]
        return "\n".join(lines + (holders or ["  (they have ended meanwhile)"]))
