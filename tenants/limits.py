"""How often a key may call: an exact count in the database, whatever number of processes asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from rest_framework.throttling import UserRateThrottle

from core.commits import soon_durable
from tenants.models import ApiKey

# One statement decides: of requests at the same moment each waits for the row, and finds the count
# of the one before. A process whose clock is behind counts in the window that is open already.
TAKE = """
    INSERT INTO tenants_keyuse AS last (key_id, "window", used) VALUES (%(key)s, %(window)s, 1)
    ON CONFLICT (key_id) DO UPDATE SET
        used = CASE WHEN last."window" < excluded."window" THEN 1 ELSE last.used + 1 END,
        "window" = GREATEST(last."window", excluded."window")
    WHERE last."window" < excluded."window" OR last.used < %(limit)s
    RETURNING used
"""


@dataclass(frozen=True)
class Allowance:
    """The answer to one request: whether it may go on, and how things stand in this window."""

    admitted: bool
    limit: int
    left: int
    wait: int  # seconds until the next window


def take_one(key: ApiKey, *, at: datetime) -> Allowance:
    """Take one request from the key's allowance (setting `TENANT_API_RATE`) of this window.

    The count may lose the last moments if PostgreSQL's machine dies.
    """
    limit, seconds = _rate(settings.TENANT_API_RATE)
    window = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, at.tzinfo)
    wait = max(1, int((window + timedelta(seconds=seconds) - at).total_seconds() + 0.999))
    with soon_durable(), connection.cursor() as cursor:
        cursor.execute(TAKE, {"key": key.pk, "window": window, "limit": limit})
        taken = cursor.fetchone()
    if taken is None:
        return Allowance(admitted=False, limit=limit, left=0, wait=wait)
    return Allowance(admitted=True, limit=limit, left=max(0, limit - taken[0]), wait=wait)


@cache
def _rate(text: str) -> tuple[int, int]:
    number, seconds = UserRateThrottle().parse_rate(text)
    if not number or not seconds:
        raise ImproperlyConfigured("TENANT_API_RATE is a number of requests, e.g. 600/min.")
    return number, seconds
