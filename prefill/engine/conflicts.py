"""Which source is believed where several know a field: a written order, and how sure we are.

Fields of a group come from one source together, so that no form shows one person's first name with
another's last. What a person typed stands above all, field by field.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from prefill.engine.fields import PATHS
from prefill.models import Source

Path = str
ORDER = (Source.USER, Source.LAYER, Source.BANK, Source.BUREAU, Source.TENANT)
PHONE_ORDER = (
    Source.USER, Source.PHONE, Source.LAYER, Source.BANK, Source.BUREAU, Source.TENANT,
)  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Paths that are believed together; `needs` are those a source should know to be believed."""

    paths: tuple[Path, ...]
    order: tuple[Source, ...] = ORDER
    needs: tuple[Path, ...] = ()


NAME = Group(
    tuple(f"personal_info.{name}" for name in ("first_name", "middle_name", "last_name")),
    needs=("personal_info.first_name", "personal_info.last_name"),
)
PHONE = Group(("personal_info.phone_number",), PHONE_ORDER)
_grouped = {*NAME.paths, *PHONE.paths}
GROUPS = (NAME, PHONE, *(Group((path,)) for path in PATHS if path not in _grouped))
GROUP_OF = {path: group for group in GROUPS for path in group.paths}

CONFIDENCE = {
    Source.USER: Decimal("1.00"),  # their own words
    Source.PHONE: Decimal("1.00"),  # proven by a code
    Source.LAYER: Decimal("0.90"),  # looked through by the person at Plaid
    Source.BANK: Decimal("0.80"),  # checked by the bank once; may be old, or a joint owner's
    Source.BUREAU: Decimal("0.75"),  # gathered from lenders
    Source.TENANT: Decimal("0.60"),  # nobody we know has checked it
}
AGREES = Decimal("0.05")  # a second source says the same
DISAGREES = Decimal("0.20")  # a second source says something else, and none the same
SUREST = Decimal("0.99")  # of what the person has not said or proven


@dataclass(frozen=True)
class Known:
    """One source's value of one path."""

    path: Path
    source: Source
    value: Any
    obtained_at: datetime


@dataclass(frozen=True)
class Shown:
    """The value to show, where it is from, and how sure we are. None: the person cleared it."""

    value: Any
    source: str
    obtained_at: datetime
    confidence: Decimal


def choose(known: Iterable[Known]) -> dict[Path, Shown]:
    """Return the value to show of every path somebody knows."""
    by_path: dict[Path, dict[Source, Known]] = {}
    for one in known:
        by_path.setdefault(one.path, {})[one.source] = one
    chosen: dict[Path, Shown] = {}
    for group in GROUPS:
        believed = _believed(group, by_path)
        for path in group.paths:
            there = by_path.get(path, {})
            picked = there.get(Source.USER) or (there.get(believed) if believed else None)
            if picked is not None:
                sure = _confidence(picked, there.values())
                chosen[path] = Shown(picked.value, picked.source, picked.obtained_at, sure)
    return chosen


def _believed(group: Group, by_path: Mapping[Path, Mapping[Source, Known]]) -> Source | None:
    """Return the first source in the order that knows what the group needs, or else anything."""
    others = [source for source in group.order if source != Source.USER]
    for source in others:
        if group.needs and all(source in by_path.get(path, {}) for path in group.needs):
            return source
    for source in others:
        if any(source in by_path.get(path, {}) for path in group.paths):
            return source
    return None


def _confidence(one: Known, all_: Iterable[Known]) -> Decimal:
    base = CONFIDENCE[one.source]
    others = [other for other in all_ if other.source != one.source and other.value is not None]
    if base == 1 or not others:
        return base
    if any(_same(one.value, other.value) for other in others):
        return min(base + AGREES, SUREST)
    return base - DISAGREES


def _same(one: Any, other: Any) -> bool:
    return bool(_comparable(one) == _comparable(other))


def _comparable(value: Any) -> Any:
    """Return what makes two spellings one: no case, no dots; of addresses the first one's place."""
    if isinstance(value, list):
        first = value[0] if value and isinstance(value[0], dict) else {}
        return _comparable(first.get("street1", "")), str(first.get("postal_code", ""))[:5]
    return " ".join(str(value).casefold().replace(".", " ").split())
