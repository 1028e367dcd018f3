"""Accounts: opening, reading and changing them."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.drivewealth import alphabet, fields, kyc, papers
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.editions import NEWEST
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import CHILD, ZERO, Account, User
from sandbox.wire import iso

CUSTODIAL = "CUSTODIAL"
MANAGEMENT_TYPES = {
    "SELF": "Self Directed Account",
    "ADVISORY": "Advisory Account",
    "MANAGED": "Managed Account",
    "RIA_MANAGED": "RIA Managed Account",
    CUSTODIAL: "Custodial Account",
    "CUSTODIAL_MANAGED": "Custodial Managed Account",
}
STATUSES = ("PENDING", "OPEN", "OPEN_NO_NEW_TRADES", "FROZEN", "CLOSED")
CHANGE_REASONS = ("DUPLICATE_ACCOUNT", "DECEASED", "PARTNER_RESTRICTED")
# Which only the broker itself may give.
BROKER_REASONS = (
    "ACAT",
    "ACCOUNT_TRANSFERRED",
    "COMPLIANCE_RESTRICTED",
    "FINRA_RESTRICTIONS",
    "LEGAL_AML",
    "MARGIN_CALLS",
    "PAYMENT_FAILURE",
    "PDT_RESTRICTIONS",
)


def create_account(broker: Broker, call: Call) -> dict[str, Any]:
    user = broker.user(fields.text(call.body, "userID"))
    fields.choice(call.body, "accountType", ("LIVE",))
    management = fields.choice(call.body, "accountManagementType", MANAGEMENT_TYPES)
    trading = fields.choice(call.body, "tradingType", ("CASH", "MARGIN"))
    ignore_hours = fields.flag(call.body, "ignoreMarketHoursForTest")
    metadata = fields.metadata(call.body)
    contact = _read_contact(broker, call)
    _check_may_open(broker, user, management, trading)
    now = broker.now()
    account = Account(
        id=_free_id(broker, user, int(now.timestamp() * 1000)),
        number=_number(broker),
        user_id=user.id,
        management_type=management,
        trading_type=trading,
        ignore_market_hours=ignore_hours,
        metadata=metadata,
        created=now,
        nickname=fields.optional_text(call.body, "nickname"),
        trusted_contact=contact,
    )
    broker.accounts.add(account.id, account)
    broker.publish("accounts.created", _event(account) | {"status": {"name": account.status}})
    broker.agenda.after(
        broker.config.account_delay, "drivewealth.account-opens", account_id=account.id
    )
    return account_json(account)


def open_account(broker: Broker, account_id: str) -> None:
    account = broker.accounts.get(account_id)
    if account is not None and account.status == "PENDING":
        account.opened = broker.now()
        papers.account_opened(broker, account)
        set_status(broker, account, "OPEN")


def get_account(broker: Broker, call: Call) -> dict[str, Any]:
    return {"account": account_json(broker.account(call.path["account_id"]))}


def update_account(broker: Broker, call: Call) -> dict[str, Any]:
    account = broker.account(call.path["account_id"])
    if account.status == "CLOSED":
        raise Refusal("A055", "A closed account cannot be changed.")
    body = call.body
    status = fields.choice(body, "status", STATUSES) if "status" in body else account.status
    reason = ""
    if "statusChangeReason" in body:
        reason = fields.choice(body, "statusChangeReason", CHANGE_REASONS)
    comment = fields.optional_text(body, "statusComment")
    _check_may_become(broker, account, status)
    if "trustedContact" in body:
        account.trusted_contact = _read_contact(broker, call)
    if "nickname" in body:
        account.nickname = fields.optional_text(body, "nickname")
    if "ignoreMarketHoursForTest" in body:
        account.ignore_market_hours = fields.flag(body, "ignoreMarketHoursForTest")
    if "restricted" in body:
        account.restricted = fields.flag(body, "restricted")
    set_status(broker, account, status, reason, comment)
    return {"account": account_json(account)}


def broker_decides(
    broker: Broker, account: Account, status: str, reason: str, comment: str
) -> None:
    """Set a status as the broker's own compliance may, for reasons a partner cannot give."""
    if status not in STATUSES:
        raise Refusal("E033").naming("status", "ENUM", "not a status", ", ".join(STATUSES))
    if reason not in ("", *CHANGE_REASONS, *BROKER_REASONS):
        reasons = ", ".join(CHANGE_REASONS + BROKER_REASONS)
        raise Refusal("E033").naming("reason", "ENUM", "not a reason", reasons)
    _check_may_become(broker, account, status)
    set_status(broker, account, status, reason, comment)


def set_status(
    broker: Broker, account: Account, status: str, reason: str = "", comment: str = ""
) -> None:
    """Move an account to a status and tell the partner; nothing is told when it is there."""
    before = account.status
    account.status_comment = comment or account.status_comment
    account.status_reason = reason or account.status_reason
    if status == before:
        return
    account.status, account.status_comment, account.status_reason = status, comment, reason
    why = {"statusChangeReason": reason} if reason else {}
    change = {
        "previous": {"status": {"name": before}},
        "current": {"status": {"name": status}} | why,
    }
    broker.publish("accounts.updated", _event(account) | change)


def account_json(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "accountNo": account.number,
        "accountType": {"name": "LIVE", "description": "Live Account"},
        # Requests say accountManagementType, answers accountMgmtType.
        "accountMgmtType": {
            "name": account.management_type,
            "description": MANAGEMENT_TYPES[account.management_type],
        },
        "status": {
            "name": account.status,
            "description": account.status.replace("_", " ").capitalize(),
        },
        "statusComment": account.status_comment or None,
        "statusChangeReason": account.status_reason or None,
        "tradingType": {"name": account.trading_type, "description": account.trading_type.title()},
        "leverage": 1,
        "nickname": account.nickname,
        "parentIB": {"id": "sandbox", "name": "Sandbox Partner"},
        "taxProfile": {"taxStatusCode": "W-9"},
        "beneficiaries": False,
        "userID": account.user_id,
        "restricted": account.restricted,
        "goodFaithViolations": 0,
        "patternDayTrades": 0,
        # The day's opening figures; buying power is in summary/money only.
        "bod": {
            "moneyMarket": ZERO,
            "equityValue": ZERO,
            "cashAvailableForWithdrawal": ZERO,
            "cashAvailableForTrading": ZERO,
            "cashBalance": ZERO,
        },
        "sweepInd": False,
        "interestFree": False,
        "ignoreMarketHoursForTest": account.ignore_market_hours,
        "metadata": account.metadata,
        "createdWhen": iso(account.created),
        "openedWhen": iso(account.opened) if account.opened else None,
    } | ({"trustedContact": account.trusted_contact} if account.trusted_contact else {})


def _read_contact(broker: Broker, call: Call) -> dict[str, str] | None:
    """Return the trusted contact of a request; the edition before the newest has none."""
    if "trustedContact" not in call.body:
        return None
    if broker.config.edition != NEWEST:
        raise Refusal("E033").naming("trustedContact", "OBJECT", "not a parameter")
    return alphabet.check_trusted_contact(call.body)


def _check_may_open(broker: Broker, user: User, management: str, trading: str) -> None:
    if (management == CUSTODIAL) != (user.user_type == CHILD):
        raise Refusal("A015").naming("accountManagementType", "ENUM")
    if management == CUSTODIAL and trading != "CASH":
        raise Refusal("A020").naming("tradingType", "ENUM", "a custodial account trades in cash")
    parties = [user] + ([broker.user(user.custodian_id)] if user.user_type == CHILD else [])
    if any(party.kyc_status != kyc.APPROVED for party in parties):
        raise Refusal("A035").naming("userID", "UUID", "the user is not approved yet")
    kept = [row for row in broker.accounts.where("user_id", user.id) if row.status != "CLOSED"]
    if management == CUSTODIAL and kept:
        raise Refusal("E075").naming("userID", "UUID", "the child has a custodial account")


def _check_may_become(broker: Broker, account: Account, status: str) -> None:
    if account.status == "CLOSED" and status != "CLOSED":
        raise Refusal("A055", "A closed account cannot be changed.")
    busy = account.cash != 0 or broker.positions.where("account_id", account.id)
    if status == "CLOSED" and (busy or broker.open_orders(account.id)):
        raise Refusal("A055", "An account with cash, positions or orders cannot be closed.")


def _free_id(broker: Broker, user: User, millisecond: int) -> str:
    while broker.accounts.get(f"{user.id}.{millisecond}") is not None:
        millisecond += 1
    return f"{user.id}.{millisecond}"


def _number(broker: Broker) -> str:
    """Return a fresh account number; drawn, so that two sandboxes do not give the same ones."""
    while True:
        letters = "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(2))
        number = f"SB{letters}{broker.next_number('account') % 1_000_000:06d}"
        if not broker.accounts.where("number", number):
            return number


def _event(account: Account) -> dict[str, Any]:
    return {"accountID": account.id, "accountNo": account.number, "userID": account.user_id}
