"""`manage.py consume_broker_events`: carry events from the broker's queue into the inbox."""

import random
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections

from brokerage.drivewealth.queue import EventQueue, Message, QueueUnavailable
from brokerage.gateway import Malformed
from brokerage.inbox import accept, set_aside
from brokerage.models import BrokerEvent
from core import clock
from core.ending import call_when_told_to_end

LONGEST_PAUSE = 60.0  # seconds
SOURCE = BrokerEvent.Source.SQS
log = structlog.get_logger()


class Interrupted(Exception):
    """We were told to end while waiting for messages; what is on its way comes again."""


class Command(BaseCommand):
    help = "Take the broker's events from its SQS queue until told to end. Run as many as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BROKER_EVENTS_QUEUE_URL:
            raise CommandError("Set BROKER_EVENTS_QUEUE_URL.")
        self._stopping = self._waiting = False
        call_when_told_to_end(self._stop)
        queue = EventQueue()
        failures = 0
        while not self._stopping:
            try:
                close_old_connections()
                taken = self._round(queue)
            except Interrupted:
                break
            except (QueueUnavailable, DatabaseError, InterfaceError) as error:
                failures += 1
                pause = min(2.0 ** min(failures, 6), LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311
                log.warning("event_queue_waits", reason=_reason(error), seconds=round(pause, 1))
                self._rest(pause)
            else:
                failures = 0
                if taken:
                    log.info("events_taken", count=taken)

    def _stop(self, *_signal: Any) -> None:
        """Finish the batch in hand; where there is none, do not wait out the long poll."""
        self._stopping = True
        if self._waiting:
            self._waiting = False
            raise Interrupted

    def _rest(self, seconds: float) -> None:
        """Wait, but not longer than half a second once told to end."""
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))

    def _round(self, queue: EventQueue) -> int:
        """Take one batch: every message is committed in our database before it is deleted there."""
        self._waiting = True
        try:
            messages = queue.receive()
        finally:
            self._waiting = False
        if not messages:
            return 0
        done: list[Message] = []
        try:
            for message in messages:
                _store(message)
                done.append(message)
        finally:
            if done and (kept := queue.delete(done)):
                log.warning("events_not_deleted", count=kept)
        return len(done)


def _store(message: Message) -> None:
    at = clock.now()
    try:
        accept(message.body, source=SOURCE, at=at)
    except Malformed:
        set_aside(message.body, source=SOURCE, at=at)


def _reason(error: Exception) -> str:
    """Name a failure without the text of a database error, which quotes the row."""
    return str(error) if isinstance(error, QueueUnavailable) else type(error).__name__
