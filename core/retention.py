"""What is not kept for ever, deleted in small batches once it has outlived its use.

An app names what it forgets as `AppConfig.forget`: `(at) -> list of querysets`. docs/workers.md
says how long what is kept.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Task

from core.models import IdempotentRequest
from core.turns import take_turn

EVERY = timedelta(minutes=10)
BATCH = 1000  # rows a statement: few locks, held shortly
BATCHES = 10  # of each kind in a round; the rest is the next round's
REQUESTS_FOR = timedelta(days=7)
TASKS_FOR = timedelta(days=30)


def forget(at: datetime) -> int:
    """Delete what is too old, every ten minutes, by whichever worker comes first."""
    if not take_turn("retention", every=EVERY, at=at):
        return 0
    old: list[QuerySet[Any]] = [
        IdempotentRequest.objects.filter(created_at__lt=at - REQUESTS_FOR).order_by("created_at"),
        Task.objects.filter(stopped__lt=at - TASKS_FOR),
        # Sessions and the cache are kept by real time, whatever the site's clock says.
        Session.objects.filter(expire_date__lt=timezone.now()),
    ]
    for config in apps.get_app_configs():
        if path := getattr(config, "forget", None):
            lists: Callable[[datetime], list[QuerySet[Any]]] = import_string(path)
            old += lists(at)
    deleted = sum(map(_delete, old))
    if not settings.REDIS_URL:
        deleted += _empty_cache()
    return deleted


def _delete(rows: QuerySet[Any]) -> int:
    """Delete rows nothing refers to, batch by batch; return how many."""
    total = 0
    for _batch in range(BATCHES):
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        if keys:
            # Once more what makes them old: one may have been used since.
            total += rows.order_by().filter(pk__in=keys)._raw_delete(rows.db)
        if len(keys) < BATCH:
            break
    return total


def _empty_cache() -> int:
    """Delete what the cache would not return any more; it does so itself only when it is full."""
    table = settings.CACHES["default"]["LOCATION"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE cache_key IN "  # noqa: S608 (our own setting)
            f"(SELECT cache_key FROM {table} WHERE expires < %s LIMIT %s)",
            [timezone.now(), BATCH * BATCHES],
        )
        return int(cursor.rowcount)
