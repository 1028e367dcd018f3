"""How good each source's values are: how often shown, how often changed, how often there at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, F, Sum

from core.clock import NEW_YORK
from prefill.engine.coverage import KYC_PATHS
from prefill.models import Applicant, FieldTally, FieldValue, Source

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class FieldQuality:
    """One source's values of one path. Rates are 0 to 1; None where there is nothing to divide."""

    source: str
    path: str
    shown: int
    edited: int
    known: int  # people of whom the source told the field
    asked: int  # people of whom the source told anything

    @property
    def edit_rate(self) -> Decimal | None:
        return _rate(self.edited, self.shown)

    @property
    def coverage(self) -> Decimal | None:
        return _rate(self.known, self.asked)


@dataclass(frozen=True)
class Quality:
    """All fields of one tenant and mode, and how full the KYC forms were."""

    fields: tuple[FieldQuality, ...]
    people: int  # of whom anything is known
    coverage: Decimal | None  # of the KYC form, by any source, on average


def quality(tenant_id: UUID, mode: str, since: datetime) -> Quality:
    """Return how good what was obtained and shown since then is, by source and path."""
    tallies = _tallies(tenant_id, mode, since)
    known, asked = _known(tenant_id, mode, since)
    fields = tuple(
        FieldQuality(source, path, *tallies.get((source, path), (0, 0)),
                     known.get((source, path), 0), asked.get(source, 0))
        for source, path in sorted(tallies.keys() | known.keys(), key=_in_order)
    )  # fmt: skip
    people, filled = _forms(tenant_id, mode, since)
    return Quality(fields, people, _rate(filled, people * len(KYC_PATHS)))


def _tallies(tenant_id: UUID, mode: str, since: datetime) -> dict[tuple[str, str], tuple[int, int]]:
    day = since.astimezone(NEW_YORK).date()
    rows = FieldTally.objects.filter(tenant_id=tenant_id, mode=mode, day__gte=day)
    sums = rows.values_list("source", "path").annotate(Sum("shown"), Sum("edited"))
    return {(source, path): (shown, edited) for source, path, shown, edited in sums}


def _known(
    tenant_id: UUID, mode: str, since: datetime
) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    rows = FieldValue.objects.filter(
        tenant_id=tenant_id, applicant__mode=mode, obtained_at__gte=since
    ).exclude(source=Source.USER)
    paths = rows.values_list("source", "path").annotate(Count("pk"))
    people = rows.values_list("source").annotate(Count("applicant", distinct=True))
    return {(source, path): n for source, path, n in paths}, dict(people)


def _forms(tenant_id: UUID, mode: str, since: datetime) -> tuple[int, int]:
    """Return of how many people something is known, and how many fields of theirs are filled."""
    fields_of: dict[str, int] = {}
    for path, _part in KYC_PATHS.values():
        fields_of[path] = fields_of.get(path, 0) + 1
    people = Applicant.objects.filter(
        tenant_id=tenant_id, mode=mode, values__obtained_at__gte=since
    )
    paths = (
        FieldValue.objects.filter(tenant_id=tenant_id, applicant__mode=mode)
        .filter(applicant__in=people.values("pk"), path__in=fields_of)
        .values_list("path")
        .annotate(people=Count("applicant", distinct=True))
        .values_list("path", F("people"))
    )
    return people.distinct().count(), sum(fields_of[path] * n for path, n in paths)


def _in_order(key: Iterable[str]) -> tuple[int, str]:
    source, path = key
    return list(Source.values).index(source), path


def _rate(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(HUNDREDTH) if whole else None
