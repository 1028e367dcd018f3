"""Numbers and words as keyboards of other places write them, read alike wherever they are typed."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts import validators
from accounts.birthdays import read_birthday
from accounts.places import read_state
from brokerage.forms import CentsField
from brokerage.order_forms import NumberField
from core.dollars import read_dollars


@pytest.mark.parametrize("typed", ["２０１９-0３-04", "０３/04/2019", "March\xa04\xa02019"])
def test_days(typed: str) -> None:
    assert read_birthday(typed, today=date(2026, 11, 29)) == date(2019, 3, 4)


@pytest.mark.parametrize("typed", ["C.O.", "c. o.", "ＣＯ", " colorado ", "Colorado\xa0"])
def test_states(typed: str) -> None:
    assert read_state(typed) == "CO"


@pytest.mark.parametrize("typed", ["７", "7c", "7 cents", "0,07", "$0.07\xa0", "USD .07"])
def test_cents(typed: str) -> None:
    assert CentsField(label="x").clean(typed) == 7


@pytest.mark.parametrize("typed", ["1,000.5", "1 000.5", "１０００.5", " $1\xa0000.5 "])
def test_shares_and_prices(typed: str) -> None:
    assert NumberField().clean(typed) == Decimal("1000.5")


@pytest.mark.parametrize(("typed", "meant"), [("0,5", "0.5"), ("12,25", "12.25")])
def test_a_comma_that_may_be_a_point_is_asked_about(typed: str, meant: str) -> None:
    with pytest.raises(ValidationError, match=f"Do you mean {meant}"):
        NumberField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "meant"), [("1.000,00", "1,000.00"), ("12.345.678,9", "12,345,678.90")]
)
def test_dollars_written_as_elsewhere_are_asked_about(typed: str, meant: str) -> None:
    with pytest.raises(ValidationError, match=f"Do you mean {meant}"):
        read_dollars(typed)


@pytest.mark.parametrize("typed", ["Ａnn", "Ann", " Ann\u200b "])
def test_names(typed: str) -> None:
    assert validators.clean_name(typed) == "Ann"


@pytest.mark.parametrize("typed", ["1e3", "NaN", "2 shares", "1,00,000", "-1", "١٢"])
def test_what_is_no_number_stays_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        NumberField(min_value=0).clean(typed)
