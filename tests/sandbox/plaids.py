"""A partner of Plaid's: its own client library, its page's window, and an ear for webhooks."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from sandbox.server import Box

PASSED, KNOWN = "+14155550015", "+14155550011"
Json = Any


class PlaidCaller:
    """Speaks to one sandbox as the partner's server does, with plaid-python."""

    def __init__(self, box: Box, client_id: str = "", secret: str = "") -> None:
        import plaid
        from plaid.api import plaid_api

        self.box = box
        keys = {
            "clientId": client_id or "sandbox-plaid-client",
            "secret": secret or "sandbox-plaid-secret",
        }
        self._client = plaid.ApiClient(plaid.Configuration(host=box.plaid_url, api_key=keys))
        self.api = plaid_api.PlaidApi(self._client)

    def close(self) -> None:
        self._client.close()

    def ask(self, endpoint: str, **body: Json) -> Json:
        """Return the answer as the library read it, made plain."""
        return getattr(self.api, endpoint)(body, _request_timeout=10).to_dict()

    def refused(self, endpoint: str, **body: Json) -> tuple[int, str]:
        """Return the status and the code of a refusal, whose shape is looked at."""
        import plaid

        try:
            self.ask(endpoint, **body)
        except plaid.ApiException as error:
            content = json.loads(error.body)
            fields = {"error_type", "error_code", "error_message", "display_message", "request_id"}
            assert fields <= content.keys()
            return error.status, content["error_code"]
        raise AssertionError("was not refused")

    def link_token(self, **more: Json) -> str:
        body = {
            "client_name": "StockSprout",
            "language": "en",
            "country_codes": ["US"],
            "user": {"client_user_id": "parent-1"},
            "products": ["auth", "identity", "transactions"],
        } | more
        kept = {name: value for name, value in body.items() if value is not None}
        return str(self.ask("link_token_create", **kept)["link_token"])

    def layer_token(self, **more: Json) -> str:
        body = {"template_id": "template_1", "user": {"client_user_id": "parent-1"}} | more
        return str(self.ask("session_token_create", **body)["link"]["link_token"])

    def window(self, action: str, token: str, **body: Json) -> Json:
        """Do what the window in the person's browser does; return the answer's JSON."""
        answer = requests.post(
            f"{self.box.url}/plaid-ui/{action}", json={"token": token} | body, timeout=10
        )
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.json()

    def pass_layer(self, token: str, phone: str = KNOWN, **chosen: Json) -> str:
        assert self.window("submit", token, phone_number=phone)["event"] == "LAYER_READY"
        assert "identity" in self.window("otp", token, code="123456")
        return str(self.window("finish", token, **chosen)["public_token"])

    def pass_link(self, token: str, institution: str = "ins_109508") -> str:
        login = {"username": "user_good", "password": "pass_good", "institution_id": institution}
        accounts = self.window("login", token, **login)["accounts"]
        ids = [account["account_id"] for account in accounts]
        return str(self.window("finish", token, account_ids=ids)["public_token"])

    def item(self, webhook: str = "", *more: str) -> tuple[str, str]:
        """Return the access token and the id of a new Item."""
        public = self.ask(
            "sandbox_public_token_create",
            institution_id="ins_109508",
            initial_products=["auth", "identity", *more],
            options={"webhook": webhook} if webhook else {},
        )["public_token"]
        made = self.ask("item_public_token_exchange", public_token=public)
        return str(made["access_token"]), str(made["item_id"])

    def control(self, path: str, /, **order: Json) -> requests.Response:
        return requests.post(f"{self.box.url}/_sandbox/{path}", json=order, timeout=10)

    def wait(self, seconds: int) -> None:
        assert self.control("clock", advanceSeconds=seconds).ok

    def state(self, name: str) -> Json:
        return requests.get(f"{self.box.url}/_sandbox/state", timeout=10).json()[name]


class Ear:
    """The partner's address for webhooks; ``answers`` are the next statuses, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.heard: list[tuple[str, bytes]] = []
        self.passed_on = 0  # how many of them a test has handed to the site
        self._news = threading.Condition()

    def take(self, signature: str, body: bytes) -> int:
        with self._news:
            self.heard.append((signature, body))
            self._news.notify_all()
            return self.answers.pop(0) if self.answers else 200

    def wait_for(self, count: int) -> list[tuple[str, bytes]]:
        """Return what was heard once it is as many; fail after ten seconds."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= count, timeout=10), self.heard
            return list(self.heard)

    def codes(self, count: int) -> list[str]:
        return [json.loads(body)["webhook_code"] for _, body in self.wait_for(count)]


@contextmanager
def listening() -> Iterator[Ear]:
    ear = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(ear.take(self.headers["Plaid-Verification"], body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Json) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    ear.url = f"http://127.0.0.1:{server.server_port}/hooks"
    try:
        yield ear
    finally:
        server.shutdown()
        server.server_close()


def check_webhook(caller: PlaidCaller, signature: str, body: bytes, now: float) -> str:
    """Return "" for a webhook that holds, else why not; by cryptography, not by our own code."""
    import plaid
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    head, claims, given = signature.split(".")
    header, content = json.loads(_unpart(head)), json.loads(_unpart(claims))
    assert (header["alg"], header["typ"]) == ("ES256", "JWT")
    try:
        key = caller.ask("webhook_verification_key_get", key_id=header["kid"])["key"]
    except plaid.ApiException:
        return "unknown kid"
    x, y = (int.from_bytes(_unpart(key[name]), "big") for name in "xy")
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    raw = _unpart(given)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    try:
        signed = f"{head}.{claims}".encode()
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "bad signature"
    if not now - 300 <= content["iat"] <= now + 10:
        return "stale"
    matches = content["request_body_sha256"] == hashlib.sha256(body).hexdigest()
    return "" if matches else "wrong hash"


def _unpart(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
