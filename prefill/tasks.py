"""Queue entry points: read the clock, call one operation. A second delivery is harmless."""

from typing import Any
from uuid import UUID

from core import clock
from prefill import operations


def advance_item(*, pk: str, **_later: Any) -> None:
    operations.advance_item(UUID(pk), at=clock.now())


def advance_event(*, pk: str, **_later: Any) -> None:
    operations.advance_event(UUID(pk), at=clock.now())


def advance_applicant(*, pk: str, **_later: Any) -> None:
    operations.advance_applicant(UUID(pk), at=clock.now())
