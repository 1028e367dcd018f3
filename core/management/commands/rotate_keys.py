"""`manage.py rotate_keys`: re-encrypt every encrypted value with the newest key."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction

from core import audit, clock, encryption
from core.fields import EncryptedMixin
from core.models import Heartbeat

BATCH = 500


class Command(BaseCommand):
    help = (
        "Re-encrypt all encrypted fields with the first key of FERNET_KEYS. "
        "Prepend the new key, restart the site, run this, then drop the old key."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        for model in apps.get_models():
            for field in model._meta.local_fields:
                if isinstance(field, EncryptedMixin):
                    count = rotate_field(model, field)
                    self.stdout.write(f"{field.context}: {count} re-encrypted")
                    total += count
        at = clock.now()
        mark, _ = Heartbeat.objects.update_or_create(name="rotate_keys", defaults={"at": at})
        audit.record("keys.rotated", mark, by="rotate_keys", at=at, values=total)


def rotate_field(model: type[models.Model], field: Any) -> int:
    """Re-encrypt one column in batches; what a person changes meanwhile stays as they wrote it."""
    table, column = model._meta.db_table, field.column
    key = str(model._meta.pk.column)
    rotated, last = 0, None
    while True:
        rows = _read_batch(table, column, key, last)
        if not rows:
            return rotated
        last = rows[-1][0]
        for pk, token in rows:
            if encryption.is_current(bytes(token)):
                continue
            plain = encryption.decrypt(bytes(token), context=field.context)
            fresh = encryption.encrypt(plain, context=field.context)
            rotated += _swap(table, column, key, pk, bytes(token), fresh)


def _read_batch(table: str, column: str, key: str, last: Any) -> list[tuple[Any, memoryview]]:
    after, values = (f'AND "{key}" > %s', [last]) if last is not None else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(  # names come from our own models
            f'SELECT "{key}", "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL {after} '  # noqa: S608
            f'ORDER BY "{key}" LIMIT {BATCH}',
            values,
        )
        rows: list[tuple[Any, memoryview]] = cursor.fetchall()
        return rows


def _swap(table: str, column: str, key: str, pk: Any, old: bytes, new: bytes) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET "{column}" = %s WHERE "{key}" = %s AND "{column}" = %s',  # noqa: S608
            [new, pk, old],
        )
        return int(cursor.rowcount)
