"""Logins that newer ones took the place of: how they are kept, and when Plaid forgets them.

A bank that gives each login account numbers of its own (Chase, PNC, US Bank) may end them with that
login. Where the broker debits such a number, the login it came from outlives its successor.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

from core import audit
from core.queue import enqueue
from prefill.models import PlaidAccount, PlaidItem
from prefill.operations.refusals import need_linker
from tenants.walls import inside

TASK = "prefill.tasks.advance_item"


@dataclass
class Superseded:
    """One such login. `used_as`: Plaid's ids of its accounts by which the broker debits them."""

    access_token: str = field(repr=False)
    used_as: list[str] = field(default_factory=list)
    item_id: str = ""


def read_superseded(item: PlaidItem) -> list[Superseded]:
    """Return the logins an Item had before; one stored as a bare token is used by nobody."""
    rows = json.loads(item.superseded or "[]")
    return [Superseded(row) if isinstance(row, str) else Superseded(*row) for row in rows]


def write_superseded(logins: list[Superseded]) -> str | None:
    """Return how they are stored; None for none."""
    rows = [[one.access_token, one.used_as, one.item_id] for one in logins]
    return json.dumps(rows) if rows else None


def remove_superseded(item: PlaidItem) -> None:
    """Have Plaid forget those that nobody uses; all of them where the Item itself is removed."""
    gone = item.status == PlaidItem.Status.REMOVED
    logins = read_superseded(item)
    unused = [one for one in logins if gone or not one.used_as]
    if not unused:
        return
    for one in unused:
        need_linker(item.mode).remove_item(one.access_token)
    done = {one.access_token for one in unused}
    with inside(item.tenant_id):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        left = [one for one in read_superseded(row) if one.access_token not in done]
        item.superseded = write_superseded(left)  # type: ignore[assignment]
        PlaidItem.objects.filter(pk=row.pk).update(superseded=item.superseded)


def list_used(item: PlaidItem, item_id: str) -> list[str]:
    """Return Plaid's ids of the accounts that the broker debits by one of the logins before."""
    return [ref for one in read_superseded(item) if one.item_id == item_id for ref in one.used_as]


def end_sharing(account: PlaidAccount, ref: str, *, at: datetime) -> None:
    """Note that the broker uses an account no more by this id of Plaid's. A repeat is fine."""
    with inside(account.tenant_id):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=account.item_id)
        PlaidAccount.objects.filter(pk=account.pk, shared_as=ref).update(shared_as="")
        logins = read_superseded(row)
        held = [one for one in logins if ref in one.used_as]
        for one in held:
            one.used_as.remove(ref)
        if held:
            PlaidItem.objects.filter(pk=row.pk).update(superseded=write_superseded(logins))
            audit.record("item.sharing_ended", row, by="brokerage", at=at, account=account.pk)
            row.wake(row.pk, at=at)
            enqueue(TASK, pk=row.pk)
