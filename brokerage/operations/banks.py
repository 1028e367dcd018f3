"""Linking a parent's bank account, choosing the one for gifts, disabling and removing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Parent
from brokerage.models import BankAccount, Case
from brokerage.operations.bank_writes import (
    linked_already,
    linked_once,
    write_disabled,
    write_link,
    write_removal,
)
from brokerage.operations.cases import settle_case
from brokerage.operations.microdeposits import (
    BANK_TASK,
    check_can_send,
    lock_parent,
    order_micro_deposits,
)
from brokerage.operations.owners import check_not_anothers, compare_owner, hold
from brokerage.operations.vouching import (
    describe_end,
    find_why_ended,
    index_plaid_account,
    list_questioned,
)
from core import audit
from core.encryption import blind_index
from core.errors import Findings, NotNow
from core.queue import enqueue

TASK = BANK_TASK
Status = BankAccount.Status
Source = BankAccount.Source
DISOWNED = "The bank account is not used any more, whoever owns it."


@dataclass(frozen=True)
class BankNumbers:
    """A bank account as typed; values already validated. `kind`: CHECKING or SAVINGS."""

    routing_number: str
    account_number: str
    kind: str
    nickname: str = ""


@dataclass(frozen=True)
class PlaidBankToken:
    """A bank account Plaid has verified. `account_ref` is Plaid's own id of the account, and
    `earlier_refs` those by which it was known before its bank was connected anew.

    The token is empty where the account's owner has another name than the parent.
    """

    processor_token: str = field(repr=False)
    account_ref: str
    last4: str
    kind: str
    bank_name: str = ""
    nickname: str = ""
    earlier_refs: tuple[str, ...] = ()


def link_bank(
    *, parent: Parent, numbers: BankNumbers, at: datetime, ip_address: str | None = None
) -> BankAccount:
    """Link a bank account by its numbers: two small amounts are sent to it, to be confirmed.

    :raises NotNow: linked already, no sender, too many today, its bank names another owner, the
        broker refused it and staff ask why, or the parent's form is not in
    """
    index = _index(numbers.routing_number, numbers.account_number)
    with linked_once("account_number"), transaction.atomic():
        lock_parent(parent.pk)
        check_numbers(parent, vars(numbers), at=at)
        bank = write_link(
            parent,
            at,
            ip_address=ip_address,
            kind=numbers.kind,
            nickname=numbers.nickname,
            routing_number=numbers.routing_number,
            account_number=numbers.account_number,
            last4=numbers.account_number[-4:],
            number_index=index,
        )
        order_micro_deposits(bank, at=at)
    return bank


def check_numbers(parent: Parent, given: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse what `link_bank` would, by the answers that are understood so far.

    :param given: by the names of BankNumbers
    :raises NotNow: as `link_bank`
    """
    routing, account = given.get("routing_number"), given.get("account_number")
    found = Findings()
    with found.noting():
        check_can_send(parent, at=at)
    if routing and account:
        with found.noting():
            rows = BankAccount.objects.filter(parent=parent, number_index=_index(routing, account))
            if rows.exclude(status__in=[Status.REFUSED, Status.REMOVED]).exists():
                raise linked_already("account_number")
        with found.noting():
            check_not_anothers(parent, routing, account)
        with found.noting():
            _check_not_questioned(parent, {_index(routing, account)}, "account_number")
    found.raise_all()


def _index(routing: str, account: str) -> str:
    return blind_index(f"{routing}:{account}", context="brokerage.bank.number")


def link_bank_by_token(
    *, parent: Parent, token: PlaidBankToken, at: datetime, ip_address: str | None = None
) -> BankAccount:
    """Link a bank account by the processor token Plaid made for the broker.

    A disabled link of the same account makes room for it. One without a token is held until staff
    have decided about its owner's name.

    :raises NotNow: linked already, the parent's form is not in, or money from the disabled one is
        under way
    """
    index = index_plaid_account(token.account_ref)
    indexes = {index, *map(index_plaid_account, token.earlier_refs)}
    with linked_once("account_ref"), transaction.atomic():
        lock_parent(parent.pk)
        _check_not_questioned(parent, indexes, "account_ref")
        theirs = BankAccount.objects.select_for_update().filter(parent=parent, source=Source.PLAID)
        for old in theirs.exclude(status__in=[Status.REFUSED, Status.REMOVED]):
            if old.status != Status.DISABLED and old.number_index in indexes:
                raise linked_already("account_ref")
            if old.number_index in indexes or _is_relinked(old, token):
                write_removal(old, parent, at)
        bank = write_link(
            parent,
            at,
            ip_address=ip_address,
            source=Source.PLAID,
            kind=token.kind,
            nickname=token.nickname,
            bank_name=token.bank_name,
            processor_token=token.processor_token or None,
            last4=token.last4,
            number_index=index,
            verified_at=at,
            next_step_at=at,
        )
        if not token.processor_token:
            hold(bank, at=at)
        enqueue(TASK, pk=bank.pk)
    return bank


def _check_not_questioned(parent: Parent, indexes: set[str], field: str) -> None:
    """:raises NotNow: the broker refused the account, and staff are asking it why"""
    if indexes & list_questioned(parent.pk):
        message = _(
            "The broker did not take this account. We are asking it why, and write to you. "
            "Until then you can link another one."
        )
        raise NotNow(message, code="bank_refused", fields={field: message})


def _is_relinked(old: BankAccount, token: PlaidBankToken) -> bool:
    """Say whether a disabled link is of the account now linked, whose bank was connected anew.

    Plaid has given it another id, and vouches for the old one no more.
    """
    if old.status != Status.DISABLED:
        return False
    same = (old.last4, old.kind, old.bank_name) == (token.last4, token.kind, token.bank_name)
    return same and bool(old.last4) and find_why_ended(old) == "relinked"


def verify_bank_again(
    *, bank: BankAccount, by: Parent, at: datetime, ip_address: str | None = None
) -> BankAccount:
    """Link a disabled bank account anew by the numbers we have; return the new link.

    :raises NotNow: not disabled, not linked by numbers, or money from it is under way
    """
    with transaction.atomic():
        lock_parent(by.pk)
        old = BankAccount.objects.select_for_update().get(pk=bank.pk)
        if old.status != Status.DISABLED or old.source != Source.NUMBERS:
            raise NotNow(_("This bank account can not be verified again."), code="not_disabled")
        check_can_send(by, at=at)
        write_removal(old, by, at)
        new = write_link(
            by,
            at,
            ip_address=ip_address,
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
    write_removal(bank, by, at)


@transaction.atomic
def disable_bank(bank: BankAccount, *, reason: str, at: datetime) -> None:
    """Debit an account no more: its bank said that it is not what we took it for (e.g. R03).

    It stays so whatever the broker says, until the parent verifies it again or removes it.

    :param reason: a sentence for the parent
    """
    lock_parent(bank.parent_id)
    bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
    if bank.status == Status.DISABLED:
        settle_case(Case.Kind.OWNER, bank, finding=DISOWNED, at=at)
        BankAccount.objects.filter(pk=bank.pk).update(
            verified_at=None, refusal=reason[:200], owner="", owner_index=""
        )
    elif bank.status == Status.ACTIVE:
        write_disabled(bank, reason, at, verified_at=None)


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
        .exclude(status__in=[Status.REFUSED, Status.REMOVED])
        .first()
    )
    if bank is None:
        return
    if bank.status not in {Status.INTENDED, Status.HELD}:
        disable_bank(bank, reason=describe_end(why), at=at)
        return
    bank.move_to(Status.REMOVED, refusal=describe_end(why), next_step_at=at)
    settle_case(Case.Kind.OWNER, bank, finding=DISOWNED, at=at)
    audit.record("bank.removed", bank, by="prefill", at=at, why=why)
    enqueue(TASK, pk=bank.pk)


def check_vouched(bank: BankAccount, *, at: datetime) -> None:
    """Disable a bank that Plaid vouches for no more, or whose owner is another, before it is
    debited: news can be lost.
    """
    if bank.status == Status.ACTIVE:
        end_if_not_vouched(bank, at=at)
        compare_owner(bank, at=at)


def end_if_not_vouched(bank: BankAccount, *, at: datetime) -> None:
    """End a link that Plaid vouches for no more; `bank` is read anew where it moved."""
    if why := find_why_ended(bank):
        end_plaid_bank(parent_id=bank.parent_id, number_index=bank.number_index, why=why, at=at)
        bank.refresh_from_db()
