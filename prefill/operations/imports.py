"""Vendors' answers: stored as they came, and, apart from that, made values of.

Both are done in the caller's transaction, which is inside the tenant's wall. The processor can be
run again over what is stored and writes the same.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import simplejson

from core import audit
from core.clock import NEW_YORK
from core.errors import NotNow
from core.vendors.answers import load_json
from prefill.engine.bank import read_accounts, read_identity
from prefill.engine.bureau import read_profile
from prefill.engine.conflicts import CONFIDENCE, GROUP_OF
from prefill.engine.found import Found
from prefill.engine.layer import read_layer
from prefill.models import Applicant, FieldValue, RawImport, Source
from prefill.operations.applicants import By, lock_applicant
from tenants.walls import inside

Reader = Callable[[dict[str, Any], Found], None]
READERS: dict[tuple[str, str], Reader] = {
    (Source.LAYER, "layer"): read_layer,
    (Source.BANK, "identity"): read_identity,
    (Source.BANK, "accounts"): read_accounts,
    (Source.BUREAU, "profile"): read_profile,
}
WHOLE = {Source.LAYER, Source.BUREAU}  # each answer of these is all of one person
LAST_DIGITS = 4
DEEPEST = 40


def import_raw(
    *,
    applicant: Applicant,
    source: str,
    kind: str,
    payload: Mapping[str, Any],
    origin: str = "",
    at: datetime,
) -> RawImport:
    """Store an answer word for word, but for full Social Security numbers.

    :param kind: which answer: layer, identity, accounts or profile
    :param origin: the Item or session it is of
    :raises NotNow: the applicant was erased meanwhile (`user_erased`)
    """
    lock_applicant(applicant)
    text = simplejson.dumps(_without_ssn(payload), use_decimal=True, ignore_nan=True, default=str)
    return RawImport.objects.create(
        tenant_id=applicant.tenant_id,
        applicant=applicant,
        source=source,
        kind=kind,
        origin=origin[:100],
        payload=text,
        received_at=at,
    )


def process_import(raw: RawImport, *, at: datetime) -> list[str]:
    """Make values of a stored answer; return their paths.

    What does not hold is left out and named in `trouble`; no answer makes this fail.

    :raises NotNow: the applicant was erased meanwhile (`user_erased`)
    """
    applicant = lock_applicant(raw.applicant)
    found = Found(today=raw.received_at.astimezone(NEW_YORK).date())
    reader = READERS.get((raw.source, raw.kind))
    payload = _load(raw.payload)
    if reader is None or payload is None:
        found.drop("everything")
    else:
        reader(payload, found)
    written = write_values(
        applicant=applicant, source=raw.source, values=found.values, at=raw.received_at
    )
    trouble = f"not usable: {', '.join(sorted(found.dropped))}" if found.dropped else ""
    raw.processed_at, raw.trouble = at, trouble[:200]
    raw.save(update_fields=["processed_at", "trouble"])
    audit.record(
        "import.processed", raw, by="prefill", at=at,
        source=str(raw.source), kind=raw.kind, paths=written, dropped=sorted(found.dropped),
    )  # fmt: skip
    return written


def reprocess_import(raw: RawImport, *, by: By, reason: str, at: datetime) -> list[str]:
    """Make values of a stored answer again, e.g. once a processor understands more.

    :raises NotNow: erased (`user_erased`), or the answer has been deleted meanwhile
    """
    with inside(raw.tenant_id):
        lock_applicant(raw.applicant)
        present = RawImport.objects.select_for_update(no_key=True).filter(pk=raw.pk).first()
        if present is None:
            raise NotNow("This answer is deleted.")
        audit.record("import.run_again", raw, by=by, at=at, reason=reason)
        return process_import(present, at=at)


def write_values(
    *, applicant: Applicant, source: str, values: Mapping[str, Any], at: datetime
) -> list[str]:
    """Write valid values of one source, in the caller's transaction; return their paths.

    A newer value of the same source stays. A group is replaced whole, so that no middle name
    outlives the name it belonged to; of Layer and the bureau all is, since the next answer may be
    of somebody else. A value that changes counts as not shown yet.

    :param at: when they were obtained
    """
    rows = {row.path: row for row in FieldValue.objects.filter(applicant=applicant, source=source)}
    imported = source != Source.USER
    later = {GROUP_OF[path] for path, row in rows.items() if imported and row.obtained_at > at}
    if later and source in WHOLE:
        return []
    changed: list[Any] = []
    new: list[FieldValue] = []
    written = [path for path in values if GROUP_OF[path] not in later]
    for path in written:
        text = simplejson.dumps(values[path])
        row: Any = rows.get(path)
        if row is None:
            new.append(
                FieldValue(
                    tenant_id=applicant.tenant_id,
                    applicant=applicant,
                    path=path,
                    source=source,
                    value=text,
                    confidence=CONFIDENCE[Source(source)],
                    obtained_at=at,
                )
            )
        else:
            if row.value != text:
                row.value, row.shown_at = text, None
            row.obtained_at, row.confidence = at, CONFIDENCE[Source(source)]
            changed.append(row)
    FieldValue.objects.bulk_create(new)
    FieldValue.objects.bulk_update(changed, ["value", "shown_at", "obtained_at", "confidence"])
    if source in WHOLE:
        stale = [row.pk for path, row in rows.items() if path not in written]
        FieldValue.objects.filter(pk__in=stale).delete()
    elif imported:
        _drop_rest_of_groups(rows, written)
    return written


def _drop_rest_of_groups(rows: dict[str, FieldValue], written: list[str]) -> None:
    """Delete what a source said before in the groups it now wrote anew."""
    stale = [
        row.pk
        for path, row in rows.items()
        if path not in written and any(path in GROUP_OF[new].paths for new in written)
    ]
    if stale:
        FieldValue.objects.filter(pk__in=stale).delete()


def _load(text: str) -> dict[str, Any] | None:
    try:
        payload = load_json(text)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _without_ssn(value: Any, depth: int = 0) -> Any:
    """Return a copy without any full number; what no vendor nests so deep is left out."""
    if depth > DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {
            str(name): _without_ssn(inner, depth + 1)
            for name, inner in value.items()
            if not _is_full_ssn(str(name), inner)
        }
    if isinstance(value, list | tuple):
        return [_without_ssn(inner, depth + 1) for inner in value]
    return value


def _is_full_ssn(name: str, value: Any) -> bool:
    """Say whether this is more of a number than the last four digits that may be kept."""
    if not any(word in name.casefold() for word in ("ssn", "social_security", "socialsecurity")):
        return False
    return isinstance(value, str | int) and len(re.findall("[0-9]", str(value))) > LAST_DIGITS
