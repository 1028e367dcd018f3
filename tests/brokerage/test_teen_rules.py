"""What a teen may do without the parent: up to $25.00, to the cent."""

from decimal import Decimal

import pytest

from brokerage.rules import needs_parent


@pytest.mark.parametrize(
    ("amount", "needed"), [("0.01", False), ("25.00", False), ("25.01", True), ("1000", True)]
)
def test_a_trade_above_25_dollars_needs_the_parent(amount: str, needed: bool) -> None:
    assert needs_parent(Decimal(amount)) is needed
