"""Linking a parent's bank account, following it at the broker, and removing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Parent
from brokerage.gateway import BankDetails, PlaidBank, Rejected, get_broker
from brokerage.models import BankAccount, BrokerUser, Deposit, Purchase
from brokerage.operations.microdeposits import (
    BANK_TASK,
    check_can_send,
    lock_parent,
    order_micro_deposits,
)
from brokerage.operations.vouching import describe_end, find_why_ended, index_plaid_account
from core import audit
from core.driving import drive
from core.encryption import blind_index
from core.errors import NotNow
from core.queue import enqueue

TASK = BANK_TASK
Status = BankAccount.Status
Source = BankAccount.Source
WAITING = timedelta(seconds=15)
READ_EVERY = timedelta(days=1)
DISABLED_BY_BROKER = gettext_lazy(
    "The broker has disabled this bank account. Verify it again, or link another one."
)
BAD_TOKEN = gettext_lazy(
    "Your bank's permission was no longer good when we used it. Link the bank once more."
)


@dataclass(frozen=True)
class BankNumbers:
    """A bank account as typed; values already validated. `kind`: CHECKING or SAVINGS."""

    routing_number: str
    account_number: str
    kind: str
    nickname: str = ""


@dataclass(frozen=True)
class PlaidBankToken:
    """A bank account Plaid has verified. `account_ref` is Plaid's own id of the account."""

    processor_token: str = field(repr=False)
    account_ref: str
    last4: str
    kind: str
    bank_name: str = ""
    nickname: str = ""


def link_bank(*, parent: Parent, numbers: BankNumbers, at: datetime) -> BankAccount:
    """Link a bank account by its numbers: two small amounts are sent to it, to be confirmed.

    :raises NotNow: linked already, no sender, too many today, or the parent's form is not in
    """
    index = blind_index(
        f"{numbers.routing_number}:{numbers.account_number}", context="brokerage.bank.number"
    )
    with _linked_once("account_number"), transaction.atomic():
        lock_parent(parent.pk)
        check_can_send(parent, at=at)
        bank = _write_link(
            parent,
            at,
            kind=numbers.kind,
            nickname=numbers.nickname,
            routing_number=numbers.routing_number,
            account_number=numbers.account_number,
            last4=numbers.account_number[-4:],
            number_index=index,
        )
        order_micro_deposits(bank, at=at)
    return bank


def link_bank_by_token(*, parent: Parent, token: PlaidBankToken, at: datetime) -> BankAccount:
    """Link a bank account by the processor token Plaid made for the broker.

    A disabled link of the same account makes room for it.

    :raises NotNow: linked already, the parent's form is not in, or money from the disabled one is
        under way
    """
    index = index_plaid_account(token.account_ref)
    with _linked_once("account_ref"), transaction.atomic():
        lock_parent(parent.pk)
        over = BankAccount.objects.select_for_update().filter(
            parent=parent, source=Source.PLAID, number_index=index, status=Status.DISABLED
        )
        for old in over:
            _remove(old, parent, at)
        bank = _write_link(
            parent,
            at,
            source=Source.PLAID,
            kind=token.kind,
            nickname=token.nickname,
            bank_name=token.bank_name,
            processor_token=token.processor_token,
            last4=token.last4,
            number_index=index,
            verified_at=at,
            next_step_at=at,
        )
        enqueue(TASK, pk=bank.pk)
    return bank


def verify_bank_again(*, bank: BankAccount, by: Parent, at: datetime) -> BankAccount:
    """Link a disabled bank account anew by the numbers we have; return the new link.

    :raises NotNow: not disabled, not linked by numbers, or money from it is under way
    """
    with transaction.atomic():
        lock_parent(by.pk)
        old = BankAccount.objects.select_for_update().get(pk=bank.pk)
        if old.status != Status.DISABLED or old.source != Source.NUMBERS:
            raise NotNow(_("This bank account can not be verified again."), code="not_disabled")
        check_can_send(by, at=at)
        _remove(old, by, at)
        new = _write_link(
            by,
            at,
            kind=old.kind,
            nickname=old.nickname,
            routing_number=old.routing_number,
            account_number=old.account_number,
            last4=old.last4,
            number_index=old.number_index,
        )
        order_micro_deposits(new, at=at)
    return new


@transaction.atomic
def make_primary(*, bank: BankAccount, by: Parent, at: datetime) -> None:
    """Have gifts paid from this bank unless another one is chosen.

    :raises NotNow: not linked (any more)
    """
    lock_parent(by.pk)
    bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
    if bank.status != Status.ACTIVE:
        raise NotNow(_("Only a linked bank account can be used for gifts."), code="bank")
    if bank.is_primary:
        return
    BankAccount.objects.filter(parent=by, is_primary=True).update(is_primary=False)
    BankAccount.objects.filter(pk=bank.pk).update(is_primary=True)
    audit.record("bank.made_primary", bank, by=by.user, at=at)


@transaction.atomic
def remove_bank(*, bank: BankAccount, by: Parent, at: datetime) -> None:
    """Stop using a bank account; the next linked one becomes the primary.

    :raises NotNow: money from it is under way
    """
    lock_parent(by.pk)
    bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
    _remove(bank, by, at)


@transaction.atomic
def disable_bank(bank: BankAccount, *, reason: str, at: datetime) -> None:
    """Debit an account no more: its bank said that it is not what we took it for (e.g. R03).

    It stays so whatever the broker says, until the parent verifies it again or removes it.

    :param reason: a sentence for the parent
    """
    lock_parent(bank.parent_id)
    bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
    if bank.status == Status.DISABLED:
        BankAccount.objects.filter(pk=bank.pk).update(verified_at=None, refusal=reason[:200])
    elif bank.status == Status.ACTIVE:
        _disable(bank, reason, at, verified_at=None)


@transaction.atomic
def end_plaid_bank(*, parent_id: UUID, number_index: str, why: str, at: datetime) -> None:
    """Debit an account no more that Plaid vouches for no more; only a new link takes it up again.

    One that is just being linked is removed. A repeat is fine.

    :param why: as `prefill.events.accounts_ended` tells it
    """
    lock_parent(parent_id)
    bank = (
        BankAccount.objects.select_for_update()
        .filter(parent=parent_id, source=Source.PLAID, number_index=number_index)
        .filter(status__in=[Status.INTENDED, Status.ACTIVE, Status.DISABLED])
        .first()
    )
    if bank is None:
        return
    if bank.status != Status.INTENDED:
        disable_bank(bank, reason=describe_end(why), at=at)
        return
    bank.move_to(Status.REMOVED, refusal=describe_end(why), next_step_at=at)
    audit.record("bank.removed", bank, by="prefill", at=at, why=why)
    enqueue(TASK, pk=bank.pk)


def check_vouched(bank: BankAccount, *, at: datetime) -> None:
    """Disable a bank that Plaid vouches for no more, before it is debited: news can be lost."""
    if bank.status == Status.ACTIVE and (why := find_why_ended(bank)):
        end_plaid_bank(parent_id=bank.parent_id, number_index=bank.number_index, why=why, at=at)
        bank.refresh_from_db()


# --- at the broker --------------------------------------------------------------------------------


def advance_bank(pk: UUID, *, at: datetime) -> None:
    """Take a bank account one step: linked at the broker, followed there, removed there."""
    drive(BankAccount, pk, _step, task=TASK, at=at)


def _step(bank: BankAccount, at: datetime) -> datetime | None:
    if bank.status == Status.INTENDED and bank.verified_at:
        return _link_at_broker(bank, at)
    if bank.status in {Status.ACTIVE, Status.DISABLED}:
        return _follow(bank, at)
    if bank.status == Status.REMOVED:
        return _unlink_at_broker(bank, at)
    return None


def _link_at_broker(bank: BankAccount, at: datetime) -> datetime | None:
    try:
        vendor_id = _create_at_broker(bank)
    except Rejected as refusal:
        reason = BAD_TOKEN if refusal.code == "bank_token" else refusal.reason
        with transaction.atomic():
            bank.move_to(Status.REFUSED, refusal=str(reason), processor_token=None)
            audit.record("bank.refused", bank, by="brokerage", at=at, code=refusal.code)
        return None
    if vendor_id is None:
        return at + WAITING
    with transaction.atomic():
        lock_parent(bank.parent_id)
        bank.move_to(Status.ACTIVE, vendor_id=vendor_id, processor_token=None)
        _have_a_primary(bank.parent_id)
        audit.record("bank.active", bank, by="brokerage", at=at)
    return at + READ_EVERY


def _create_at_broker(bank: BankAccount) -> str | None:
    """Create the bank there under its own key; None while the broker does not know the parent.

    :raises Rejected: the broker does not take it
    """
    holder = BrokerUser.objects.filter(parent=bank.parent_id).first()
    if holder is None or not holder.vendor_id:
        return None
    nickname = bank.nickname or str(bank)
    details: BankDetails | PlaidBank
    if bank.source == Source.PLAID:
        details = PlaidBank(bank.processor_token or "", nickname)
    else:
        details = BankDetails(bank.routing_number, bank.account_number, bank.kind, nickname)
    return get_broker().create_bank(holder.vendor_id, details, key=bank.key)


def _follow(bank: BankAccount, at: datetime) -> datetime | None:
    """Read how the bank stands at the broker.

    One that its own bank disowned has lost `verified_at`; the broker's word does not revive it.
    """
    state = get_broker().get_bank(bank.vendor_id)
    with transaction.atomic():
        lock_parent(bank.parent_id)
        bank.refresh_from_db(fields=["status", "verified_at"])
        if bank.status == Status.REMOVED:
            return at
        if state.status == "REMOVED":
            bank.move_to(Status.REMOVED, is_primary=False)
            audit.record("bank.removed", bank, by="brokerage", at=at)
        elif state.status == "DISABLED" and bank.status == Status.ACTIVE:
            _disable(bank, str(DISABLED_BY_BROKER), at)
        elif bank.status == Status.ACTIVE and (why := find_why_ended(bank)):
            _disable(bank, describe_end(why), at, verified_at=None)
        elif state.status == "ACTIVE" and bank.status == Status.DISABLED and bank.verified_at:
            bank.move_to(Status.ACTIVE, refusal="")
            audit.record("bank.active", bank, by="brokerage", at=at)
        _have_a_primary(bank.parent_id)
    return None if state.status == "REMOVED" else at + READ_EVERY


def _unlink_at_broker(bank: BankAccount, at: datetime) -> datetime | None:
    """Tell the broker that a bank is removed; removing it twice is fine there.

    Where it was removed while being linked its creation may have been asked for: asking again under
    the same key tells its id.
    """
    if not bank.vendor_id and bank.verified_at:
        try:
            bank.vendor_id = _create_at_broker(bank) or ""
        except Rejected:
            bank.vendor_id = ""
    if bank.vendor_id:
        get_broker().remove_bank(bank.vendor_id)
    with transaction.atomic():
        BankAccount.objects.filter(pk=bank.pk).update(
            vendor_id=bank.vendor_id, processor_token=None
        )
        audit.record("bank.unlinked", bank, by="brokerage", at=at)
    return None


# --- parts of a write; the parent is locked -------------------------------------------------------


@contextmanager
def _linked_once(field: str) -> Iterator[None]:
    """Turn the second link of the same account into a refusal at `field`."""
    try:
        yield
    except IntegrityError as error:
        message = _("This bank account is linked already.")
        raise NotNow(message, code="bank_known", fields={field: message}) from error


def _write_link(parent: Parent, at: datetime, **values: Any) -> BankAccount:
    if not BrokerUser.objects.filter(parent=parent).exists():
        raise NotNow(_("First tell us about yourself; then you can link a bank."), code="kyc_first")
    bank = BankAccount.objects.create(parent=parent, created_at=at, **values)
    audit.record("bank.linked", bank, by=parent.user, at=at, source=bank.source)
    return bank


def _remove(bank: BankAccount, by: Parent, at: datetime) -> None:
    if _money_is_under_way(bank):
        raise NotNow(_("Money from this bank is on its way. Remove it once it has arrived."))
    known = bank.verified_at or bank.vendor_id
    bank.move_to(Status.REMOVED, is_primary=False, next_step_at=at if known else None)
    bank.micro_deposits.filter(ended_at=None).update(ended_at=at, next_step_at=None)
    _have_a_primary(by.pk)
    audit.record("bank.removed", bank, by=by.user, at=at)
    if known:
        enqueue(TASK, pk=bank.pk)


def _money_is_under_way(bank: BankAccount) -> bool:
    """Say whether a debit of this bank is asked for, or will be.

    From a disabled bank nothing more is asked for: a purchase that waits for it need not keep it.
    """
    waiting = [Purchase.Status.FUNDING]
    if bank.status != Status.DISABLED:
        waiting.append(Purchase.Status.QUEUED)
    sent = (Deposit.Status.INTENDED, Deposit.Status.PENDING, Deposit.Status.ON_HOLD)
    return (
        Purchase.objects.filter(bank=bank, status__in=waiting).exists()
        or Deposit.objects.filter(bank=bank, status__in=sent).exists()
    )


def _disable(bank: BankAccount, reason: str, at: datetime, **changes: Any) -> None:
    bank.move_to(Status.DISABLED, is_primary=False, refusal=reason[:200], **changes)
    _have_a_primary(bank.parent_id)
    audit.record("bank.disabled", bank, by="brokerage", at=at)


def _have_a_primary(parent_id: UUID) -> None:
    """Make the oldest linked bank the primary where there is none."""
    banks = BankAccount.objects.filter(parent=parent_id)
    if banks.filter(is_primary=True).exists():
        return
    heir = banks.filter(status=Status.ACTIVE).order_by("created_at").first()
    if heir:
        BankAccount.objects.filter(pk=heir.pk).update(is_primary=True)
