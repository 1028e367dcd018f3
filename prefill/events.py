"""Facts told upwards, after commit."""

from django.dispatch import Signal

# Accounts of a parent that Plaid vouches for no more. `why`: removed, revoked, closed, relinked or
# renumbered.
accounts_ended = Signal()  # parent_id: UUID, account_refs: list[str] (Plaid's ids), why: str

# The bank has other names, or any for the first time, for whose accounts these are.
owners_changed = Signal()  # parent_id: UUID
