"""Numbers typed into forms: digits as people write them, and nothing else Decimal and int read."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from brokerage.order_forms import NumberField
from core.forms import DollarsField, RoughDollarsField

WRONG = [
    "1e2", "1E400", "NaN", "Infinity", "-0", "-1", "+40", "0x28", "1_000", "٤٠", "4 0",
    "1,00", "1,0000", "$", "$$40", "40$$", "1.2.3", "40..", "9" * 40, "\u200f-5", "4\t0",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("field", [DollarsField(), NumberField(), RoughDollarsField()])
def test_what_is_no_number_to_a_person_is_refused(
    field: DollarsField | NumberField | RoughDollarsField, text: str
) -> None:
    with pytest.raises(ValidationError):
        field.clean(text)


@pytest.mark.parametrize("text", ["40.001", "1.00000000000000000000000001"])
def test_dollars_have_at_most_two_decimals(text: str) -> None:
    with pytest.raises(ValidationError):
        DollarsField().clean(text)


def test_shares_have_at_most_eight_decimals() -> None:
    assert NumberField().clean("0.12345678") == Decimal("0.12345678")
    with pytest.raises(ValidationError):
        NumberField().clean("0.123456789")


@pytest.mark.parametrize("text", ["40", " 40 ", "$40", "40.00", "40.0", "$ 40.00"])
def test_what_people_write_is_read(text: str) -> None:
    assert DollarsField().clean(text) == NumberField().clean(text) == 40
    assert DollarsField().clean("1,234.50") == NumberField().clean("1,234.50") == Decimal("1234.50")
