"""Accepting events, wherever they come from: one insert under the broker's own event id.

Nothing is looked up or started here. Workers find the row by its `next_step_at`
(`brokerage.operations.events`), so an event that is stored is an event that will be looked at.
"""

import hashlib
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection

from brokerage.gateway import Envelope, get_broker
from brokerage.models import BrokerEvent

Status = BrokerEvent.Status
MALFORMED = "malformed"
PAYLOAD = BrokerEvent._meta.get_field("payload")
# One statement that is its own transaction, its text made once. `bulk_create` with its
# `ignore_conflicts` asks the database three times and compiles SQL anew: that costs half the rate.
INSERT = (
    f"INSERT INTO {BrokerEvent._meta.db_table} (id, event_id, type, happened_at, received_at, "  # noqa: S608 (our own model)
    "source, payload, status, next_step_at, handled_at, attempts, trouble) "
    "VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, '') "
    "ON CONFLICT (event_id) DO NOTHING"
)
log = structlog.get_logger()


def accept(message: str, *, source: BrokerEvent.Source, at: datetime) -> None:
    """Store an event; one that is here already changes nothing.

    :param message: the whole message, word for word
    :raises Malformed: it is no event
    """
    envelope = get_broker().read_envelope(message)
    _insert(envelope, message, source, at, Status.RECEIVED, next_step_at=at)


def set_aside(message: str, *, source: BrokerEvent.Source, at: datetime) -> None:
    """Park a message that is no event, so that its sender can be told it was taken.

    It is kept once under the hash of its text, for a person to look at.
    """
    storable = message.encode(errors="replace").decode()
    name = f"{MALFORMED}:{hashlib.sha256(storable.encode()).hexdigest()}"
    envelope = Envelope(name, MALFORMED, at)
    _insert(envelope, storable, source, at, Status.PARKED, handled_at=at)
    log.error("event_malformed", event_id=name, source=source.value)


def _insert(
    envelope: Envelope,
    message: str,
    source: BrokerEvent.Source,
    at: datetime,
    status: BrokerEvent.Status,
    *,
    next_step_at: datetime | None = None,
    handled_at: datetime | None = None,
) -> None:
    """Insert unless the broker's id is here; a connection that has died is replaced once."""
    sealed = PAYLOAD.get_db_prep_save(message, connection)
    outside = (envelope.id, envelope.type, envelope.happened_at, at, source.value)
    values = [*outside, sealed, status.value, next_step_at, handled_at]
    # Django would ask `SELECT 1` before the first statement of a request: a round trip more.
    # This statement may be repeated, so it finds out itself whether the connection lives.
    connection.health_check_done = True  # type: ignore[attr-defined]  # not in the stubs
    try:
        _execute(values)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        _execute(values)


def _execute(values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
