"""A broker that says what a test lets it say, and a client that asks it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from brokerage.drivewealth.client import DriveWealth

BASE = "https://broker.example/dw"
API = f"{BASE}/back-office"


@pytest.fixture
def cache_in_memory(settings: Any) -> None:
    """Let readers that ask nobody count what they have told without a database."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture
def wire(settings: Any, db: None) -> Iterator[responses.RequestsMock]:
    """A broker that says what a test lets it say; it has handed out a token."""
    settings.DRIVEWEALTH_BASE_URL = BASE
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.post(f"{API}/auth/tokens", json={"access_token": "t-1", "expires_in": "3600"})
        yield wire


@pytest.fixture
def client(wire: responses.RequestsMock) -> DriveWealth:
    return DriveWealth()


def sent(wire: responses.RequestsMock) -> Any:
    """Return the last request's body."""
    return json.loads(wire.calls[-1].request.body or "null")
