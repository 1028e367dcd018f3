"""Items and what they hold: accounts, numbers, owners, movements; and a processor's share."""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.plaid import banks
from sandbox.plaid.books import Plaid
from sandbox.plaid.call import Call, Json
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.records import Item, Processor
from sandbox.plaid.tokens import read_url
from sandbox.wire import iso

PROCESSORS = ("drivewealth",)
LARGEST_PAGE = 500
USUAL_PAGE = 100


def get_item(plaid: Plaid, call: Call) -> Json:
    """/item/get, which also answers for an Item in error"""
    item = plaid.item_by_token(call.client_id, call.text("access_token"))
    return {"item": item_json(item), "status": None}


def remove_item(plaid: Plaid, call: Call) -> Json:
    """/item/remove: the access token and every processor's token end."""
    plaid.item_by_token(call.client_id, call.text("access_token")).removed = True
    return {}


def update_webhook(plaid: Plaid, call: Call) -> Json:
    """/item/webhook/update, which the new address is told"""
    item = plaid.item_by_token(call.client_id, call.text("access_token"))
    item.webhook = read_url(call.body.get("webhook"), "webhook")
    plaid.post_for_item(
        item, "ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", new_webhook_url=item.webhook, error=None
    )
    return {"item": item_json(item)}


def get_accounts(plaid: Plaid, call: Call) -> Json:
    """/accounts/get and /accounts/balance/get"""
    item, accounts = _chosen(plaid, call)
    return _accounts_json(plaid, item, accounts)


def get_auth(plaid: Plaid, call: Call) -> Json:
    """/auth/get: the numbers for an ACH debit"""
    item, accounts = _chosen(plaid, call, "auth")
    ach = [
        {
            "account_id": account["account_id"],
            "account": account["number"],
            "routing": banks.ROUTING,
            "wire_routing": banks.WIRE_ROUTING,
        }
        | ({"is_tokenized_account_number": True} if "persistent_account_id" in account else {})
        for account in accounts
    ]
    numbers = {"ach": ach, "eft": [], "international": [], "bacs": []}
    return _accounts_json(plaid, item, accounts) | {"numbers": numbers}


def get_identity(plaid: Plaid, call: Call) -> Json:
    """/identity/get: the owners, as the bank has them"""
    item, accounts = _chosen(plaid, call, "identity")
    rows = [
        plaid.show_account(item.institution_id, row) | {"owners": owners_of(item, row)}
        for row in accounts
    ]
    return {"accounts": rows, "item": item_json(item)}


def owners_of(item: Item, account: Json) -> list[Json]:
    """Return who owns an account: who signed in, unless it was opened or entered for others."""
    names = account.get("owners")
    if names is None:
        return [item.owner]
    return [item.owner | {"names": [name]} for name in names] or [item.owner | {"names": []}]


def sync_transactions(plaid: Plaid, call: Call) -> Json:
    """/transactions/sync: what came after the cursor; the cursor is how many were taken."""
    item, accounts = _chosen(plaid, call, "transactions")
    count = call.number("count", USUAL_PAGE, 1, LARGEST_PAGE)
    cursor = call.body.get("cursor") or ""
    after = _read_cursor(item, cursor)
    rows: list[Json] = []
    if item.transactions_ready:
        today = plaid.now().date()
        for account in item.accounts:
            rows += banks.movements(account["account_id"], item.created.date(), today)
        rows.sort(key=lambda row: (row["date"], row["account_id"]))
    page = rows[after : after + count]
    upto = after + len(page)
    return {
        "accounts": [plaid.show_account(item.institution_id, account) for account in accounts],
        "added": page,
        "modified": [],
        "removed": [],
        "next_cursor": f"{item.id}.{upto}" if item.transactions_ready else "",
        "has_more": upto < len(rows),
        "transactions_update_status": (
            "HISTORICAL_UPDATE_COMPLETE" if item.transactions_ready else "NOT_READY"
        ),
    }


def create_processor_token(plaid: Plaid, call: Call) -> Json:
    """/processor/token/create: let the broker use this one account."""
    name = call.text("processor")
    if name not in PROCESSORS:
        raise PlaidError("INVALID_FIELD", f"processor must be one of {', '.join(PROCESSORS)}")
    item = plaid.healthy_item(call.client_id, call.text("access_token"))
    account = _account(item, call.text("account_id"))
    token = f"processor-sandbox-{uuid.uuid4()}"
    plaid.processors.add(token, Processor(token, item.id, account["account_id"], name))
    return {"processor_token": token}


def get_institution(plaid: Plaid, call: Call) -> Json:
    """/institutions/get_by_id"""
    call.texts("country_codes")
    institution = banks.INSTITUTIONS.get(call.text("institution_id"))
    if institution is None:
        raise PlaidError("INVALID_INSTITUTION")
    return {"institution": banks.institution_json(institution)}


def reset_login(plaid: Plaid, call: Call) -> Json:
    """/sandbox/item/reset_login: from now on the person must sign in again."""
    item = plaid.item_by_token(call.client_id, call.text("access_token"))
    plaid.break_item(item, "ITEM_LOGIN_REQUIRED")
    return {"reset_login": True}


def item_json(item: Item) -> Json:
    return {
        "item_id": item.id,
        "institution_id": item.institution_id,
        "institution_name": banks.INSTITUTIONS[item.institution_id].name,
        "webhook": item.webhook,
        "error": PlaidError(item.error).content() if item.error else None,
        "available_products": [name for name in banks.PRODUCTS if name not in item.products],
        "billed_products": item.products,
        "products": item.products,
        "consent_expiration_time": None,
        "update_type": "background",
        "created_at": iso(item.created),
    }


def _chosen(plaid: Plaid, call: Call, product: str = "") -> tuple[Item, list[Json]]:
    """Return a healthy Item and the accounts of it that were asked for."""
    item = plaid.healthy_item(call.client_id, call.text("access_token"))
    if product and product not in item.products:
        raise PlaidError("PRODUCTS_NOT_SUPPORTED")
    wanted: Any = call.object("options").get("account_ids")
    if wanted is None:
        return item, item.accounts
    if not isinstance(wanted, list):
        raise PlaidError("INVALID_FIELD", "options.account_ids must be a list")
    return item, [_account(item, str(account_id)) for account_id in wanted]


def _account(item: Item, account_id: str) -> Json:
    for account in item.accounts:
        if account["account_id"] == account_id:
            return account
    raise PlaidError("INVALID_ACCOUNT_ID")


def _accounts_json(plaid: Plaid, item: Item, accounts: list[Json]) -> Json:
    return {
        "accounts": [plaid.show_account(item.institution_id, account) for account in accounts],
        "item": item_json(item),
    }


def _read_cursor(item: Item, cursor: Any) -> int:
    if cursor == "":
        return 0
    item_id, _, number = str(cursor).rpartition(".")
    if item_id != item.id or not number.isdecimal():
        raise PlaidError("INVALID_FIELD", "cursor is not one of this Item")
    return int(number)
