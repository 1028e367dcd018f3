"""Settings of the desk's tests."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _slow_typing(settings: Any) -> None:
    """Take a code that was shown a moment ago: a test may begin at the end of its half minute."""
    settings.MFA_TOTP_TOLERANCE = 1
