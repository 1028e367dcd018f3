"""The audit trail: append an entry with every write, seal entries into a hash chain, verify it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, models, transaction

from core.models import AuditEntry, AuditSeal

GENESIS = "0" * 64
SEALER_LOCK = 0x5EA1  # one sealer at a time, whatever number of workers
log = structlog.get_logger()


def record(
    verb: str, subject: models.Model, *, by: models.Model | str, at: datetime, **detail: Any
) -> AuditEntry:
    """Append one entry, in the transaction of the write it tells of.

    :param verb: `noun.past_participle`, e.g. `gift.approved`
    :param by: the acting person's row, or the name of a part of the system
    :param detail: plain values without personal data
    """
    return AuditEntry.objects.create(
        at=at,
        actor=by if isinstance(by, str) else name_of(by),
        verb=verb,
        subject=name_of(subject),
        detail={key: _plain(value) for key, value in detail.items()},
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )


def name_of(row: models.Model) -> str:
    """Return how the trail names a row: `app.model:id`."""
    return f"{row._meta.label_lower}:{row.pk}"


def seal_entries(*, at: datetime, limit: int = 1000) -> int:
    """Seal entries not yet sealed, oldest first; return how many.

    Entries are chained in the order of sealing, so that one committed late is not left out.
    """
    unsealed = AuditEntry.objects.filter(seal__isnull=True)
    if not unsealed.exists():
        return 0
    with transaction.atomic():
        if not _only_sealer():
            return 0
        head = AuditSeal.objects.order_by("-position").first()
        position, previous = (head.position, head.hash) if head else (0, GENESIS)
        seals = []
        for entry in unsealed.order_by("id")[:limit]:
            position, previous = position + 1, _link(previous, entry)
            seals.append(AuditSeal(position=position, entry=entry, hash=previous, sealed_at=at))
        AuditSeal.objects.bulk_create(seals)
    if seals:
        log.info("audit_sealed", position=position, head=previous)
    return len(seals)


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. `faults` is empty where the trail is whole."""

    sealed: int
    unsealed: int
    head: str
    faults: list[str]


def verify(*, anchor: str = "") -> Verdict:
    """Recompute the whole chain and compare.

    :param anchor: `position:hash`, a head noted outside earlier; finds a trail cut at its end
    """
    faults: list[str] = []
    previous, expected, found_anchor = GENESIS, 1, not anchor
    for seal in _all_seals():
        if seal.position != expected:
            faults.append(f"seal {expected} is missing")
        previous = _link(previous, seal.entry)
        if previous != seal.hash:
            faults.append(f"entry {seal.entry_id} (seal {seal.position}) was altered")
            previous = seal.hash
        found_anchor = found_anchor or anchor == f"{seal.position}:{seal.hash}"
        expected = seal.position + 1
    if not found_anchor:
        faults.append(f"the anchored head {anchor} is not in the chain")
    unsealed = AuditEntry.objects.filter(seal__isnull=True).count()
    return Verdict(expected - 1, unsealed, f"{expected - 1}:{previous}", faults)


def _all_seals() -> Iterator[AuditSeal]:
    return AuditSeal.objects.select_related("entry").order_by("position").iterator(chunk_size=2000)


def _link(previous: str, entry: AuditEntry) -> str:
    """Return the hash of an entry chained to the one before it."""
    fact = {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "verb": entry.verb,
        "subject": entry.subject,
        "detail": entry.detail,
        "request_id": entry.request_id,
    }
    text = json.dumps(fact, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        return bool(cursor.fetchone()[0])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | UUID | date):
        return str(value)
    return value
