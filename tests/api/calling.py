"""Calling the API as a mobile app does, and reading its problems."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.test import Client

from tests.cast import PASSWORD

LOGIN = "/_allauth/app/v1/auth/login"


@dataclass
class Answer:
    """`body` holds numbers as Decimal; `kind` is the media type."""

    status: int
    kind: str
    body: Any
    headers: Any

    def problem(self) -> tuple[int, str]:
        """Return status and code of a problem+json, once sure that it is a proper one."""
        assert self.kind == "application/problem+json", (self.kind, self.body)
        assert {"type", "title", "status", "code", "detail"} <= self.body.keys()
        assert self.body["status"] == self.status
        return self.status, self.body["code"]

    @property
    def fields(self) -> dict[str, str]:
        found: dict[str, str] = self.body.get("fields", {})
        return found


@dataclass
class Caller:
    """Somebody who calls; `headers` carry the token, if any."""

    client: Client
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, json.dumps(body))

    def patch(self, path: str, body: Any) -> Answer:
        return self.call("PATCH", path, json.dumps(body))

    def call(
        self, method: str, path: str, text: str | bytes = "", kind: str = "application/json"
    ) -> Answer:
        response: Any = self.client.generic(
            method, path, text, content_type=kind, headers=self.headers
        )
        media = response.headers.get("Content-Type", "").split(";")[0]
        body = response.content.decode()
        parsed = json.loads(body, parse_float=Decimal) if media.endswith("json") else body
        return Answer(response.status_code, media, parsed, response.headers)


def sign_in_by_app(email: str, password: str = PASSWORD) -> Caller:
    """Sign in as the mobile app does and call with the access token, without cookies."""
    answer = Caller(Client()).post(LOGIN, {"email": email, "password": password})
    assert answer.status == 200, answer.body
    token = answer.body["meta"]["access_token"]
    return Caller(Client(), {"Authorization": f"Bearer {token}"})


def with_key(caller: Caller) -> Caller:
    """Have somebody call with the key they have, or else with a new one."""
    return Caller(caller.client, {"Idempotency-Key": str(uuid4())} | caller.headers)
