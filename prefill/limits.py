"""How often a code is texted, and who tries one when: exact, whatever number of processes ask.

A text costs money, and one that nobody asked for is a nuisance: so numbers, addresses and tenants
each have an allowance (`core.vendors.Allowance`). It is taken before the text is asked for. A
number is counted over all tenants of a mode, under its keyed hash.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import DateTimeField, F, Func, QuerySet, Value
from django.db.models.lookups import LessThan
from django.utils.translation import gettext as _

from core.clock import ticking
from core.encryption import blind_index
from core.errors import DomainError, NotNow
from core.models import VendorAllowance
from core.vendors import Allowance
from core.waiting import in_words
from prefill.phones import index_phone

PREFIX = "texts:"
DAY = timedelta(days=1)
NUMBER_SOON = (3, timedelta(minutes=10))
NUMBER_DAY = (10, DAY)
ADDRESS_DAY = (20, DAY)  # of one IP address
LOOKUPS_DAY = (5, DAY)  # of one proven number
KEYS = (4, timedelta(minutes=1))  # webhooks' keys nobody here knows, for one sender
KEYS_OF_ALL = (20, timedelta(minutes=1))
TURN = timedelta(seconds=60)  # longer than two calls to the vendor; who died lets go by then
PATIENCE = 3.0  # seconds a second tab waits for the first one's answer
PAUSE = 0.1


class TooManyTexts(DomainError):
    """No more codes for now."""

    code = "too_many_texts"
    status = 429

    def __init__(self, retry_after: float) -> None:
        message = _("Too many codes were asked for. Please try again %s, or fill in by hand.")
        super().__init__(message % in_words(retry_after))
        self.retry_after = retry_after


class Taken:
    """What one text took, to be given back if it is not sent after all."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._allowances: list[Allowance] = []

    def take(self, allowance: Allowance) -> None:
        """Take one, or give back all.

        :raises TooManyTexts: none left
        """
        if wait := allowance.take(self._at):
            self.give_back()
            raise TooManyTexts(wait)
        self._allowances.append(allowance)

    def give_back(self) -> None:
        while self._allowances:
            self._allowances.pop().give_back(self._at)


def take_text(
    *, tenant_id: UUID, mode: str, phone: str, ip_address: str | None, at: datetime
) -> Taken:
    """Take one text from every allowance it counts in, or from none.

    Outside any transaction: a lock held on would stop everybody.

    :raises TooManyTexts: one of them is used up
    """
    if settings.SMS_PER_DAY < 1:
        raise TooManyTexts(DAY.total_seconds())
    number = f"number:{mode}:{index_phone(phone)}"
    taken = Taken(at)
    taken.take(_allow(f"{number}:soon", NUMBER_SOON))
    taken.take(_allow(f"{number}:day", NUMBER_DAY))
    if ip_address:
        address = blind_index(ip_address, context="prefill.ip")
        taken.take(_allow(f"ip:{mode}:{address}", ADDRESS_DAY))
    taken.take(_allow(f"tenant:{mode}:{tenant_id}", (settings.SMS_PER_DAY, DAY)))
    return taken


def take_lookup(*, mode: str, phone: str, at: datetime) -> None:
    """Take one search for the person behind a proven number: dates of birth are not to be tried.

    :raises TooManyTexts: none left
    """
    Taken(at).take(_allow(f"lookup:{mode}:{index_phone(phone)}", LOOKUPS_DAY))


@contextmanager
def one_at_a_time(applicant_id: UUID, *, at: datetime) -> Iterator[None]:
    """Do what is inside while nobody else texts or tries a code for this applicant.

    Others wait a moment. Two tabs may send the same right code: the vendor takes it once, and would
    call the second one wrong before the first is written down. And two texts to two numbers at once
    could arrive there in the other order: the code of one number would prove the other.

    :raises NotNow: still busy after a moment (`busy`)
    """
    turn = Allowance(f"{PREFIX}turn:{applicant_id}", most=1, period=TURN)
    now, deadline = ticking(at), time.monotonic() + PATIENCE
    while turn.take(taken_at := now()):
        if time.monotonic() > deadline:
            message = _("We are still busy with what you did last. Look again in a moment.")
            raise NotNow(message, code="busy")
        time.sleep(PAUSE)
    try:
        yield
    finally:
        turn.give_back(taken_at)


def may_ask_for_key(mode: str, sender: str) -> bool:
    """Say whether Plaid may be asked for a webhook's key this sender has named (an IP address)."""
    theirs = blind_index(sender, context="prefill.sender")
    counted = [(f"key:{mode}:{theirs}", KEYS), (f"key:{mode}", KEYS_OF_ALL)]
    return not any(_allow(name, limit).take() for name, limit in counted)


def list_unused(at: datetime) -> QuerySet[VendorAllowance]:
    """Return the allowances that count nothing any more, for `core.retention`."""
    last = Func(
        F("taken"),
        template="coalesce((%(expressions)s)[cardinality(%(expressions)s)], '-infinity')",
        output_field=DateTimeField(),
    )
    rows = VendorAllowance.objects.filter(name__startswith=PREFIX)
    return rows.filter(LessThan(last, Value(at - DAY)))


def _allow(name: str, limit: tuple[int, timedelta]) -> Allowance:
    most, period = limit
    return Allowance(f"{PREFIX}{name}", most=most, period=period)
