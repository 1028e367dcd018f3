"""`manage.py prefill_quality [--days N]`: how good prefilled values are, by tenant and source."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from prefill.quality import Quality
from prefill.queries import quality
from tenants.models import Mode, Tenant

HEAD = ("tenant", "mode", "source", "field", "shown", "edited", "edit rate", "known", "coverage")


class Command(BaseCommand):
    help = "Print how often each source's values were there, shown, and changed by the person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="How far back (30)")

    def handle(self, *args: Any, **options: Any) -> None:
        since = clock.now() - timedelta(days=options["days"])
        table: list[tuple[str, ...]] = [HEAD]
        forms: list[str] = []
        for tenant in Tenant.objects.order_by("slug"):
            for mode in Mode.values:
                found = quality(tenant.pk, mode, since)
                table += _rows(tenant.slug, mode, found)
                if found.people:
                    filled = _percent(found.coverage)
                    forms.append(
                        f"{tenant.slug} {mode}: {found.people} people, KYC form {filled} filled"
                    )
        for line in (*_aligned(table), *forms):
            self.stdout.write(line)


def _rows(slug: str, mode: str, found: Quality) -> Iterator[tuple[str, ...]]:
    for one in found.fields:
        yield (
            slug, mode, one.source, one.path, str(one.shown), str(one.edited),
            _percent(one.edit_rate), f"{one.known}/{one.asked}", _percent(one.coverage),
        )  # fmt: skip


def _percent(rate: Decimal | None) -> str:
    return "-" if rate is None else f"{rate * 100:.0f}%"


def _aligned(table: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
