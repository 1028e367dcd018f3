"""Banks that are linked: read, taken over by a newer login at the same bank, removed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils.translation import gettext as _

from core import audit
from core.driving import TooEarly, drive
from core.errors import NotNow, StaleMove
from core.queue import enqueue
from prefill.gateway import AccountState, BankLinker, ItemState, Rejected, Unavailable
from prefill.models import DEBITED, PlaidAccount, PlaidItem, PlaidTransaction, Source
from prefill.operations import endings
from prefill.operations.applicants import By, lock_applicant
from prefill.operations.imports import import_raw, process_import
from prefill.operations.movements import sync_movements
from prefill.operations.refusals import VendorAway, need_linker
from prefill.operations.same_accounts import find_earlier_login, replace_login, write_accounts
from prefill.operations.superseded import remove_superseded
from tenants.walls import inside

TASK = "prefill.tasks.advance_item"
READ_EVERY = timedelta(days=1)  # webhooks tell sooner; this is for the one that was lost
SOON = timedelta(minutes=1)  # while Plaid has not gathered the movements
FIRST_HOUR = timedelta(hours=1)
NAMES_FOR = 7 * 24 * 3600  # seconds an institution's name is kept
ENDING = {"PENDING_DISCONNECT", "PENDING_EXPIRATION"}  # told by webhook only
Status = PlaidItem.Status


@dataclass(frozen=True)
class Reading:
    """All that was read of one Item, before anything is written."""

    state: ItemState
    accounts: tuple[AccountState, ...]
    identity: dict[str, Any] | None
    institution_name: str


def advance_item(pk: UUID, *, at: datetime) -> None:
    """Take an Item one step: read it and what moved, or remove it at Plaid."""
    drive(PlaidItem, pk, _step, task=TASK, at=at)


def read_item(pk: UUID, *, at: datetime) -> None:
    """Read an Item just linked while the person waits; what moved is left to the worker."""
    drive(PlaidItem, pk, partial(_step, movements=False), task=TASK, at=at)


def import_item(item: PlaidItem, *, at: datetime, repaired: bool = False) -> PlaidItem:
    """Read an Item at Plaid and store what it tells; return it, or the one it was taken over by.

    :param repaired: the person has just reconnected it
    :raises NotNow: the applicant was erased meanwhile (`user_erased`); nothing is written then
    :raises Rejected: the person must reconnect it, or access was withdrawn; the row says so
    :raises Unavailable: no usable answer
    :raises StaleMove: removed or linked anew meanwhile
    """
    try:
        reading = _read(item, need_linker(item.mode))
    except Rejected as refusal:
        _note_refusal(item, refusal, at)
        raise
    with inside(item.tenant_id):
        applicant = lock_applicant(item.applicant)
        row = _lock(item)
        bank = reading.state.institution_id
        if earlier := find_earlier_login(applicant, row, bank, reading.accounts):
            row = replace_login(earlier, row, at)
        write_accounts(row, applicant, reading.accounts, reading.identity, at)
        _write_item(row, reading, at, repaired=repaired)
        told: dict[str, Any] = reading.identity or {"accounts": list(map(vars, reading.accounts))}
        raw = import_raw(
            applicant=applicant, source=Source.BANK,
            kind="identity" if reading.identity else "accounts",
            payload=told, origin=row.item_id, at=at,
        )  # fmt: skip
        process_import(raw, at=at)
        audit.record("item.imported", row, by="prefill", at=at, accounts=len(reading.accounts))
    return row


def remove_item(item: PlaidItem, *, by: By, at: datetime) -> None:
    """Stop using a bank: its accounts are shown no more, and Plaid forgets it. A repeat is fine."""
    with inside(item.tenant_id):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        if row.status == Status.REMOVED:
            return
        row.move_to(Status.REMOVED, removed_at=at, next_step_at=at)
        _tell_all_ended(row, endings.REMOVED)
        row.accounts.filter(closed_at=None).update(closed_at=at)
        row.accounts.update(owner_names=None)
        PlaidTransaction.objects.filter(account__item=row).delete()
        audit.record("item.removed", row, by=by, at=at)
        enqueue(TASK, pk=row.pk)


def create_processor_token(account: PlaidAccount, *, by: By, at: datetime) -> str:
    """Return a token by which the broker may use this one account.

    :raises NotNow: no checking or savings account that takes ACH debits (`no_debits`), the bank
        must be reconnected (`needs_user`), or is not linked (`item_gone`)
    :raises VendorAway: no usable answer
    """
    with inside(account.tenant_id):
        item = PlaidItem.objects.select_related("applicant").get(pk=account.item_id)
        lock_applicant(item.applicant)
        _check_usable(item, account)
    linker, access = need_linker(item.mode), str(item.access_token)
    try:
        if not linker.takes_debits(access, account.account_id):
            raise _no_debits()
        token = linker.create_processor_token(access, account.account_id)
    except Rejected as refusal:
        _note_refusal(item, refusal, at)
        raise explain(refusal) from refusal
    except Unavailable as error:
        raise VendorAway(_("The bank does not answer. Please try again."), error=error) from error
    with inside(account.tenant_id):
        lock_applicant(item.applicant)
        shared = PlaidAccount.objects.filter(pk=account.pk, account_id=account.account_id)
        shared.update(shared_as=account.account_id)
        audit.record("item.shared", item, by=by, at=at, account=account.pk)
    return token


def set_ending(item: PlaidItem, code: str, *, at: datetime) -> None:
    """Note that a bank will disconnect soon unless the person reconnects it; "" for: no more."""
    with inside(item.tenant_id):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        if not code and row.error_code in ENDING:
            PlaidItem.objects.filter(pk=row.pk).update(error_code="")
        elif code and row.status == Status.ACTIVE:
            row.move_to(Status.NEEDS_USER, error_code=code)
            audit.record("item.ending", row, by="plaid", at=at, code=code)


# --- steps ----------------------------------------------------------------------------------------


def _step(item: PlaidItem, at: datetime, *, movements: bool = True) -> datetime | None:
    if item.status == Status.REMOVED:
        _remove_at_plaid(item, at)
        return None
    remove_superseded(item)
    try:
        row = import_item(item, at=at)
        if row.pk != item.pk:
            return None  # it lives on in the other row, which is due
        if row.has_transactions and (not movements or sync_movements(row, at=at)):
            return at
        waits = row.has_transactions and not row.cursor and at < row.created_at + FIRST_HOUR
    except Rejected as refusal:
        if refusal.code == "not_ready":
            raise TooEarly("the bank's data are not there yet") from refusal
        if refusal.code not in {"needs_user", "gone"}:
            raise
        _note_refusal(item, refusal, at)
        return None
    except NotNow as erased:
        if erased.code != "user_erased":
            raise
        return at  # by now the row is one to be removed
    if row.status != Status.ACTIVE:
        return None
    return at + (SOON if waits else READ_EVERY)


def _remove_at_plaid(item: PlaidItem, at: datetime) -> None:
    remove_superseded(item)
    if item.access_token:
        need_linker(item.mode).remove_item(item.access_token)
        with inside(item.tenant_id):
            PlaidItem.objects.filter(pk=item.pk).update(access_token=None)
            audit.record("item.forgotten", item, by="plaid", at=at)


# --- reading --------------------------------------------------------------------------------------


def _read(item: PlaidItem, linker: BankLinker) -> Reading:
    access = str(item.access_token)
    state = linker.get_item(access)
    accounts = _with_numbers(item, state, linker.list_accounts(access), linker)
    identity = linker.get_identity(access) if "identity" in state.products else None
    return Reading(state, accounts, identity, _name_institution(item, state, linker))


def _with_numbers(
    item: PlaidItem, state: ItemState, told: tuple[AccountState, ...], linker: BankLinker
) -> tuple[AccountState, ...]:
    """Return the accounts with what their numbers are known by, where that is not known yet.

    It is for telling accounts apart, and can be done without where no bank of a parent's is debited
    that it may be.

    :raises Unavailable: no usable answer, and it can not be done without
    """
    known = item.accounts.exclude(number_index="").values_list("account_id", flat=True)
    lacking = {one.account_id for one in told if one.subtype in DEBITED and not one.persistent_id}
    if "auth" not in state.products or lacking <= set(known):
        return told
    try:
        indexes = linker.index_numbers(str(item.access_token))
    except Rejected:
        return told
    except Unavailable:
        if _may_be_debited(item, state):
            raise
        return told
    return tuple(replace(one, number_index=indexes.get(one.account_id, "")) for one in told)


def _may_be_debited(item: PlaidItem, state: ItemState) -> bool:
    """Say whether the broker debits an account of this bank, by whichever login."""
    shared = PlaidAccount.objects.filter(
        item__applicant=item.applicant_id, item__institution_id=state.institution_id
    )
    return shared.exclude(shared_as="").exclude(item__status=Status.REMOVED).exists()


def _name_institution(item: PlaidItem, state: ItemState, linker: BankLinker) -> str:
    """Return a bank's name; one that Plaid does not tell now is asked for another time."""
    wanted = state.institution_id
    if not wanted or (wanted == item.institution_id and item.institution_name):
        return item.institution_name
    name = f"plaid-institution:{item.mode}:{wanted}"
    known: str = cache.get(name) or ""
    if not known:
        try:
            countries = tuple(item.applicant.tenant.country_codes)
            known = linker.get_institution_name(wanted, countries)
        except (Rejected, Unavailable):
            return ""
        cache.set(name, known, NAMES_FOR)
    return known


def _note_refusal(item: PlaidItem, refusal: Rejected, at: datetime) -> None:
    """Have the row say that the person must act, or that access is gone."""
    ends = {"needs_user": Status.NEEDS_USER, "gone": Status.REVOKED}
    end = ends.get(refusal.code)
    if end is None:
        return
    with inside(item.tenant_id):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        same = row.access_token == item.access_token
        if same and row.can_move_to(end):
            word = (refusal.problems or (refusal.code,))[0]
            row.move_to(end, error_code=word)
            audit.record("item.refused", row, by="plaid", at=at, code=word)
            if end == Status.REVOKED:
                _tell_all_ended(row, endings.REVOKED)


def explain(refusal: Rejected) -> NotNow:
    """Return what a person reads of a refusal."""
    if refusal.code == "needs_user":
        return NotNow(_("Your bank wants you to sign in again."), code="needs_user")
    if refusal.code == "gone":
        return NotNow(_("This bank is not connected any more."), code="item_gone")
    if refusal.code == "unsupported":
        return _no_debits()
    return NotNow(_("This can not be done with this bank now."), code="refused")


def _no_debits() -> NotNow:
    return NotNow(_("Money can not be taken from this account."), code="no_debits")


def _check_usable(item: PlaidItem, account: PlaidAccount) -> None:
    if item.status == Status.NEEDS_USER:
        raise NotNow(_("Your bank wants you to sign in again."), code="needs_user")
    if item.status != Status.ACTIVE or account.closed_at:
        raise NotNow(_("This bank is not connected any more."), code="item_gone")
    if account.type != "depository" or account.subtype not in DEBITED:
        raise _no_debits()


# --- storing --------------------------------------------------------------------------------------


def _lock(item: PlaidItem) -> PlaidItem:
    """Return the row locked, if it is still the login that was read."""
    rows = PlaidItem.objects.select_for_update(no_key=True)
    row: PlaidItem | None = rows.filter(pk=item.pk).first()
    if row is None or row.status == Status.REMOVED or row.access_token != item.access_token:
        raise StaleMove("This bank was removed or connected anew meanwhile.")
    return row


def _write_item(row: PlaidItem, reading: Reading, at: datetime, *, repaired: bool) -> None:
    told: dict[str, Any] = {
        "institution_id": reading.state.institution_id[:40],
        "institution_name": reading.institution_name or row.institution_name,
        "has_transactions": "transactions" in reading.state.products,
        "imported_at": at,
    }
    ends_soon = row.error_code in ENDING and not repaired
    if not ends_soon:
        told["error_code"] = ""
    if row.status != Status.ACTIVE and not ends_soon:
        row.move_to(Status.ACTIVE, **told)
        audit.record("item.mended", row, by="plaid", at=at)
        return
    PlaidItem.objects.filter(pk=row.pk).update(**told)
    for name, value in told.items():
        setattr(row, name, value)


def _tell_all_ended(item: PlaidItem, why: str) -> None:
    present = item.accounts.filter(closed_at=None)
    endings.tell_ended(item.applicant.parent_id, present, why=why)
