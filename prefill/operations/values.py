"""Giving out what is known, taking a person's changes, and counting both."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from core import audit
from core.clock import NEW_YORK
from core.errors import Invalid
from prefill.engine import fields
from prefill.engine.accounts import read_accounts
from prefill.engine.conflicts import Known, Shown, choose
from prefill.engine.prefill import Prefill
from prefill.models import Applicant, FieldTally, FieldValue, Source
from prefill.operations.applicants import By, lock_applicant
from prefill.operations.imports import write_values
from tenants.walls import inside

MOST_CHANGES = 50
COUNT = """
    INSERT INTO {table} AS tally (tenant_id, mode, day, source, path, shown, edited)
    SELECT %(tenant)s, %(mode)s, day, source, path, shown, edited
    FROM unnest(%(days)s::date[], %(sources)s::text[], %(paths)s::text[],
                %(shown)s::int[], %(edited)s::int[]) AS new (day, source, path, shown, edited)
    ORDER BY day, source, path
    ON CONFLICT (tenant_id, mode, day, source, path) DO UPDATE
    SET shown = tally.shown + EXCLUDED.shown, edited = tally.edited + EXCLUDED.edited
"""


def get_prefill(applicant: Applicant, *, at: datetime) -> Prefill:
    """Return what is known, in two queries; nothing is written and nothing counted."""
    return _choose(applicant, _rows(applicant))


def show_prefill(applicant: Applicant, *, at: datetime) -> Prefill:
    """Return what is known, to be seen by the person; each value counts once as shown.

    :raises NotNow: the applicant is erased (`user_erased`)
    """
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
        rows = _rows(present)
        prefill = _choose(present, rows)
        fresh = [row for row in rows if row.shown_at is None and _is_shown(row, prefill)]
        if fresh:
            keys = [row.pk for row in fresh]
            FieldValue.objects.filter(pk__in=keys).update(shown_at=at)
            _count(present, [(at, row.source, row.path, 1, 0) for row in fresh])
    return prefill


def edit_prefill(
    applicant: Applicant, changes: Mapping[str, Any], *, by: By, at: datetime
) -> Prefill:
    """Take what the person says instead; None or "" clears a field. What is the same is no change.

    Nothing a vendor says later stands above it. Where a shown value was changed, its source is
    counted as wrong once, on the day it was shown.

    :raises Invalid: `fields` says which change can not be used; nothing is changed then
    :raises NotNow: the applicant is erased (`user_erased`)
    """
    wanted = _clean_changes(changes, at)
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
        rows = _rows(present)
        before = _choose(present, rows)
        edits = {path: new for path, new in wanted.items() if before.value(path) != new}
        if edits:
            write_values(applicant=present, source=Source.USER, values=edits, at=at)
            wrong = [row for row in rows if row.path in edits and _was_shown(row, before)]
            _count(present, [(row.shown_at, row.source, row.path, 0, 1) for row in wrong])
            audit.record("prefill.edited", present, by=by, at=at, paths=sorted(edits))
        return get_prefill(present, at=at)


def _rows(applicant: Applicant) -> list[FieldValue]:
    return list(FieldValue.objects.filter(applicant=applicant))


def _choose(applicant: Applicant, rows: Iterable[FieldValue]) -> Prefill:
    known = [
        Known(row.path, Source(row.source), json.loads(row.value), row.obtained_at) for row in rows
    ]
    return Prefill(choose([*read_accounts(applicant), *known]))


def _is_shown(row: FieldValue, prefill: Prefill) -> bool:
    shown: Shown | None = prefill.values.get(row.path)
    return shown is not None and shown.source == row.source


def _was_shown(row: FieldValue, prefill: Prefill) -> bool:
    is_imported = row.source != Source.USER
    return is_imported and row.shown_at is not None and _is_shown(row, prefill)


def _clean_changes(changes: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    if len(changes) > MOST_CHANGES:
        raise Invalid(_("These are too many changes at once."))
    today = at.astimezone(NEW_YORK).date()
    clean: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for path, value in changes.items():
        try:
            is_empty = value in (None, "", []) and path in fields.SCHEMA
            clean[path] = None if is_empty else fields.clean(path, value, today=today)
        except ValidationError as error:
            faults[path[:60]] = " ".join(error.messages)
    if faults:
        raise Invalid(_("Some fields need another look."), fields=faults)
    return clean


def _count(applicant: Applicant, counts: list[tuple[datetime | None, str, str, int, int]]) -> None:
    """Add to the tallies in one statement, exact however many do so at once.

    The rows are written in one order everywhere, so that two of us never wait for each other.
    """
    if not counts:
        return
    days, sources, paths, shown, edited = zip(*counts, strict=True)
    table = connection.ops.quote_name(FieldTally._meta.db_table)
    values: dict[str, UUID | str | list[Any]] = {
        "tenant": applicant.tenant_id,
        "mode": applicant.mode,
        "days": [day.astimezone(NEW_YORK).date() for day in days],
        "sources": [str(source) for source in sources],
        "paths": list(paths),
        "shown": list(shown),
        "edited": list(edited),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(table=table), values)
