"""Linked bank accounts. DriveWealth checks no numbers, only their form."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sandbox.drivewealth import fields
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import BankAccount
from sandbox.wire import iso

STATUSES = ("ACTIVE", "DISABLED", "DELETED")
PLAID_SANDBOX_PREFIX = "processor-sandbox-"
PLAID_MADE = re.compile(PLAID_SANDBOX_PREFIX + r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLAID_TEST_ROUTING = "011401533"


def create_bank_account(broker: Broker, call: Call) -> dict[str, Any]:
    user = broker.user(fields.text(call.body, "userID"))
    nickname = fields.optional_text(call.body, "bankAccountNickname", longest=100)
    token = ""
    if "plaidProcessorToken" in call.body:
        token = fields.text(call.body, "plaidProcessorToken")
        last_four, routing, kind = _from_plaid(broker, token, call)
    else:
        last_four, routing, kind = _from_numbers(call)
    now = broker.now()
    bank = BankAccount(
        id=f"bank_{uuid.uuid4()}",
        user_id=user.id,
        nickname=nickname,
        last_four=last_four,
        routing_number=routing,
        kind=kind,
        created=now,
        updated=now,
    )
    broker.bank_accounts.add(bank.id, bank)
    # Singular where it was linked by Plaid, in the vendor's own example.
    type_ = "bankAccount.created" if token else "bankAccounts.created"
    broker.publish(type_, _event_json(bank, token))
    return bank_account_json(bank)


def get_bank_account(broker: Broker, call: Call) -> dict[str, Any]:
    return bank_account_json(_find(broker, call))


def list_bank_accounts(broker: Broker, call: Call) -> list[dict[str, Any]]:
    user = broker.user(call.path["user_id"])
    rows = broker.bank_accounts.where("user_id", user.id)
    return [bank_account_json(bank) for bank in rows if bank.status != "DELETED"]


def update_bank_account(broker: Broker, call: Call) -> dict[str, Any]:
    """Change the nickname, the only thing of ours that can be changed."""
    bank = _find(broker, call)
    bank.nickname = fields.text(call.body, "bankAccountNickname", longest=100)
    bank.updated = broker.now()
    broker.publish("bankAccounts.updated", _event_json(bank))
    return bank_account_json(bank)


def delete_bank_account(broker: Broker, call: Call) -> dict[str, Any]:
    """Unlink. Deposits under way go on; new ones are refused."""
    bank = _find(broker, call)
    bank.status, bank.updated = "DELETED", broker.now()
    broker.publish("bankAccounts.deleted", _event_json(bank))
    return bank_account_json(bank)


def broker_decides(broker: Broker, bank_id: str, status: str) -> BankAccount:
    """Set a bank account's status as the broker's own people would."""
    bank = broker.bank_accounts.get(bank_id)
    if bank is None:
        raise Refusal("K050", status=404)
    if status not in STATUSES:
        raise Refusal("E033", f"A bank account is one of {', '.join(STATUSES)}.")
    bank.status, bank.updated = status, broker.now()
    kind = "deleted" if status == "DELETED" else "updated"
    broker.publish(f"bankAccounts.{kind}", _event_json(bank))
    return bank


def bank_account_json(bank: BankAccount) -> dict[str, Any]:
    return {
        "id": bank.id,
        "userDetails": {"userID": bank.user_id},
        "bankAccountDetails": {
            "bankAccountNickname": bank.nickname,
            "bankAccountNumber": f"****{bank.last_four}",
            "bankRoutingNumber": bank.routing_number,
            "bankAccountType": bank.kind,
            "bankName": "Sandbox Bank",
        },
        "default": False,
        "status": bank.status,
        "created": iso(bank.created),
        "updated": iso(bank.updated),
    }


def _event_json(bank: BankAccount, token: str = "") -> dict[str, Any]:
    """Spell a bank account as its events do: flat, and without an identifier of its own.

    Source: developer.drivewealth.com, "Linked Bank Account Events" (2026-08).
    """
    told = {"userID": bank.user_id, "bankAccountNickname": bank.nickname}
    if token:
        told["plaidProcessorToken"] = token
    else:
        told["bankAccountNumber"] = f"****{bank.last_four}"
        told["bankRoutingNumber"] = bank.routing_number
        told["bankAccountType"] = bank.kind.capitalize()
    return told | {
        "status": bank.status,
        "created": iso(bank.created),
        "updated": iso(bank.updated),
    }


def _find(broker: Broker, call: Call) -> BankAccount:
    bank = broker.bank_accounts.get(call.path["bank_account_id"])
    if bank is None or bank.status == "DELETED":
        raise Refusal("K050", status=404)
    return bank


def _from_numbers(call: Call) -> tuple[str, str, str]:
    number = fields.text(call.body, "bankAccountNumber")
    routing = fields.text(call.body, "bankRoutingNumber")
    kind = fields.choice(call.body, "bankAccountType", ("CHECKING", "SAVINGS"))
    if not re.fullmatch(r"\d{9}", routing):
        raise Refusal("K075").naming("bankRoutingNumber", detail="nine digits")
    if not re.fullmatch(r"\d{4,17}", number):
        raise Refusal("K075").naming("bankAccountNumber", detail="four to seventeen digits")
    return number[-4:], routing, kind


def _from_plaid(broker: Broker, token: str, call: Call) -> tuple[str, str, str]:
    """Ask the Plaid beside us for the account; a token not in its shape is the vendor's sample."""
    if not token.startswith(PLAID_SANDBOX_PREFIX):
        raise Refusal("K110").naming("plaidProcessorToken")
    account = broker.ask_plaid(token)
    named = fields.optional_text(call.body, "plaidBankAccountID", longest=100)
    if "bankAccountType" in call.body:
        fields.choice(call.body, "bankAccountType", ("CHECKING", "SAVINGS"))
    if account is not None and named not in ("", account.account_id):
        raise Refusal("K110").naming("plaidBankAccountID", detail="not the token's account")
    if account is not None:
        return account.number[-4:], account.routing_number, account.subtype.upper()
    if PLAID_MADE.fullmatch(token):
        raise Refusal("K110").naming("plaidProcessorToken", detail="unknown, or revoked")
    return "0000", PLAID_TEST_ROUTING, "CHECKING"
