"""What the linked banks hold, read from their accounts each time it is asked for."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from prefill.engine.conflicts import Known
from prefill.models import Applicant, PlaidAccount, PlaidItem, Source

OWNED = {"depository", "investment", "brokerage"}
OWED = {"credit", "loan"}
DOLLARS = "USD"


def read_accounts(applicant: Applicant) -> list[Known]:
    """Return the accounts and their sums as the bank's values; nothing where no bank is linked.

    Other currencies are listed and not summed. An overdraft is owed.
    """
    rows = PlaidAccount.objects.filter(item__applicant=applicant, closed_at=None)
    rows = rows.exclude(item__status=PlaidItem.Status.REMOVED)
    accounts = list(rows.select_related("item").order_by("item__created_at", "mask", "id"))
    if not accounts:
        return []
    newest = max(account.updated_at for account in accounts)
    owed = [account for account in accounts if account.type in OWED]
    others = [account for account in accounts if account.type not in OWED]
    values: dict[str, Any] = {
        "financial_info.bank_accounts": [_describe(account) for account in others],
        "financial_info.credit_accounts": [_describe(account) for account in owed],
    }
    assets, liabilities = _sum(accounts)
    values["financial_info.total_assets"] = assets
    values["financial_info.total_liabilities"] = liabilities
    return [Known(path, Source.BANK, value, newest) for path, value in values.items()]


def _describe(account: PlaidAccount) -> dict[str, Any]:
    return {
        "account_id": str(account.pk),
        "institution_name": account.item.institution_name,
        "name": account.name,
        "type": account.type,
        "subtype": account.subtype,
        "mask": account.mask,
        "available": _money(account.available),
        "current": _money(account.current),
        "limit": _money(account.limit),
        "currency": account.currency,
    }


def _sum(accounts: Iterable[PlaidAccount]) -> tuple[str, str]:
    assets = liabilities = Decimal(0)
    for account in accounts:
        if account.currency != DOLLARS or account.current is None:
            continue
        if account.type in OWED or (account.type in OWNED and account.current < 0):
            liabilities += abs(account.current)
        elif account.type in OWNED:
            assets += account.current
    return f"{assets:.2f}", f"{liabilities:.2f}"


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
