"""System checks: what a production site must not start with."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def check_production(**_kwargs: Any) -> list[Error]:
    """Refuse a movable clock, a loopback broker, missing credentials and debug in production."""
    if not settings.PRODUCTION:
        return []
    faults = []
    if settings.CLOCK_FILE:
        faults.append(Error("CLOCK_FILE must not be set in production.", id="core.E001"))
    broker = urlsplit(settings.DRIVEWEALTH_BASE_URL)
    if broker.hostname in {"127.0.0.1", "localhost", "::1"} or broker.scheme != "https":
        faults.append(
            Error("DRIVEWEALTH_BASE_URL must be the broker's https address.", id="core.E002")
        )
    for name in ("DRIVEWEALTH_CLIENT_ID", "DRIVEWEALTH_CLIENT_SECRET", "DRIVEWEALTH_APP_KEY"):
        if not getattr(settings, name):
            faults.append(Error(f"Set {name}.", id="core.E003"))
    return faults


@register
def check_queue(**_kwargs: Any) -> list[Error]:
    """Hold the queue's settings to the rule under which no task runs twice by time-out."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    if queue["retry"] <= queue["timeout"] * (1 + queue["queue_limit"] / max(queue["workers"], 1)):
        hint = "retry > timeout × (1 + queue_limit / workers)"
        return [Error("Q_CLUSTER['retry'] is too short.", hint=hint, id="core.E004")]
    return []
