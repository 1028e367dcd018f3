"""System checks: what a production site must not start with."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register

SHORTEST_SECRET = 32


@register(Tags.security)
def check_production(**_kwargs: Any) -> list[Error]:
    """Refuse a movable clock, a loopback broker, missing credentials and debug in production."""
    if not settings.PRODUCTION:
        return []
    faults = []
    if settings.CLOCK_FILE:
        faults.append(Error("CLOCK_FILE must not be set in production.", id="core.E001"))
    broker = urlsplit(settings.DRIVEWEALTH_BASE_URL)
    if broker.scheme != "https" or _is_here(broker.hostname or ""):
        faults.append(
            Error("DRIVEWEALTH_BASE_URL must be the broker's https address.", id="core.E002")
        )
    for name in ("DRIVEWEALTH_CLIENT_ID", "DRIVEWEALTH_CLIENT_SECRET", "DRIVEWEALTH_APP_KEY"):
        if not getattr(settings, name):
            faults.append(Error(f"Set {name}.", id="core.E003"))
    faults += _check_micro_deposits()
    if not settings.EMAIL_URL:
        faults.append(Error("Set EMAIL_URL, or no mail leaves the machine.", id="core.E006"))
    if any(len(secret) < SHORTEST_SECRET for secret in settings.DRIVEWEALTH_WEBHOOK_SECRET):
        hint = f"Each of DRIVEWEALTH_WEBHOOK_SECRET needs {SHORTEST_SECRET} characters."
        faults.append(Error(hint, id="core.E007"))
    if settings.DEBUG:
        faults.append(Error("DEBUG must not be set in production.", id="core.E005"))
    return faults


def _check_micro_deposits() -> list[Error]:
    """Refuse to send account numbers in the clear; no sender at all is fine."""
    if not settings.MICRO_DEPOSITS_URL:
        return []
    sender = urlsplit(settings.MICRO_DEPOSITS_URL)
    if sender.scheme != "https" or _is_here(sender.hostname or ""):
        return [Error("MICRO_DEPOSITS_URL must be an https address.", id="core.E020")]
    if not settings.MICRO_DEPOSITS_KEY:
        return [Error("Set MICRO_DEPOSITS_KEY.", id="core.E021")]
    return []


def _is_here(host: str) -> bool:
    """Say whether a host names this very machine, or nothing at all."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.rstrip(".").lower() in {"", "localhost"}
    return address.is_loopback or address.is_unspecified


@register
def check_queue(**_kwargs: Any) -> list[Error]:
    """Hold the queue's settings to the rule under which no task runs twice by time-out."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    if queue["retry"] <= queue["timeout"] * (1 + queue["queue_limit"] / max(queue["workers"], 1)):
        hint = "retry > timeout × (1 + queue_limit / workers)"
        return [Error("Q_CLUSTER['retry'] is too short.", hint=hint, id="core.E004")]
    return []
