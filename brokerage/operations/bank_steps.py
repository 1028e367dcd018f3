"""A bank account at the broker: linked there, followed, and removed there."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from brokerage.gateway import BankDetails, PlaidBank, Rejected, get_broker
from brokerage.models import BankAccount, BrokerUser, Case, Notice
from brokerage.notices import write_notice
from brokerage.operations.asking import LANDED, Unclear, ask_once
from brokerage.operations.bank_writes import have_a_primary, write_disabled
from brokerage.operations.banks import end_if_not_vouched
from brokerage.operations.cases import open_case
from brokerage.operations.lost_people import find_bank
from brokerage.operations.microdeposits import BANK_TASK, lock_parent
from brokerage.operations.owners import compare_owner
from brokerage.operations.vouching import (
    describe_end,
    find_plaid_account,
    find_why_ended,
    note_unused,
)
from core import audit
from core.driving import TooEarly, drive
from core.errors import NotNow
from prefill.operations import VendorAway, create_processor_token

Status = BankAccount.Status
Source = BankAccount.Source
WAITING = timedelta(seconds=15)
HOURLY = timedelta(hours=1)
READ_EVERY = timedelta(days=1)
DISABLED_BY_BROKER = gettext_lazy(
    "The broker has disabled this bank account. Verify it again, or link another one."
)
BAD_TOKEN = gettext_lazy(
    "Your bank's permission was no longer good when we used it. Link the bank once more."
)

LOOKED_AT = gettext_lazy(
    "We are asking the broker why, and write to you. Until then you can link another account."
)
NEXT = {  # what a parent does about a connection that was not good (any more)
    "needs_user": gettext_lazy("Reconnect it, then choose the account again."),
    "item_gone": gettext_lazy("Connect it again, then choose the account."),
    "no_debits": gettext_lazy("Choose another account."),
    "refused": gettext_lazy("Choose another account, or write to us."),
}


def advance_bank(pk: UUID, *, at: datetime) -> None:
    """Take a bank account one step: linked at the broker, followed there, removed there."""
    drive(BankAccount, pk, _step, task=BANK_TASK, at=at)


def _step(bank: BankAccount, at: datetime) -> datetime | None:
    compare_owner(bank, at=at)
    if bank.status == Status.INTENDED and bank.verified_at:
        return _link_at_broker(bank, at)
    if bank.status in {Status.ACTIVE, Status.DISABLED}:
        return _follow(bank, at)
    if bank.status == Status.HELD:
        end_if_not_vouched(bank, at=at)
        return at if bank.status == Status.REMOVED else at + READ_EVERY
    if bank.status == Status.REMOVED:
        return _unlink_at_broker(bank, at)
    return None


def _link_at_broker(bank: BankAccount, at: datetime) -> datetime | None:
    try:
        if bank.source == Source.PLAID and not bank.processor_token:
            _have_it_shared(bank, at)
        vendor_id = _create_at_broker(bank, at)
    except Unclear:
        return at + HOURLY  # staff decide; whatever they find wakes it
    except NotNow as refusal:
        said = " ".join(filter(None, (refusal.message, str(NEXT.get(refusal.code, "")))))
        _refuse(bank, said, refusal.code, at)
        return None
    except Rejected as refusal:
        _take_refusal(bank, refusal, at)
        return None
    if vendor_id is None:
        return at + WAITING
    with transaction.atomic():
        lock_parent(bank.parent_id)
        bank.move_to(Status.ACTIVE, vendor_id=vendor_id, processor_token=None, may_be=[])
        have_a_primary(bank.parent_id)
        audit.record("bank.active", bank, by="brokerage", at=at)
    return at + READ_EVERY


def _take_refusal(bank: BankAccount, refusal: Rejected, at: datetime) -> None:
    """Have staff ask the broker why; a token that was too old at the first time needs nobody."""
    if refusal.code == "bank_token" and not _was_refused_before(bank):
        _refuse(bank, str(BAD_TOKEN), refusal.code, at)
        return
    with transaction.atomic():
        _refuse(bank, f"{refusal.reason} {LOOKED_AT}", refusal.code, at)
        summary = f"The broker refused a bank account with {refusal.code}. Ask it why."
        open_case(Case.Kind.BANK, bank, summary=summary, at=at, parent=bank.parent)


def _was_refused_before(bank: BankAccount) -> bool:
    same = BankAccount.objects.filter(parent=bank.parent_id, number_index=bank.number_index)
    return same.filter(status=Status.REFUSED).exclude(pk=bank.pk).exists()


def _refuse(bank: BankAccount, reason: str, code: str, at: datetime) -> None:
    """Note that a bank account is not linked, and write to its parent what to do next."""
    with transaction.atomic():
        bank.move_to(Status.REFUSED, refusal=reason[:200], processor_token=None)
        audit.record("bank.refused", bank, by="brokerage", at=at, code=code)
        write_notice(Notice.Kind.BANK_REFUSED, bank.parent, bank, at=at, said=reason)


def _have_it_shared(bank: BankAccount, at: datetime) -> None:
    """Have Plaid make the token for the broker, once the account is known to be the parent's.

    It is stored before the broker is asked, so that a repeat under our key says the same.

    :raises NotNow: Plaid does not vouch for the account any more
    """
    account = find_plaid_account(bank)
    if account is None:
        raise NotNow(describe_end("closed"), code="item_gone")
    try:
        token = create_processor_token(account, by="brokerage", at=at)
    except VendorAway as away:
        raise TooEarly("Plaid does not make a token now") from away
    bank.processor_token = token  # type: ignore[assignment]
    BankAccount.objects.filter(pk=bank.pk).update(processor_token=token)


def _create_at_broker(bank: BankAccount, at: datetime) -> str | None:
    """Create the bank there under its own key, unless it is there already.

    None while the broker does not know the parent.

    :raises Rejected: the broker does not take it
    :raises Unclear: a person has to decide
    """
    holder = BrokerUser.objects.filter(parent=bank.parent_id).first()
    if holder is None or not holder.vendor_id:
        return None
    nickname = bank.nickname or str(bank)
    details: BankDetails | PlaidBank
    if bank.source == Source.PLAID:
        plaid = find_plaid_account(bank)
        account_id = plaid.account_id if plaid else ""
        details = PlaidBank(bank.processor_token or "", nickname, account_id, bank.kind)
    else:
        details = BankDetails(bank.routing_number, bank.account_number, bank.kind, nickname)
    return ask_once(
        bank,
        at,
        send=lambda: get_broker().create_bank(holder.vendor_id, details, key=bank.key),
        find=lambda: find_bank(bank, holder, at),
    )


def _find_at_broker(bank: BankAccount, at: datetime) -> str:
    """Return the id of a link that is to be removed; empty where there is none.

    :raises TooEarly: what was asked for a moment ago may still show
    """
    holder = BrokerUser.objects.filter(parent=bank.parent_id).first()
    try:
        found = find_bank(bank, holder, at) if holder and holder.vendor_id else None
    except Unclear:
        found = None  # nothing is debited by a link nobody knows
    if found is None and bank.asked_at and at - bank.asked_at < LANDED:
        raise TooEarly("it may have been linked a moment ago")
    return found or ""


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
            write_disabled(bank, str(DISABLED_BY_BROKER), at)
        elif bank.status == Status.ACTIVE and (why := find_why_ended(bank)):
            write_disabled(bank, describe_end(why), at, verified_at=None)
        elif state.status == "ACTIVE" and bank.status == Status.DISABLED and bank.verified_at:
            bank.move_to(Status.ACTIVE, refusal="")
            audit.record("bank.active", bank, by="brokerage", at=at)
        have_a_primary(bank.parent_id)
    return None if state.status == "REMOVED" else at + READ_EVERY


def _unlink_at_broker(bank: BankAccount, at: datetime) -> datetime | None:
    """Tell the broker that a bank is removed; removing it twice is fine there.

    Where it was removed while being linked its creation may have been asked for: it is looked for.
    """
    if not bank.vendor_id and bank.verified_at:
        bank.vendor_id = _find_at_broker(bank, at)
    if bank.vendor_id:
        get_broker().remove_bank(bank.vendor_id)
    if bank.source == Source.PLAID:
        note_unused(bank, at=at)
    with transaction.atomic():
        BankAccount.objects.filter(pk=bank.pk).update(
            vendor_id=bank.vendor_id, processor_token=None
        )
        audit.record("bank.unlinked", bank, by="brokerage", at=at)
    return None
