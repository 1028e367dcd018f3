"""Telling who debits an account that Plaid vouches for it no more, or whose it is."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from prefill import events
from prefill.models import PlaidAccount

REMOVED, REVOKED, CLOSED, RELINKED = "removed", "revoked", "closed", "relinked"
RENUMBERED = "renumbered"  # it has other numbers at its bank than those the broker was given


def tell_ended(parent_id: UUID | None, accounts: Iterable[PlaidAccount], *, why: str) -> None:
    """Tell it, by all ids they have had, once the present transaction has committed."""
    tell_refs_ended(parent_id, {ref for one in accounts for ref in one.refs}, why=why)


def tell_refs_ended(parent_id: UUID | None, refs: Collection[str], *, why: str) -> None:
    """Tell it once the present transaction has committed; of parents of ours only.

    :param refs: Plaid's ids of the accounts
    """
    if parent_id is None or not refs:
        return
    told = {"parent_id": parent_id, "account_refs": sorted(refs), "why": why}
    transaction.on_commit(lambda: events.accounts_ended.send(sender=None, **told), robust=True)


def tell_owners(parent_id: UUID | None) -> None:
    """Tell that a bank has names it had not, once the present transaction has committed."""
    if parent_id is None:
        return
    told = {"parent_id": parent_id}
    transaction.on_commit(lambda: events.owners_changed.send(sender=None, **told), robust=True)
