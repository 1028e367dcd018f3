"""What moved on linked accounts, by Plaid's cursor."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F, Value
from django.db.models.functions import Concat

from core.errors import StaleMove
from prefill.gateway import Movement, MovementPage, Rejected
from prefill.models import PlaidItem, PlaidTransaction
from prefill.operations.applicants import lock_applicant
from prefill.operations.refusals import need_linker
from tenants.walls import inside

PAGES = 20  # of one step; they wait in memory, so that a paging can start over
RESTARTS = 3
BEFORE = "before:"  # marks the id a movement had under an earlier login
WRITTEN = ["amount", "currency", "happened_on", "name", "category", "is_pending", "account"]
log = structlog.get_logger()


def sync_movements(item: PlaidItem, *, at: datetime) -> bool:
    """Take over what moved since the cursor; return whether there is more.

    All pages are written in one transaction, with the cursor last: a crash in between repeats
    nothing, and a paging that Plaid wants started over starts where the last one ended.

    :raises NotNow: the applicant was erased meanwhile (`user_erased`); nothing is written then
    :raises Rejected: the person must reconnect it, or access was withdrawn
    :raises Unavailable: no usable answer
    """
    pages = _read_pages(item)
    last = pages[-1]
    if last.cursor == item.cursor and not any(page.changed or page.removed for page in pages):
        return last.has_more
    with inside(item.tenant_id):
        lock_applicant(item.applicant)
        rows = PlaidItem.objects.select_for_update(no_key=True).filter(
            pk=item.pk, item_id=item.item_id, cursor=item.cursor
        )
        if not rows.exclude(status=PlaidItem.Status.REMOVED).exists():
            raise StaleMove("This bank was removed or connected anew meanwhile.")
        _write(item, pages)
        PlaidItem.objects.filter(pk=item.pk).update(cursor=last.cursor)
    item.cursor = last.cursor
    return last.has_more


def forget_ids(item: PlaidItem) -> None:
    """Have the movements be found again under the ids of a new login, in the caller's transaction.

    What was pending is dropped: the new login tells of it anew.
    """
    rows = PlaidTransaction.objects.filter(account__item=item)
    rows.filter(is_pending=True).delete()
    known = rows.exclude(transaction_id__startswith=BEFORE)
    keys = list(known.values_list("pk", flat=True))
    PlaidTransaction.objects.filter(pk__in=keys).update(
        transaction_id=Concat(Value(BEFORE), F("transaction_id"))
    )


def _read_pages(item: PlaidItem) -> list[MovementPage]:
    linker, access = need_linker(item.mode), str(item.access_token)
    for attempt in range(RESTARTS + 1):
        pages: list[MovementPage] = []
        cursor = item.cursor
        try:
            while len(pages) < PAGES and (not pages or pages[-1].has_more):
                pages.append(linker.list_movements(access, cursor))
                cursor = pages[-1].cursor
        except Rejected as refusal:
            if refusal.code != "mutated" or attempt == RESTARTS:
                raise
        else:
            break
    return pages


def _write(item: PlaidItem, pages: list[MovementPage]) -> None:
    """Write the last word about each movement."""
    last: dict[str, Movement | None] = {}
    for page in pages:
        last |= {movement.transaction_id: movement for movement in page.changed}
        last |= dict.fromkeys(page.removed)
    accounts = {account.account_id: account for account in item.accounts.all()}
    told = [movement for movement in last.values() if movement]
    kept = [movement for movement in told if movement.account_id in accounts]
    if len(kept) < len(told):
        log.warning("movements_of_unknown_accounts", item=str(item.pk), count=len(told) - len(kept))
    removed = [key for key, movement in last.items() if movement is None]
    ours = PlaidTransaction.objects.filter(account__item=item)
    ours.filter(transaction_id__in=removed).delete()
    known = {row.transaction_id: row for row in ours.filter(transaction_id__in=list(last))}
    earlier = _list_earlier(item)
    new, changed = [], []
    for movement in kept:
        account = accounts[movement.account_id]
        key = (account.pk, movement.happened_on, movement.amount)
        row: Any = known.get(movement.transaction_id)
        if row is None and earlier[key] and not movement.is_pending:
            row = earlier[key].pop()
        if row is None:
            row = PlaidTransaction(tenant_id=item.tenant_id)
            new.append(row)
        else:
            changed.append(row)
        row.account = account
        row.transaction_id = movement.transaction_id
        for name in WRITTEN[:-1]:
            setattr(row, name, getattr(movement, name))
    PlaidTransaction.objects.bulk_create(new, batch_size=500)
    PlaidTransaction.objects.bulk_update(changed, [*WRITTEN, "transaction_id"], batch_size=500)


def _list_earlier(item: PlaidItem) -> dict[Any, list[PlaidTransaction]]:
    """Return movements known from an earlier login, by account, day and amount."""
    found: dict[Any, list[PlaidTransaction]] = defaultdict(list)
    rows = PlaidTransaction.objects.filter(account__item=item, transaction_id__startswith=BEFORE)
    for row in rows:
        found[row.account_id, row.happened_on, row.amount].append(row)
    return found
