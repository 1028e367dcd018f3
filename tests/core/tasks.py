"""Tasks for the real queue to run."""

import time
from typing import Any

from django.utils import timezone

from core.models import Heartbeat


def note(*, name: str, **_later: Any) -> None:
    """Leave a mark that a test finds."""
    Heartbeat.objects.create(name=name, at=timezone.now())


def note_slowly(*, name: str, **_later: Any) -> None:
    """Leave a mark at the beginning and one at the end of a step that takes its time."""
    note(name=f"{name} begun")
    time.sleep(2)
    note(name=f"{name} ended")
