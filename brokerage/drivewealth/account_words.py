"""How an account stands at DriveWealth, and of which kind it is (its page Enumerations)."""

from dataclasses import replace
from typing import Any

from brokerage.drivewealth import schemas
from brokerage.gateway import AccountState

LONGEST_REASON = 100  # in our table
LONGEST_STATUS = 40  # likewise
ACCOUNT_NUMBERS = {1: "PENDING", 2: "OPEN", 3: "OPEN_NO_NEW_TRADES", 4: "FROZEN", 9: "CLOSED"}
ACCOUNT_STATUS = {
    "PENDING": "PENDING",
    "OPEN": "OPEN",
    "OPEN_NO_NEW_TRADES": "NO_NEW_TRADES",
    "FROZEN": "FROZEN",
    "CLOSED": "CLOSED",
}
MANAGEMENT = {"CUSTODIAL": "CUSTODIAL", "SELF": "TEEN"}  # a teen's is one more of the adult's


def read_opened_account(body: dict[str, Any]) -> AccountState:
    """Read the answer of POST /accounts: with an account's id, any status is one to ask about."""
    return replace(state, status="PENDING") if (state := read_account(body)).is_unclear else state


def read_account(body: dict[str, Any]) -> AccountState:
    """Read an account, flat (POST, lists) or wrapped (GET); an unknown status is unclear."""
    account = body.get("account", body)
    vendor_status = schemas.name_of(account["status"])
    if vendor_status.isdecimal():
        vendor_status = ACCOUNT_NUMBERS.get(int(vendor_status), vendor_status)
    if vendor_status not in ACCOUNT_STATUS:
        schemas.tell_word("account status", vendor_status)
    return AccountState(
        id=account["id"],
        number=account["accountNo"],
        status=ACCOUNT_STATUS.get(vendor_status, AccountState.UNCLEAR),
        vendor_status=vendor_status[:LONGEST_STATUS],
        reason=schemas.name_of(account.get("statusChangeReason") or "")[:LONGEST_REASON],
        kind=_account_kind(account),
        created_at=schemas.moment(account, "createdWhen", "openedWhen"),
    )


def _account_kind(account: dict[str, Any]) -> str:
    """Return our kind of an account; requests, answers and lists name the field otherwise."""
    told = account.get("accountManagementType") or account.get("accountMgmtType")
    word = schemas.name_of(told or "")
    return MANAGEMENT.get(word, "OTHER") if word else ""
