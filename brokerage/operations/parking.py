"""What compliance is shown of parked work."""

from datetime import datetime
from typing import Any

from accounts.models import Parent
from brokerage.models import BrokerAccount, Case
from brokerage.operations.cases import open_case
from core.driven import Driven


def open_parked_case(row: Driven, *, at: datetime) -> Case:
    """Have a person look at a row that was parked; in the transaction that parks it."""
    return open_case(
        Case.Kind.PARKED,
        row,
        summary=f"{row._meta.verbose_name}: {row.trouble}",
        at=at,
        account=_account_of(row),
        parent=_parent_of(row),
    )


def _account_of(row: Any) -> BrokerAccount | None:
    if isinstance(row, BrokerAccount):
        return row
    return getattr(row, "account", None)


def _parent_of(row: Any) -> Parent | None:
    """Return whom the row belongs to: its own parent, or its bank's or its document's."""
    for owner in (row, getattr(row, "bank", None), getattr(row, "holder", None)):
        if parent := getattr(owner, "parent", None):
            return parent  # type: ignore[no-any-return]
    return None
