"""Which account is which, whichever login shows it; and banks whose login a newer one replaces.

Linked anew, an account has another id at Plaid. It is known by Plaid's persistent id (where the
bank gives each login numbers of its own: Chase, PNC, US Bank), else by its routing and account
numbers, else by its kind and last digits where only one account has them. Never by its name, which
banks change, nor by its place in a list. What none of these tells apart is not guessed: it stays an
account of its own, and the parent is asked to choose.
https://plaid.com/docs/link/duplicate-items/
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet

from core import audit
from core.queue import enqueue
from prefill.engine.bank import read_owner_names
from prefill.gateway import AccountState
from prefill.models import Applicant, LinkSession, PlaidAccount, PlaidItem
from prefill.operations import endings
from prefill.operations.movements import forget_ids
from prefill.operations.owners import set_owner_names

TASK = "prefill.tasks.advance_item"
KEYS = ("persistent_id", "number_index")
Status = PlaidItem.Status

Shown = TypeVar("Shown", PlaidAccount, AccountState)


def find_same(old: Iterable[PlaidAccount], told: Iterable[AccountState]) -> dict[str, PlaidAccount]:
    """Return which of the accounts we have those told of are, by Plaid's present id of them."""
    left, new = list(old), list(told)
    same: dict[str, PlaidAccount] = {}
    for key in ("account_id", *KEYS):
        values = [getattr(state, key) for state in new]
        for state, value in zip(list(new), values, strict=True):
            matching = [row for row in left if value and getattr(row, key) == value]
            if len(matching) == 1 and values.count(value) == 1:
                same[state.account_id] = matching[0]
                left.remove(matching[0])
                new.remove(state)
    for state in _only_ones(new):
        matching = [row for row in left if _looks_like(row, state)]
        present = [row for row in matching if row.closed_at is None] or matching
        if len(present) == 1:
            same[state.account_id] = present[0]
            left.remove(present[0])
    return same


def _only_ones(told: Sequence[AccountState]) -> list[AccountState]:
    """Return those that show last digits which no other account of their kind shows."""
    faces = [(state.mask, state.subtype) for state in told]
    return [state for state in told if state.mask and faces.count((state.mask, state.subtype)) == 1]


def _looks_like(row: PlaidAccount, state: AccountState) -> bool:
    """Say whether kind and last digits are the same, and nothing better says that it is another."""
    contradicts = any(
        getattr(row, key) and getattr(state, key) and getattr(row, key) != getattr(state, key)
        for key in KEYS
    )
    return (row.mask, row.subtype) == (state.mask, state.subtype) and not contradicts


def find_earlier_login(
    applicant: Applicant, new: PlaidItem, institution_id: str, told: Sequence[AccountState]
) -> PlaidItem | None:
    """Return the older login at the same bank that this one is instead of; None for its own.

    Two logins at one bank that share only some accounts (a joint one) stay two, and so do two whose
    accounts can not be told apart.
    """
    if new.imported_at or not institution_id or not told:
        return None
    others: QuerySet[PlaidItem] = PlaidItem.objects.select_for_update(no_key=True).filter(
        applicant=applicant, institution_id=institution_id
    )
    for old in others.exclude(status=Status.REMOVED).exclude(pk=new.pk).order_by("created_at"):
        here = list(old.accounts.filter(closed_at=None))
        if here and len(find_same(here, told)) == min(len(here), len(told)):
            return old
    return None


def replace_login(old: PlaidItem, new: PlaidItem, at: datetime) -> PlaidItem:
    """Let the older row go on with the newer login; the older login is removed at Plaid."""
    before = json.loads(old.superseded or "[]") + json.loads(new.superseded or "[]")
    if old.access_token:
        before.append(old.access_token)
    forget_ids(old)
    LinkSession.objects.filter(item=new).update(item=old)
    PlaidItem.objects.filter(pk=new.pk).delete()
    changes: dict[str, Any] = {
        "item_id": new.item_id,
        "access_token": new.access_token,
        "linked_by": new.linked_by,
        "superseded": json.dumps(before),
        "cursor": "",
        "next_step_at": at,
        "attempts": 0,
        "parked_at": None,
    }
    PlaidItem.objects.filter(pk=old.pk).update(**changes)
    for name, value in changes.items():
        setattr(old, name, value)
    old.error_code = ""
    audit.record("item.relinked", old, by="prefill", at=at, instead_of=new.pk)
    enqueue(TASK, pk=old.pk)
    return old


def write_accounts(
    row: PlaidItem,
    applicant: Applicant,
    told: Sequence[AccountState],
    identity: dict[str, Any] | None,
    at: datetime,
) -> None:
    """Bring the accounts up to date, in the caller's transaction; what is not shown is closed."""
    owners = read_owner_names(identity or {})
    here = list(row.accounts.all())
    same = find_same(here, told)
    replaced, renamed = [], False
    for state in told:
        account = same.get(state.account_id)
        if account is not None and account.account_id != state.account_id:
            replaced.append(account.account_id)
        if account is None:
            account = PlaidAccount(item=row, tenant_id=row.tenant_id)
        for name, value in vars(state).items():
            if value or name not in KEYS:  # a key that is not told now holds on
                setattr(account, name, value)
        account.updated_at, account.closed_at = at, None
        if applicant.parent_id:
            renamed |= set_owner_names(account, owners.get(state.account_id, []))
        account.save()
    kept = {account.pk for account in same.values()}
    left = [account for account in here if account.pk not in kept and account.closed_at is None]
    closed = {account.pk: account.account_id for account in left}
    PlaidAccount.objects.filter(pk__in=closed).update(closed_at=at)
    endings.tell_ended(applicant.parent_id, closed.values(), why=endings.CLOSED)
    endings.tell_ended(applicant.parent_id, replaced, why=endings.RELINKED)
    if renamed:
        endings.tell_owners(applicant.parent_id)
