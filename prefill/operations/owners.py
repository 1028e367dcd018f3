"""Whose an account is, as its bank says: kept for parents of ours, whose banks are debited."""

import json

from prefill.models import PlaidAccount


def get_owner_names(account: PlaidAccount) -> list[str]:
    """Return all names the bank has for the account's owners; none where it tells none."""
    return list(json.loads(account.owner_names or "[]"))


def set_owner_names(account: PlaidAccount, names: list[str]) -> bool:
    """Set the names an account has from now on; say whether they are others, or the first.

    A bank that tells none any more takes none back. The caller saves the row.
    """
    known = get_owner_names(account)
    if account.owner_names is not None and (not names or sorted(names) == sorted(known)):
        return False
    account.owner_names = json.dumps(names)  # type: ignore[assignment]
    return bool(names)
