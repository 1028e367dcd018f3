"""Webhooks on their way: the bytes, the signature over them, the key that checks it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from typing import TYPE_CHECKING

from sandbox.plaid.books import Plaid
from sandbox.plaid.call import Call, Json
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.records import Item, Key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

HEADER = "Plaid-Verification"
NUMBER_BYTES = 32
# What /sandbox/item/fire_webhook may be asked for.
FIRED = {
    "SYNC_UPDATES_AVAILABLE": "TRANSACTIONS",
    "DEFAULT_UPDATE": "AUTH",
    "NEW_ACCOUNTS_AVAILABLE": "ITEM",
    "LOGIN_REPAIRED": "ITEM",
    "PENDING_DISCONNECT": "ITEM",
    "PENDING_EXPIRATION": "ITEM",
    "USER_PERMISSION_REVOKED": "ITEM",
    "USER_ACCOUNT_REVOKED": "ITEM",
}


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


def post_about(plaid: Plaid, item: Item, code: str, type_: str = "") -> None:
    """Send a webhook of an Item with the content its code usually has.

    :raises PlaidError: there is no such code
    """
    if code not in FIRED:
        raise PlaidError("INVALID_FIELD", f"webhook_code must be one of {', '.join(FIRED)}")
    more: Json = {}
    if code == "SYNC_UPDATES_AVAILABLE":
        more = {"initial_update_complete": True, "historical_update_complete": True}
    elif code == "USER_ACCOUNT_REVOKED":
        more = {"account_id": item.accounts[0]["account_id"]}
    elif code == "PENDING_DISCONNECT":
        more = {"reason": "INSTITUTION_MIGRATION"}
    plaid.post_for_item(item, type_ or FIRED[code], code, **more)


def _private(key: Key) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(int(key.number, 16), ec.SECP256R1())


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
