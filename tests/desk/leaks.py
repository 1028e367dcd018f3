"""Everything that could hold personal data in the clear: the database as text, and the logs."""

import base64
import io
import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from structlog.stdlib import ProcessorFormatter


def dump_database() -> str:
    """Return every table as PostgreSQL writes it out, and what is packed up inside, unpacked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_name) FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        text = "\n".join(f"--- {name}\n{_copy(cursor, name)}" for name in tables)
    return "\n".join([text, *_unpacked()])


def _copy(cursor: object, table: str) -> str:
    with cursor.copy(f"COPY {table} TO STDOUT") as rows:  # type: ignore[attr-defined]
        return b"".join(bytes(block) for block in rows).decode()


def _unpacked() -> Iterator[str]:
    for session in Session.objects.all():
        yield f"session {SessionStore().decode(session.session_data)}"
    for task in OrmQ.objects.all():
        yield f"task {SignedPackage.loads(task.payload)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM core_cache")
        for key, value in cursor.fetchall():
            yield f"cache {key} {pickle.loads(base64.b64decode(value))}"  # noqa: S301


def find_traces(secret: str, text: str) -> list[str]:
    """Return how `secret` is in `text`: as it is, as hexadecimal bytes, or in Base64."""
    raw = secret.encode()
    shapes = {"plain": secret, "hex": raw.hex()}
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        shapes[f"base64+{shift}"] = packed[shift and shift + 1 : len(packed) - 1]
    return [name for name, shape in shapes.items() if shape in text]


@contextmanager
def kept_logs() -> Iterator[io.StringIO]:
    """Keep what the site's own log handler would write, in its own format."""
    formatter = next(
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    )
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    try:
        yield kept
    finally:
        logging.getLogger().removeHandler(handler)
