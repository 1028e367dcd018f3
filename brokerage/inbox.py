"""Accepting events, wherever they come from: one insert under the broker's own event id.

Nothing is looked up or started here. Workers find the row by its `next_step_at`
(`brokerage.operations.events`), so an event that is stored is an event that will be looked at.
"""

import hashlib
from datetime import datetime

import structlog
from django.db import connection

from brokerage.gateway import Envelope, get_broker
from brokerage.models import BrokerEvent

MALFORMED = "malformed"
FIELDS = BrokerEvent._meta.concrete_fields
COLUMNS = ", ".join(str(field.column) for field in FIELDS)
PLACES = ", ".join(["%s"] * len(FIELDS))
INSERT = (
    f"INSERT INTO {BrokerEvent._meta.db_table} ({COLUMNS}) VALUES ({PLACES}) "  # noqa: S608
    "ON CONFLICT (event_id) DO NOTHING"  # names come from our own model
)
log = structlog.get_logger()


def accept(message: str, *, source: BrokerEvent.Source, at: datetime) -> None:
    """Store an event; one that is here already changes nothing.

    :param message: the whole message, word for word
    :raises Malformed: it is no event
    """
    envelope = get_broker().read_envelope(message)
    _insert(_event(envelope, message, source, at))


def set_aside(message: str, *, source: BrokerEvent.Source, at: datetime) -> None:
    """Park a message that is no event, so that its sender can be told it was taken.

    It is kept once under the hash of its text, for a person to look at.
    """
    storable = message.encode(errors="replace").decode()
    name = f"{MALFORMED}:{hashlib.sha256(storable.encode()).hexdigest()}"
    event = _event(Envelope(name, MALFORMED, at), storable, source, at)
    event.status, event.next_step_at, event.handled_at = BrokerEvent.Status.PARKED, None, at
    _insert(event)
    log.error("event_malformed", event_id=name, source=source.value)


def _event(
    envelope: Envelope, message: str, source: BrokerEvent.Source, at: datetime
) -> BrokerEvent:
    return BrokerEvent(
        event_id=envelope.id,
        type=envelope.type,
        happened_at=envelope.happened_at,
        received_at=at,
        source=source,
        payload=message,
        next_step_at=at,
    )


def _insert(event: BrokerEvent) -> None:
    """Insert unless the broker's id is here, in one statement that is its own transaction.

    `bulk_create(ignore_conflicts=True)` would ask the database three times and compile its SQL
    anew each time, which costs half the rate.
    """
    values = [field.get_db_prep_save(getattr(event, field.attname), connection) for field in FIELDS]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
