"""Asking the broker for something once: sent under its key, looked for wherever it may be there.

A lost answer, a repeat that is refused and an error that does not say what became of it are no
proof that nothing was made. Where a look at the broker proves neither, a person decides.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction

from accounts.models import Parent
from brokerage.gateway import Rejected, Undecided
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Case, Deposit, Order
from brokerage.operations.cases import open_case, settle_case
from brokerage.polling import KEY_MEMORY
from core.driving import TooEarly

Sent = BrokerUser | BrokerAccount | BankAccount | Deposit | Order
Found = TypeVar("Found")
LANDED = timedelta(minutes=5)  # a call whose answer was lost has arrived by then, or never will
# Stands among what may be it where the broker says it has it, or may, and shows it nowhere.
UNSHOWN: dict[str, str] = {"id": "", "told": "something that it shows nowhere"}
SUMMARY = (
    "No clear answer came to what we asked the broker for, and it may have it. Nothing is sent "
    "until you have compared, or asked there: is it this one?"
)


class Unclear(Exception):
    """The broker has something that may be the one; a case is open, nothing may be sent."""


def ask_once(
    row: Sent,
    at: datetime,
    *,
    send: Callable[[], Found],
    find: Callable[[], Found | None],
    repeat: bool | None = None,
    shows_all: bool = True,
) -> Found:
    """Send what a row asks for, unless it is there already; return what the broker has.

    :param find: looks for it at the broker
    :param repeat: it may have been sent before; by default so where `asked_at` is written
    :param shows_all: what `find` does not find is not there; False where nothing lists it
    :raises Rejected: the broker does not take it, and does not have it
    :raises Unclear: a person has to decide
    :raises TooEarly: it may still show
    :raises Unavailable: no usable answer
    """
    again = row.asked_at is not None if repeat is None else repeat
    if row.may_be or at - (row.asked_at or at) > KEY_MEMORY:
        found = find()
        if found is not None:
            return found
        if not shows_all and not row.ruled_out:
            hold(row, at)
    note_asked(row, at)
    try:
        return send()
    except Undecided:
        found = find()
        if found is None and not shows_all and at - (row.asked_at or at) >= LANDED:
            hold(row, at)
        if found is None:
            raise
        return found
    except Rejected as refusal:
        found = find()
        if found is not None:
            return found
        check_refusal(row, refusal, at, repeat=again)
        raise


def note_asked(row: Sent, at: datetime) -> None:
    """Write, before the first call, that the broker may know the row from now on."""
    if row.asked_at is None:
        type(row).objects.filter(pk=row.pk, asked_at=None).update(asked_at=at)
        row.asked_at = at


def check_refusal(row: Sent, refusal: Rejected, at: datetime, *, repeat: bool) -> None:
    """Return where a refusal may be believed: after what may have been made was looked for.

    :raises TooEarly: it may be there, and shows a moment later
    :raises Unclear: the broker says it has it, and shows it nowhere
    """
    if not (repeat or refusal.duplicate or refusal.doubtful):
        return
    if row.refused_at is None:
        type(row).objects.filter(pk=row.pk).update(refused_at=at)
        row.refused_at = at
    if at - row.refused_at < LANDED:
        raise TooEarly(f"refused ({refusal.code}), but it may be there: looked for again")
    if refusal.duplicate:
        hold(row, at)


def hold(row: Sent, at: datetime) -> None:
    """Stop for a person.

    :raises Unclear: always
    """
    _write_may_be(row, [UNSHOWN], at)
    raise Unclear


def weigh(row: Sent, like: Sequence[tuple[str, str]], taken: Iterable[str], at: datetime) -> None:
    """Write down what at the broker may be the row, with a case while there is any.

    :param like: its id there, and what is told of it
    :param taken: ids that are other rows'
    :raises Unclear: there is
    """
    out = {*taken, *row.ruled_out}
    may_be = [{"id": its_id, "told": told} for its_id, told in like if its_id not in out]
    if not may_be and row.may_be == [UNSHOWN]:
        may_be = [UNSHOWN]  # it shows still nowhere; only a person ends this
    _write_may_be(row, may_be, at)
    if may_be:
        raise Unclear


def settle(row: Sent, at: datetime) -> None:
    """Note that nothing is to be decided about a row (any more)."""
    _write_may_be(row, [], at)


def _write_may_be(row: Sent, may_be: list[dict[str, str]], at: datetime) -> None:
    with transaction.atomic():
        if may_be != row.may_be:
            type(row).objects.filter(pk=row.pk).update(may_be=may_be)
            row.may_be = may_be
            if not may_be:
                settle_case(Case.Kind.LOST, row, finding="It is clear by now.", at=at)
        if may_be:
            account, parent = belongings(row)
            open_case(Case.Kind.LOST, row, summary=SUMMARY, at=at, account=account, parent=parent)


def belongings(row: Any) -> tuple[BrokerAccount | None, Parent]:
    """Return the account a row is about, where there is one, and whose it is."""
    if isinstance(row, BrokerUser):
        return None, row.parent or row.child.parent  # type: ignore[union-attr]
    if isinstance(row, BankAccount):
        return None, row.parent
    account = row if isinstance(row, BrokerAccount) else row.account
    return account, account.child.parent
