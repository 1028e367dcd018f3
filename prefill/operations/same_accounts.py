"""Which account is which, whichever login shows it; and banks whose login a newer one replaces.

Linked anew, an account has another id at Plaid. It is the same beyond doubt by Plaid's persistent
id (where the bank gives each login numbers of its own: Chase, PNC, US Bank), else by its routing
and account numbers: then whoever debits it goes on, and it is known by its earlier ids as well. By
its kind and last digits alone, where only one account has them, what was read of it is carried on,
and nothing is debited for it until the parent chooses it again. Never is it known by its name,
which banks change, nor by its place in a list. What none of these tells apart is not guessed: it
stays an account of its own, and the parent is asked to choose.
https://plaid.com/docs/link/duplicate-items/
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from core import audit
from core.queue import enqueue
from prefill.engine.bank import read_owner_names
from prefill.gateway import AccountState
from prefill.models import DEBITED, Applicant, LinkSession, PlaidAccount, PlaidItem
from prefill.operations import endings
from prefill.operations.movements import forget_ids
from prefill.operations.owners import set_owner_names
from prefill.operations.superseded import Superseded, read_superseded, write_superseded

TASK = "prefill.tasks.advance_item"
KEYS = ("persistent_id", "number_index")
Status = PlaidItem.Status


@dataclass(frozen=True)
class Match:
    """The account we have that one told of is; `is_proven`: by more than kind and last digits."""

    row: PlaidAccount
    is_proven: bool


def find_same(old: Iterable[PlaidAccount], told: Iterable[AccountState]) -> dict[str, Match]:
    """Return which of the accounts we have those told of are, by Plaid's present id of them."""
    left, new = list(old), list(told)
    same: dict[str, Match] = {}
    for key in ("account_id", *KEYS):
        values = [getattr(state, key) for state in new]
        for state, value in zip(list(new), values, strict=True):
            matching = [row for row in left if value and getattr(row, key) == value]
            if len(matching) == 1 and values.count(value) == 1:
                same[state.account_id] = Match(matching[0], is_proven=True)
                left.remove(matching[0])
                new.remove(state)
    for state in _only_ones(new):
        matching = [row for row in left if _looks_like(row, state)]
        present = [row for row in matching if row.closed_at is None] or matching
        if len(present) == 1:
            same[state.account_id] = Match(present[0], is_proven=False)
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
    accounts can not be told apart. A parent's bank may be debited by the older one: it is given up
    only where each account that pays is in the newer one beyond doubt.
    """
    if new.imported_at or not institution_id or not told:
        return None
    others: QuerySet[PlaidItem] = PlaidItem.objects.select_for_update(no_key=True).filter(
        applicant=applicant, institution_id=institution_id
    )
    for old in others.exclude(status=Status.REMOVED).exclude(pk=new.pk).order_by("created_at"):
        here = list(old.accounts.filter(closed_at=None))
        same = find_same(here, told)
        if not here or len(same) < min(len(here), len(told)):
            continue
        if applicant.parent_id is None or _takes_all_that_pay(here, same):
            return old
    return None


def _takes_all_that_pay(here: Sequence[PlaidAccount], same: dict[str, Match]) -> bool:
    proven = {match.row.pk for match in same.values() if match.is_proven}
    return all(row.pk in proven for row in here if row.subtype in DEBITED)


def replace_login(old: PlaidItem, new: PlaidItem, at: datetime) -> PlaidItem:
    """Let the older row go on with the newer login; the older login is removed at Plaid.

    Not before the broker uses it no more, where the bank gave it numbers of its own.
    """
    before = read_superseded(old) + read_superseded(new)
    if old.access_token:
        shared = old.accounts.filter(shared_as=F("account_id")).exclude(persistent_id="")
        refs = list(shared.values_list("shared_as", flat=True))
        before.append(Superseded(str(old.access_token), refs, old.item_id))
    forget_ids(old)
    LinkSession.objects.filter(item=new).update(item=old)
    PlaidItem.objects.filter(pk=new.pk).delete()
    changes: dict[str, Any] = {
        "item_id": new.item_id,
        "access_token": new.access_token,
        "linked_by": new.linked_by,
        "superseded": write_superseded(before),
        "earlier_item_ids": [*old.earlier_item_ids, *new.earlier_item_ids, old.item_id],
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
    ended, told_owners = [], False
    for state in told:
        match = same.get(state.account_id)
        account = match.row if match else PlaidAccount(item=row, tenant_id=row.tenant_id)
        if match and account.account_id != state.account_id:
            ended += _take_new_id(account, match)
            told_owners = True  # whose it is, is asked again
        for name, value in vars(state).items():
            if value or name not in KEYS:  # a key that is not told now holds on
                setattr(account, name, value)
        account.updated_at, account.closed_at = at, None
        if applicant.parent_id:
            told_owners |= set_owner_names(account, owners.get(state.account_id, []))
        account.save()
    kept = {match.row.pk for match in same.values()}
    closed = [account for account in here if account.pk not in kept and account.closed_at is None]
    PlaidAccount.objects.filter(pk__in=[account.pk for account in closed]).update(closed_at=at)
    endings.tell_ended(applicant.parent_id, closed, why=endings.CLOSED)
    endings.tell_refs_ended(applicant.parent_id, ended, why=endings.RELINKED)
    if told_owners:
        endings.tell_owners(applicant.parent_id)


def _take_new_id(account: PlaidAccount, match: Match) -> list[str]:
    """Prepare an account for its new id; return the ids by which it can be known no more."""
    before = account.refs
    if match.is_proven:
        account.earlier_ids = before
        return []
    account.earlier_ids = []
    account.persistent_id = account.number_index = ""
    return before
