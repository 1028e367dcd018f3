"""Showing by two small amounts that a bank account is the parent's own.

Locks are taken in one order: the parent, the bank, its micro-deposits.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Parent
from brokerage.gateway import Rejected
from brokerage.microdeposits import Order, Sent, get_sender, is_sending_possible
from brokerage.models import BankAccount, MicroDeposits, Notice
from brokerage.notices import write_notice
from brokerage.polling import KEY_MEMORY
from core import audit
from core.calendars import add_banking_days
from core.clock import NEW_YORK
from core.driving import TooEarly, drive
from core.encryption import blind_index
from core.errors import Invalid, NotNow
from core.queue import enqueue
from core.switches import is_halted

TASK = "brokerage.tasks.advance_micro_deposits"
BANK_TASK = "brokerage.tasks.advance_bank"
Status = BankAccount.Status
WAIT = timedelta(minutes=1)
LOOK_EVERY = timedelta(hours=1)
DAY = timedelta(days=1)
TRIES = "tries"  # the code of an end by three wrong guesses
UNKNOWN = gettext_lazy(
    "Your bank knows no account with these numbers. Check them and link it again."
)
RETURN_REASONS = {  # Nacha's return codes
    "R02": gettext_lazy("This account is closed. Link another one."),
    "R03": UNKNOWN,
    "R04": UNKNOWN,
    "R16": gettext_lazy("Your bank has frozen this account. Link another one."),
    "R20": gettext_lazy("This kind of account takes no transfers. Link a checking account."),
}
RETURNED = gettext_lazy(
    "Your bank sent the two small deposits back. Check the numbers and link it again."
)
REFUSED = gettext_lazy("These numbers were not accepted. Check them and link it again.")
THREE_TIMES = gettext_lazy(
    "The amounts were wrong three times. Remove this account and link it again; "
    "we send two new ones."
)
TOO_LATE = gettext_lazy(
    "The two amounts were not confirmed in time. Remove this account and link it again."
)


class WrongAmounts(Invalid):
    """Not the two amounts; another try is left."""

    code = "wrong_amounts"


def check_can_send(parent: Parent, *, at: datetime) -> None:
    """Refuse to send money to whoever keeps asking; call with the parent locked.

    :raises NotNow: no sender, or as often as one may in a day
    """
    if not is_sending_possible():
        message = _("Linking by typed numbers is not available yet.")
        raise NotNow(message, code="manual_linking_off")
    lately = MicroDeposits.objects.filter(bank__parent=parent, created_at__gt=at - DAY)
    if lately.count() >= settings.MICRO_DEPOSITS_PER_DAY:
        message = _("That is enough for one day: please try again tomorrow.")
        raise NotNow(message, code="too_many_deposits")


def order_micro_deposits(bank: BankAccount, *, tries: int = 0, at: datetime) -> MicroDeposits:
    """Write in the caller's transaction that two amounts are to be sent.

    :param tries: wrong guesses so far, so that new amounts do not mean new tries
    """
    key = uuid5(bank.key, f"micro-deposits {bank.micro_deposits.count()}")
    deposits = MicroDeposits.objects.create(
        bank=bank,
        key=key,
        amounts=MicroDeposits.write(_amounts_under(key)),
        tries=tries,
        created_at=at,
        next_step_at=at,
    )
    enqueue(TASK, pk=deposits.pk)
    return deposits


def _amounts_under(key: UUID) -> tuple[int, int]:
    """Return the two different numbers of cents, 1 to 99, that are sent under a key.

    They follow from it and from our secret: whoever asks again under the key asks for the same.
    """
    drawn = int(blind_index(str(key), context="brokerage.micro_deposits.amounts"), 16)
    first = drawn % 99 + 1
    second = drawn // 99 % 98 + 1
    return first, second + (second >= first)


def confirm_bank(
    *,
    bank: BankAccount,
    cents: tuple[int, int],
    by: Parent,
    at: datetime,
    tries_left: int | None = None,
) -> BankAccount:
    """Compare two amounts with those sent; the right ones let the bank be linked.

    A wrong guess is committed before it is refused, hence never in a caller's transaction.

    :param cents: the two amounts, in either order
    :param tries_left: as shown to whoever guesses; a form sent twice then counts once
    :raises WrongAmounts: another try is left
    :raises NotNow: nothing to compare with: not sent, expired, no more tries, or counted already
    """
    with transaction.atomic(durable=True):
        bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
        if bank.verified_at and bank.status in {Status.INTENDED, Status.ACTIVE}:
            return bank
        deposits = _get_confirmable(bank, at)
        if tries_left is not None and tries_left != deposits.tries_left:
            message = _("That try was counted already. Look at the amounts and try once more.")
            raise NotNow(message, code="already_counted")
        if deposits.are(cents):
            return _accept(bank, deposits, by, at)
        _count_wrong_guess(bank, deposits, by, at)
    if not deposits.tries_left:
        raise NotNow(bank.refusal, code="no_tries_left")
    left = deposits.tries_left
    raise WrongAmounts(
        ngettext(
            "Those are not the two amounts. One try is left.",
            "Those are not the two amounts. %(left)d tries are left.",
            left,
        )
        % {"left": left}
    )


def resend_micro_deposits(*, bank: BankAccount, by: Parent, at: datetime) -> None:
    """Send two new amounts for those that did not come or have expired; tries are not renewed.

    :raises NotNow: too early, too often, or nothing to confirm
    """
    with transaction.atomic():
        lock_parent(by.pk)
        bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
        latest = bank.micro_deposits.order_by("-created_at").first()
        if bank.status != Status.VERIFYING or latest is None:
            raise NotNow(_("There is nothing to confirm about this bank account."))
        if bank.resends_left <= 0:
            raise NotNow(
                _("We have sent several already. Check the numbers, and link it again."),
                code="no_resends_left",
            )
        if not latest.can_be_replaced(at):
            message = _("They may still arrive. You can have new ones sent the day after.")
            raise NotNow(message, code="too_early")
        check_can_send(by, at=at)
        bank.micro_deposits.filter(ended_at=None).update(ended_at=at, next_step_at=None)
        order_micro_deposits(bank, tries=latest.tries, at=at)
        audit.record("bank.micro_deposits_asked_again", bank, by=by.user, at=at)


def lock_parent(pk: UUID) -> None:
    """Let one at a time decide about a parent's banks; rows that point to the parent may come."""
    Parent.objects.select_for_update(no_key=True).get(pk=pk)


# --- sending, and what becomes of it --------------------------------------------------------------


def advance_micro_deposits(pk: UUID, *, at: datetime) -> None:
    """Take two amounts one step: sent, looked after until they cannot come back, expired."""
    drive(MicroDeposits, pk, _step, task=TASK, at=at)


def _step(deposits: MicroDeposits, at: datetime) -> datetime | None:
    if deposits.ended_at:
        return None
    if deposits.expires_at is None:
        return _send(deposits, at)
    if at >= deposits.expires_at:
        _expire(deposits, at)
        return None
    sent = get_sender().get(deposits.vendor_id)
    if sent.status == "RETURNED":
        _end_in_refusal(deposits, RETURN_REASONS.get(sent.return_code, RETURNED), at, sent)
        return None
    return min(at + LOOK_EVERY, deposits.expires_at)


def _send(deposits: MicroDeposits, at: datetime) -> datetime | None:
    if is_halted("halt-deposits"):
        return at + WAIT
    bank = deposits.bank
    order = Order(bank.routing_number, bank.account_number, bank.kind, deposits.in_dollars())
    try:
        sent = _send_or_find(deposits, order, at)
    except Rejected as refusal:
        _end_in_refusal(deposits, REFUSED, at, code=refusal.code)
        return None
    today = at.astimezone(NEW_YORK).date()
    with transaction.atomic():
        bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
        MicroDeposits.objects.filter(pk=deposits.pk).update(
            vendor_id=sent.id,
            sent_at=at,
            expected_on=sent.expected_on or add_banking_days(today, 1),
        )
        if bank.status == Status.INTENDED:
            bank.move_to(Status.VERIFYING)
        audit.record("bank.micro_deposits_sent", bank, by="brokerage", at=at)
    return at + LOOK_EVERY


def _send_or_find(deposits: MicroDeposits, order: Order, at: datetime) -> Sent:
    """Have the amounts sent, unless they are on their way already.

    :raises Rejected: they are not taken, and were not
    :raises TooEarly: the sender says that it has them, and shows them nowhere
    """
    sender, found = get_sender(), None
    if at - deposits.created_at > KEY_MEMORY:
        found = sender.find(key=deposits.key)
    if found is not None:
        return found
    try:
        return sender.send(order, key=deposits.key)
    except Rejected as refusal:
        if deposits.attempts or refusal.duplicate:
            found = sender.find(key=deposits.key)
        if found is None and refusal.duplicate:
            raise TooEarly("sent already, it says, but it shows nowhere", counted=True) from refusal
        if found is None:
            raise
        return found


def _end(deposits: MicroDeposits, at: datetime) -> bool:
    """End the row; False where it has ended meanwhile. The bank is locked."""
    rows = MicroDeposits.objects.filter(pk=deposits.pk, ended_at=None)
    return bool(rows.update(ended_at=at, next_step_at=None))


def _end_in_refusal(
    deposits: MicroDeposits,
    reason: Any,
    at: datetime,
    sent: Sent | None = None,
    code: str = "",
) -> None:
    """Refuse a bank that sent the amounts back, or to which none can be sent."""
    with transaction.atomic():
        bank = BankAccount.objects.select_for_update().get(pk=deposits.bank_id)
        if _end(deposits, at):
            _refuse(bank, reason, at, code=sent.return_code if sent else code)


def _expire(deposits: MicroDeposits, at: datetime) -> None:
    """End amounts nobody named in time; the bank waits for new ones while there may be some."""
    with transaction.atomic():
        bank = BankAccount.objects.select_for_update().get(pk=deposits.bank_id)
        if not _end(deposits, at):
            return
        audit.record("bank.micro_deposits_expired", bank, by="brokerage", at=at)
        if bank.resends_left <= 0:
            _refuse(bank, TOO_LATE, at, code="expired")


def _refuse(bank: BankAccount, reason: Any, at: datetime, *, code: str) -> None:
    """Note that an account is not linked; who did not just read it on the page is written to."""
    bank.move_to(Status.REFUSED, refusal=str(reason), next_step_at=None)
    audit.record("bank.refused", bank, by="brokerage", at=at, code=code)
    if code != TRIES:
        write_notice(Notice.Kind.BANK_REFUSED, bank.parent, bank, at=at, said=str(reason))


# --- guessing -------------------------------------------------------------------------------------


def _get_confirmable(bank: BankAccount, at: datetime) -> MicroDeposits:
    """Return the amounts that can be named now.

    :raises NotNow: there are none, or they have expired
    """
    if bank.status == Status.REFUSED:
        raise NotNow(bank.refusal, code="refused")
    deposits: MicroDeposits | None = bank.micro_deposits.filter(ended_at=None).first()
    if bank.status != Status.VERIFYING or (deposits and deposits.expires_at is None):
        message = _("The two small deposits are not sent yet. Come back when they have arrived.")
        raise NotNow(message, code="not_sent")
    if deposits is None or (deposits.expires_at and at >= deposits.expires_at):
        message = _("Those amounts have expired. Have new ones sent.")
        raise NotNow(message, code="expired")
    return deposits


def _accept(bank: BankAccount, deposits: MicroDeposits, by: Parent, at: datetime) -> BankAccount:
    _end(deposits, at)
    bank.move_to(Status.INTENDED, verified_at=at, next_step_at=at)
    audit.record("bank.verified", bank, by=by.user, at=at)
    enqueue(BANK_TASK, pk=bank.pk)
    return bank


def _count_wrong_guess(
    bank: BankAccount, deposits: MicroDeposits, by: Parent, at: datetime
) -> None:
    deposits.tries += 1
    MicroDeposits.objects.filter(pk=deposits.pk).update(tries=deposits.tries)
    audit.record("bank.guessed_wrong", bank, by=by.user, at=at, tries=deposits.tries)
    if not deposits.tries_left:
        _end(deposits, at)
        _refuse(bank, THREE_TIMES, at, code=TRIES)
