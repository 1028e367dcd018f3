"""Bearer tokens: sixty minutes each by world time, as many at once as one likes."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from datetime import timedelta

from sandbox.drivewealth import fields
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import Token

LIFETIME = timedelta(minutes=60)
# An expired token is told apart from a made-up one for this long.
REMEMBERED = timedelta(days=2)


def create_token(broker: Broker, call: Call) -> dict[str, str]:
    client_id = fields.text(call.body, "clientID")
    client_secret = fields.text(call.body, "clientSecret")
    known = _same(client_id, broker.config.client_id)
    if not (_same(client_secret, broker.config.client_secret) and known):
        # The vendor answers 400 here, not 401.
        raise Refusal("L050")
    _forget_old(broker)
    token = _jwt_lookalike()
    broker.tokens.add(token, Token(broker.now() + LIFETIME))
    return {
        "token_type": "Bearer",
        # A string, as the vendor spells it.
        "expires_in": str(int(LIFETIME.total_seconds())),
        "access_token": token,
        "scope": "all_trading",
    }


def check_token(broker: Broker, authorization: str) -> None:
    """Refuse unless the Authorization header holds a token that lives."""
    if not authorization:
        raise Refusal("H060")
    scheme, _, value = authorization.partition(" ")
    token = broker.tokens.get(value.strip())
    if scheme.lower() != "bearer" or token is None:
        raise Refusal("H065")
    if token.expires <= broker.now():
        raise Refusal("L025")


def _forget_old(broker: Broker) -> None:
    horizon = broker.now() - REMEMBERED
    for name in [name for name, token in broker.tokens.items() if token.expires < horizon]:
        broker.tokens.remove(name)


def _jwt_lookalike() -> str:
    """Return a token shaped like the vendor's; it means nothing beyond being on our list."""
    head = json.dumps({"alg": "RS256", "typ": "JWT"}).encode()
    parts = (head, json.dumps({"jti": secrets.token_hex(8)}).encode(), secrets.token_bytes(32))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogatepass"), expected.encode())
