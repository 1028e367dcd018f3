"""A sandbox for each test, on a Monday noon in New York, and a partner that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Box, running
from tests.sandbox.partner import MONDAY_NOON, Partner


@pytest.fixture
def box() -> Iterator[Box]:
    with running(start_at=MONDAY_NOON) as box:
        yield box


@pytest.fixture
def partner(box: Box) -> Partner:
    return Partner(box)
