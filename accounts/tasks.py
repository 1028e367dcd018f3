"""Queue entry points: read the clock, call one operation. A second delivery is harmless."""

from typing import Any
from uuid import UUID

from accounts import security, waiting
from core import clock


def deliver_note(*, pk: str, **_later: Any) -> None:
    security.deliver_note(UUID(pk), at=clock.now())


def advance_waiting_place(*, pk: str, **_later: Any) -> None:
    waiting.advance_waiting_place(UUID(pk), at=clock.now())
