"""Webhooks on their way: the bytes, the signature over them, the key that checks it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.plaid.books import Plaid
from sandbox.plaid.call import Call, Json
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.records import Item, Key
from sandbox.plaid.words import ITEM_WEBHOOKS
from sandbox.wire import iso

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

HEADER = "Plaid-Verification"
NUMBER_BYTES = 32
# What /sandbox/item/fire_webhook may be asked for, and of which type it is if none is named.
FIRED = {code: type_ for type_, codes in reversed(ITEM_WEBHOOKS.items()) for code in codes} | {
    "DEFAULT_UPDATE": "AUTH"
}
ENDS_IN = timedelta(days=7)  # a login that is told to end


def write_body(body: Json) -> bytes:
    """Spell a webhook as it is sent: the signature holds for these bytes only."""
    return json.dumps(body, indent=2).encode()


def signing_key(plaid: Plaid) -> Key:
    """Return the key in use, made when it is first needed."""
    for key in plaid.keys:
        return key
    # One byte less than the curve's order has, so that it is always below it.
    number = int.from_bytes(secrets.token_bytes(NUMBER_BYTES - 1)) + 1
    key = Key(str(uuid.uuid4()), f"{number:064x}", plaid.now())
    return plaid.keys.add(key.id, key)


def sign(key: Key, body: bytes, issued: int, *, key_id: str = "", digest: str = "") -> str:
    """Return the JWT for `body` issued at Unix second `issued`; the options make it a bad one."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    head = {"alg": "ES256", "kid": key_id or key.id, "typ": "JWT"}
    claims = {
        "iat": issued,
        "request_body_sha256": digest or hashlib.sha256(body).hexdigest(),
    }
    signed = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
    der = _private(key).sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    pair = decode_dss_signature(der)
    return f"{signed}.{_part(b''.join(number.to_bytes(NUMBER_BYTES) for number in pair))}"


def get_key(plaid: Plaid, call: Call) -> Json:
    """/webhook_verification_key/get"""
    wanted = call.text("key_id")
    key = plaid.keys.get(wanted) or signing_key(plaid)
    if key.id != wanted:
        raise PlaidError("INVALID_WEBHOOK_VERIFICATION_KEY_ID")
    public = _private(key).public_key().public_numbers()
    return {
        "key": {
            "alg": "ES256",
            "crv": "P-256",
            "kid": key.id,
            "kty": "EC",
            "use": "sig",
            "x": _part(public.x.to_bytes(NUMBER_BYTES)),
            "y": _part(public.y.to_bytes(NUMBER_BYTES)),
            "created_at": int(key.created.timestamp()),
            "expired_at": None,
        }
    }


def fire(plaid: Plaid, call: Call) -> Json:
    """/sandbox/item/fire_webhook"""
    item = plaid.item_by_token(call.client_id, call.text("access_token"))
    if not item.webhook:
        raise PlaidError("INVALID_FIELD", "the Item has no webhook")
    post_about(plaid, item, call.text("webhook_code"), call.optional_text("webhook_type"))
    return {"webhook_fired": True}


def post_about(plaid: Plaid, item: Item, code: str, type_: str = "", *, subtype: str = "") -> None:
    """Send a webhook of an Item with the fields Plaid documents for it.

    :param subtype: of the accounts it is about, where it names any; all by default
    :raises PlaidError: there is no such code, or type
    """
    type_ = type_ or FIRED.get(code, "")
    if code not in ITEM_WEBHOOKS.get(type_, ()):
        raise PlaidError("INVALID_FIELD", f"webhook_code must be one of {', '.join(FIRED)}")
    ids = [row["account_id"] for row in item.accounts if subtype in ("", row["subtype"])]
    plaid.post_for_item(item, type_, code, **_content(plaid, item, f"{type_}.{code}", ids))


def _content(plaid: Plaid, item: Item, name: str, ids: list[str]) -> Json:
    error = PlaidError(item.error or "ITEM_LOGIN_REQUIRED")
    ends = iso(plaid.now() + ENDS_IN)
    fields: dict[str, Json] = {
        "ITEM.ERROR": {"error": error.content() | {"status": error.status}},
        "ITEM.NEW_ACCOUNTS_AVAILABLE": {"error": None},
        "ITEM.PENDING_DISCONNECT": {"reason": "INSTITUTION_MIGRATION", "disconnect_time": ends},
        "ITEM.PENDING_EXPIRATION": {"consent_expiration_time": ends},
        "ITEM.USER_PERMISSION_REVOKED": {"error": None},
        "ITEM.USER_ACCOUNT_REVOKED": {"account_id": ids[0]},
        "ITEM.WEBHOOK_UPDATE_ACKNOWLEDGED": {"new_webhook_url": item.webhook, "error": None},
        "AUTH.DEFAULT_UPDATE": {
            "account_ids_with_new_auth": [],
            "account_ids_with_updated_auth": {ref: ["ACCOUNT_NUMBER"] for ref in ids},
            "error": None,
        },
        "AUTH.AUTOMATICALLY_VERIFIED": {"account_id": ids[0]},
        "AUTH.VERIFICATION_EXPIRED": {"account_id": ids[0]},
        "AUTH.SMS_MICRODEPOSITS_VERIFICATION": {
            "account_id": ids[0],
            "status": "MANUALLY_VERIFIED",
        },
        "IDENTITY.DEFAULT_UPDATE": {
            "account_ids_with_updated_identity": {ref: ["NAMES"] for ref in ids},
            "error": None,
        },
        "TRANSACTIONS.SYNC_UPDATES_AVAILABLE": {
            "initial_update_complete": True,
            "historical_update_complete": True,
        },
        "TRANSACTIONS.INITIAL_UPDATE": {"error": None, "new_transactions": 1},
        "TRANSACTIONS.HISTORICAL_UPDATE": {"error": None, "new_transactions": 1},
        "TRANSACTIONS.DEFAULT_UPDATE": {"error": None, "new_transactions": 1},
        "TRANSACTIONS.TRANSACTIONS_REMOVED": {"error": None, "removed_transactions": []},
        "TRANSACTIONS.RECURRING_TRANSACTIONS_UPDATE": {"account_ids": ids},
    }
    return fields.get(name, {})


def _private(key: Key) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(int(key.number, 16), ec.SECP256R1())


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
