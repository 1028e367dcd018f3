"""ACH deposits: pulled from a linked bank, cash on the fourth banking day at ten in New York.

The vendor says "typically 4-5 business days" and documents no way to make one fail; the hour, the
day and the bank's part (``bank``) are the sandbox's own. One status has three shapes here,
as with the vendor: a word in the create answer, an object in reads, a number in events.
"""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.calendars import ach_settlement
from sandbox.drivewealth import fields
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.ledger import move_cash
from sandbox.drivewealth.records import Account, Deposit
from sandbox.wire import iso

NUMBERS = {
    "STARTED": 0,
    "PENDING": 1,
    "SUCCESSFUL": 2,
    "FAILED": 3,
    "RETURNED": 5,
    "APPROVED": 14,
    "REJECTED": 15,
    "ON_HOLD": 16,
}
RETURN_CODES = {
    "R01": "Insufficient funds",
    "R02": "Account closed",
    "R03": "No account or unable to locate account",
    "R04": "Invalid account number structure",
    "R05": "Unauthorized debit to a consumer account",
    "R06": "Returned at the originating bank's request",
    "R07": "Authorization revoked by customer",
    "R08": "Payment stopped",
    "R09": "Uncollected funds",
    "R10": "Customer advises originator is not known or not authorized",
    "R11": "Customer advises entry not in accordance with the authorization",
    "R12": "Branch sold to another bank",
    "R13": "Invalid ACH routing number",
    "R14": "Representative payee deceased or unable to continue",
    "R15": "Beneficiary or account holder deceased",
    "R16": "Account frozen",
    "R20": "Non-transaction account",
    "R23": "Credit entry refused by receiver",
    "R24": "Duplicate entry",
    "R29": "Corporate customer advises not authorized",
}
UNLUCKY = ("FAILED", "RETURNED", "REJECTED")
CURRENCY = {"name": "USD", "description": "US Dollar", "symbol": "$"}
ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def create_deposit(broker: Broker, call: Call) -> dict[str, Any]:
    body = call.body
    account = broker.account_numbered(fields.text(body, "accountNo"))
    fields.choice(body, "type", ("ACH",))
    fields.choice(body, "currency", ("USD",))
    amount = fields.money(body, "amount")
    if amount < broker.config.minimum_deposit:
        raise Refusal("Y044").naming(
            "amount", "DECIMAL", f"at least {broker.config.minimum_deposit}"
        )
    bank_account_id = fields.text(body, "bankAccountID")
    _check_bank_account(broker, account, bank_account_id)
    if account.status not in ("OPEN", "OPEN_NO_NEW_TRADES"):
        raise Refusal("A055", "The account takes no deposits now.")
    deposit = _new_deposit(broker, call, account, amount)
    broker.deposits.add(deposit.id, deposit)
    deposit.history.append(_history_row(deposit))
    broker.publish("deposits.created", _event(deposit))
    move(broker, deposit, "PENDING", "")
    broker.agenda.at(deposit.settles, "drivewealth.deposit-settles", deposit_id=deposit.id)
    return deposit_json(deposit) | {"status": deposit.status}


def settle(broker: Broker, deposit_id: str) -> None:
    """Credit a deposit whose day has come, unless the bank said otherwise meanwhile."""
    deposit = broker.deposits.get(deposit_id)
    if deposit is not None and deposit.status == "PENDING" and broker.now() >= deposit.settles:
        credit(broker, deposit)


def get_deposit(broker: Broker, call: Call) -> dict[str, Any]:
    """Return one deposit: its status is a word, and the account stands in a list."""
    deposit = broker.deposit(call.path["deposit_id"])
    account = broker.account(deposit.account_id)
    bank = broker.bank_accounts.get(deposit.bank_account_id)
    last_four = bank.last_four if bank else ""
    return deposit_json(deposit) | {
        "currency": CURRENCY,
        "status": deposit.status,
        "userDetails": {"userID": deposit.user_id},
        "accountDetails": [{"id": account.id, "accountNo": account.number}],
        "details": {"country": "USA", "bankAccountNumber": f"****{last_four}"},
    }


def list_account_deposits(broker: Broker, call: Call) -> list[dict[str, Any]]:
    account = broker.account(call.path["account_id"])
    return _page(call, broker.deposits.where("account_id", account.id))


def list_user_deposits(broker: Broker, call: Call) -> list[dict[str, Any]]:
    user = broker.user(call.path["user_id"])
    return _page(call, broker.deposits.where("user_id", user.id))


def _page(call: Call, rows: list[Deposit]) -> list[dict[str, Any]]:
    """Return a page of deposits of the wanted statuses and types."""
    statuses = {name.strip().upper().replace(" ", "_") for name in _names(call, "status")}
    types = {name.strip().upper() for name in _names(call, "type")}
    wanted = [
        row
        for row in rows
        if (not statuses or row.status in statuses) and (not types or "ACH" in types)
    ]
    return [_row_json(row) for row in call.page_of_payments(wanted, lambda row: row.id)]


def _names(call: Call, name: str) -> list[str]:
    return [text for text in call.query.get(name, "").split(",") if text.strip()]


def _row_json(deposit: Deposit) -> dict[str, Any]:
    """Return a deposit as lists show it: the status is an object."""
    account = {"accountID": deposit.account_id, "accountNo": deposit.account_number}
    return deposit_json(deposit) | {"currency": CURRENCY, "accountDetails": account}


def deposit_json(deposit: Deposit) -> dict[str, Any]:
    return {
        "id": deposit.id,
        "paymentID": deposit.id,
        "accountID": deposit.account_id,
        "accountNo": deposit.account_number,
        "userID": deposit.user_id,
        "bankAccountID": deposit.bank_account_id,
        "category": "DEPOSIT",
        "amount": deposit.amount,
        "currency": "USD",
        "type": "ACH",
        "status": {
            "id": NUMBERS[deposit.status],
            "message": _title(deposit.status),
            "comment": deposit.comment,
            "updated": iso(deposit.updated),
        },
        "statusComment": status_comment(deposit),
        "failureReason": deposit.comment or None if deposit.status in UNLUCKY else None,
        "statusHistory": list(deposit.history),
        "source": {"id": "ACH", "brand": "ACH", "meta_info": None},
        "transactionCode": None,
        "wlpFinTranTypeID": None,
        "batch": False,
        "note": deposit.note,
        "metadata": deposit.metadata,
        "created": iso(deposit.created),
    }


def _new_deposit(broker: Broker, call: Call, account: Account, amount: Any) -> Deposit:
    now = broker.now()
    tail = "".join(secrets.choice(ID_LETTERS) for _ in range(4))
    return Deposit(
        id=f"{account.number}-{int(now.timestamp() * 1000)}-D{tail}",
        account_id=account.id,
        account_number=account.number,
        user_id=account.user_id,
        bank_account_id=str(call.body["bankAccountID"]),
        amount=amount,
        note=fields.optional_text(call.body, "note"),
        metadata=fields.metadata(call.body),
        created=now,
        updated=now,
        settles=ach_settlement(now, broker.config.settlement_banking_days),
    )


def _check_bank_account(broker: Broker, account: Account, bank_account_id: str) -> None:
    """Money comes from the account's own user or from its custodian."""
    bank = broker.bank_accounts.get(bank_account_id)
    owners = (account.user_id, broker.user(account.user_id).custodian_id)
    if bank is None or bank.status != "ACTIVE" or bank.user_id not in owners:
        raise Refusal("K050").naming("bankAccountID")


def status_comment(deposit: Deposit) -> str | None:
    """Return the bank's reason: its code, and the words for it where there are some."""
    words = RETURN_CODES.get(deposit.comment, "")
    return f"{deposit.comment} {words}".strip() or None


def credit(broker: Broker, deposit: Deposit, notice: str = "") -> None:
    """Book the cash, then say so; ``notice`` is a code of change the bank sent with it."""
    account = broker.account(deposit.account_id)
    row = move_cash(broker, account, "CSR", deposit.amount, f"ACH deposit {deposit.id}")
    deposit.transaction_id, deposit.credited = row.id, True
    move(broker, deposit, "SUCCESSFUL", notice)


def move(broker: Broker, deposit: Deposit, status: str, comment: str) -> None:
    """Change a deposit's status, write its history and tell the partner."""
    deposit.status, deposit.comment, deposit.updated = status, comment, broker.now()
    deposit.history.append(_history_row(deposit))
    broker.publish("deposits.updated", _event(deposit))


def _history_row(deposit: Deposit) -> dict[str, Any]:
    return {
        "status": NUMBERS[deposit.status],
        "statusMessage": _title(deposit.status),
        "updatedBy": "sandbox",
        "comment": deposit.comment,
        "updated": iso(deposit.updated),
    }


def _event(deposit: Deposit) -> dict[str, Any]:
    """Return the payload of an event; the status is a number there, and RETURNED shouts."""
    returned = deposit.status == "RETURNED"
    return deposit_json(deposit) | {
        "status": NUMBERS[deposit.status],
        "statusMessage": deposit.status if returned else _title(deposit.status),
        "statusPhase": None,
        "depositBuyingPowerHoldExpires": None,
        "seasoningPeriodExpires": None,
        "finTranRef": deposit.transaction_id or None,
    }


def _title(status: str) -> str:
    return status.replace("_", " ").title()
