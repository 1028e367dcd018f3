"""Plaid's answers, read strictly: another shape than the documented one raises, and is no answer.

Everything here raises KeyError, TypeError or ValueError on such; the client makes `Unavailable` of
it, without the text, which may hold what a bank knows of somebody.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from prefill.account_numbers import index_numbers
from prefill.gateway import (
    AccountState,
    ItemGrant,
    ItemState,
    LayerResult,
    LinkToken,
    Movement,
    MovementPage,
)

Json = dict[str, Any]
LARGEST = Decimal(10) ** 13  # an amount that our columns can not hold is none
LONGEST, LONGEST_ID = 200, 100


def read_link_token(body: Json) -> LinkToken:
    """Read `/link/token/create`, or the part `link` of `/session/token/create`."""
    moment = datetime.fromisoformat(_text(body, "expiration"))
    if moment.tzinfo is None:
        raise ValueError("expiration")
    return LinkToken(_text(body, "link_token"), moment)


def read_layer(body: Json, *, keep_ssn: bool) -> LayerResult:
    """Read `/user_account/session/get`. The full SSN leaves with `ssn`, or is dropped here."""
    identity = body["identity"]
    if identity is not None and not isinstance(identity, dict):
        raise TypeError("identity")
    person = dict(identity or {})
    ssn = "".join(filter(str.isdigit, str(person.pop("ssn", None) or "")))
    items = [read_grant(item) for item in _list(body, "items")]
    raw = {"identity": person, "identity_edit_history": body.get("identity_edit_history")}
    kept = ssn if keep_ssn and len(ssn) == 9 else ""
    return LayerResult(_maybe(person, "phone_number"), tuple(items), raw, kept)


def read_grant(body: Json) -> ItemGrant:
    return ItemGrant(_text(body, "item_id"), _text(body, "access_token"))


def read_item(body: Json) -> ItemState:
    """Read `item`, as several answers hold it."""
    item = body["item"]
    products = {*_list(item, "billed_products"), *(item.get("products") or ())}
    return ItemState(_maybe(item, "institution_id"), tuple(sorted(products)))


def read_accounts(body: Json) -> tuple[AccountState, ...]:
    return tuple(_read_account(row) for row in _list(body, "accounts"))


def _read_account(row: Json) -> AccountState:
    balances = row["balances"]
    currency = balances["iso_currency_code"] or balances["unofficial_currency_code"] or ""
    return AccountState(
        account_id=_text(row, "account_id"),
        name=_text(row, "name")[:LONGEST],
        official_name=_maybe(row, "official_name")[:LONGEST],
        type=_text(row, "type"),
        subtype=_maybe(row, "subtype"),
        mask=_maybe(row, "mask")[:10],
        available=_amount(balances["available"]),
        current=_amount(balances["current"]),
        limit=_amount(balances["limit"]),
        currency=str(currency)[:10],
        persistent_id=_maybe(row, "persistent_account_id")[:LONGEST_ID],
    )


def read_owners(body: Json) -> Json:
    """Read `/identity/get`: its accounts as they are, each with its owners."""
    for row in _list(body, "accounts"):
        _text(row, "account_id")
        _list(row, "owners")
    return {"accounts": body["accounts"]}


def read_debitable(body: Json) -> set[str]:
    """Return the ids of the accounts that `/auth/get` has ACH numbers for."""
    return {
        _text(row, "account_id")
        for row in _list(body["numbers"], "ach")
        if row["account"] and row["routing"]
    }


def read_number_indexes(body: Json) -> dict[str, str]:
    """Read `/auth/get`; the numbers themselves end here."""
    return {
        _text(row, "account_id"): index_numbers(_text(row, "routing"), _text(row, "account"))
        for row in _list(body["numbers"], "ach")
        if row.get("is_tokenized_account_number") is not True
    }


def read_movements(body: Json) -> MovementPage:
    """Read one page of `/transactions/sync`."""
    changed = [_read_movement(row) for row in (*_list(body, "added"), *_list(body, "modified"))]
    removed = [_text(row, "transaction_id") for row in _list(body, "removed")]
    if not isinstance(body["has_more"], bool) or not isinstance(body["next_cursor"], str):
        raise TypeError("has_more, next_cursor")
    return MovementPage(tuple(changed), tuple(removed), body["next_cursor"], body["has_more"])


def _read_movement(row: Json) -> Movement:
    amount = _amount(row["amount"])
    if amount is None:
        raise TypeError("amount")
    category = row.get("personal_finance_category") or {}
    return Movement(
        transaction_id=_text(row, "transaction_id"),
        account_id=_text(row, "account_id"),
        amount=amount,
        currency=str(row["iso_currency_code"] or row["unofficial_currency_code"] or "")[:10],
        happened_on=date.fromisoformat(_text(row, "date")),
        name=_maybe(row, "merchant_name") or _maybe(row, "name"),
        category=_maybe(category, "primary")[:60],
        is_pending=bool(row["pending"]),
    )


def read_institution(body: Json) -> str:
    return _text(body["institution"], "name")[:100]


def read_webhook_key(body: Json) -> Json:
    """Read `/webhook_verification_key/get`: what a signature is checked with, and its end."""
    key = body["key"]
    names = ("kid", "alg", "kty", "crv", "x", "y")
    return {name: _text(key, name) for name in names} | {"expired_at": key["expired_at"]}


def read_processor_token(body: Json) -> str:
    return _text(body, "processor_token")


def _text(row: Json, name: str) -> str:
    value = row[name]
    if not isinstance(value, str) or not value or "\0" in value:
        raise TypeError(name)
    return value


def _maybe(row: Json, name: str) -> str:
    """Return a text that may be null or missing."""
    return _text(row, name) if row.get(name) else ""


def _list(row: Json, name: str) -> list[Any]:
    value = row[name]
    if not isinstance(value, list):
        raise TypeError(name)
    return value


def _amount(value: Any) -> Decimal | None:
    """Return an amount to four places; None for null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("amount")
    amount = Decimal(value)
    if abs(amount) > LARGEST:
        raise ValueError("amount")
    return amount.quantize(Decimal("0.0001"))
