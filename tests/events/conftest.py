"""What the tests of events share: a secret, and a relay that signs with it."""

from typing import Any

import pytest

from brokerage import relay
from core.throttle import Throttle
from tests.events.sender import SECRET, Sender


@pytest.fixture
def sender(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """A relay that knows the secret."""
    settings.DRIVEWEALTH_WEBHOOK_SECRET = [SECRET]
    monkeypatch.setattr(relay, "throttle", Throttle(200))
    return Sender()
