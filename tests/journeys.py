"""Journeys that many tests begin with: played once, then taken up where they ended.

A journey is played through operations and the practice broker the first time a process needs it.
Whoever needs it again is given what it left behind: the same rows in the database, the same books
at the broker, the same time on the clock. No setting or patch of one test may reach into it: only
fixtures take a journey up; a test goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from core.models import AuditEntry
from tests.stage import Stage

Rows = dict[str, list[bytes]]  # by table, as COPY writes them

# No journey's: what migrations made for good.
OTHERS = {"django_migrations", "django_content_type", "auth_permission"}


@dataclass(frozen=True)
class Journey:
    """What a journey left behind, and what it told of it."""

    rows: Rows
    ended_at: datetime
    broker: dict[str, Any]
    calls: dict[str, int]
    told: Any


_played: dict[str, Journey] = {}


def take_up(stage: Stage, name: str, play: Callable[[], Any]) -> Any:
    """Bring the stage to where a journey ends; return what the journey told.

    Where somebody acted on the stage before, the journey is played, whoever knows it.

    :param name: of the journey and of the way it commits
    :param play: goes the journey and tells what whoever goes on needs: keys, no objects
    """
    world = stage.box.world
    if world.calls or AuditEntry.objects.exists():
        return play()
    name = f"{name}, {world.drivewealth.answers.mode} answers"
    journey = _played.get(name)
    if journey is not None:
        _go_on(stage, journey)
        return journey.told
    before = read_rows()
    told = play()
    rows = _added(before)
    with world.lock:
        ended_at = world.clock.now()
        _played[name] = Journey(rows, ended_at, world.snapshot(), dict(world.calls), told)
    return told


def _go_on(stage: Stage, journey: Journey) -> None:
    with transaction.atomic():
        write_rows(journey.rows)
    world = stage.box.world
    with world.lock:
        world.take_up(journey.broker)
        world.clock.offset = journey.ended_at - datetime.now(UTC)
        world.calls.update(journey.calls)


def read_rows() -> Rows:
    """Read every table of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = sorted({name for (name,) in cursor.fetchall()} - OTHERS)
        return {name: _read_table(cursor.cursor, name) for name in names}


def write_rows(rows: Rows) -> None:
    """Add rows past the triggers, which had their say when the rows were written first."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for name, lines in rows.items():
            with cursor.cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                copy.write(b"".join(lines))
        cursor.execute("RESET session_replication_role")


def _read_table(cursor: Any, name: str) -> list[bytes]:
    with cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
        return b"".join(copy).splitlines(keepends=True)


def _added(before: Rows) -> Rows:
    """Return the rows that are new; a journey leaves alone what was there before it."""
    added = {}
    for name, lines in read_rows().items():
        old = set(before[name])
        assert old <= set(lines), f"a journey changes rows of {name} that are not its own"
        added[name] = [line for line in lines if line not in old]
    return {name: lines for name, lines in added.items() if lines}
