"""Queue entry points of core."""

from typing import Any

from django.utils import timezone

from core.models import Heartbeat

QUEUE = "queue"


def beat(**_later: Any) -> None:
    """Show that the queue delivers and a worker works; the watchdog looks at it."""
    Heartbeat.objects.update_or_create(name=QUEUE, defaults={"at": timezone.now()})
