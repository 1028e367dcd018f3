"""When to ask the broker again, and for how long it remembers what it was asked."""

from datetime import datetime, timedelta

from django.conf import settings

KEY_MEMORY = timedelta(days=3, hours=12)  # DriveWealth's is 4 days; half a day for skew


def poll_at(at: datetime) -> datetime:
    """Return when to ask the broker again about something under way."""
    return at + timedelta(seconds=settings.POLL_SECONDS)
