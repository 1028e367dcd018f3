"""The inbox: what the broker told us, before anybody acted on it."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.driven import Driven
from core.fields import EncryptedTextField
from core.stateful import HeldMoves, Stateful


class BrokerEvent(Driven, Stateful):
    """One event, as it came. A hint, never truth: what it names is read again at the broker."""

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        DONE = "DONE", _("Done")
        IGNORED = "IGNORED", _("Not for us")
        PARKED = "PARKED", _("Given up, kept for a person")

    class Source(models.TextChoices):
        SQS = "sqs", _("Queue")
        RELAY = "relay", _("Relay")

    MOVES: ClassVar = {
        Status.RECEIVED: {Status.DONE, Status.IGNORED, Status.PARKED},
        Status.PARKED: {Status.RECEIVED},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_id = models.CharField(max_length=100, help_text="The broker's")
    type = models.CharField(max_length=60)
    happened_at = models.DateTimeField(help_text="By the broker's clock, cut to microseconds")
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=5, choices=Source)
    status = models.CharField(max_length=8, choices=Status, default=Status.RECEIVED)
    payload = EncryptedTextField(help_text="The whole message, word for word: it may name people")

    class Meta:
        # A constraint, for `unique=True` on text would add a second index for LIKE.
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_id"], name="broker_event_once")
        ]
        indexes: ClassVar = [models.Index(fields=["-received_at"], name="broker_event_newest")]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"

    def park(self, *, at: datetime, trouble: str) -> bool:
        """Give the event up; its status says so too."""
        if parked := super().park(at=at, trouble=trouble):
            self.move_to(self.Status.PARKED, handled_at=at)
        return parked

    @property
    def is_parked(self) -> bool:
        """Say whether the event waits for a person, be it that nobody was alarmed about it."""
        return bool(self.status == self.Status.PARKED)

    def unpark(self, *, at: datetime) -> bool:
        """Have a given-up event looked at again."""
        if not self.is_parked:
            return False
        again = {"parked_at": None, "next_step_at": at, "attempts": 0, "failures": 0}
        self.move_to(self.Status.RECEIVED, handled_at=None, **again)
        return True
