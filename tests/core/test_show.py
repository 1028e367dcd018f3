"""Money, shares and moments as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.templatetags import show

D = Decimal


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (D("1234.5"), "$1,234.50"),
        (D("0"), "$0.00"),
        (D("-3"), "−$3.00"),
        (D("1000000"), "$1,000,000.00"),
        (None, "—"),
    ],
)
def test_money(amount: Decimal | None, text: str) -> None:
    assert show.money(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(D("3.2"), "+$3.20"), (D("-1.1"), "−$1.10"), (D("0"), "$0.00"), (None, "—")],
)
def test_a_gain_or_loss_has_its_sign(amount: Decimal | None, text: str) -> None:
    assert show.signed_money(amount) == text


def test_an_amount_below_half_a_cent_is_no_loss() -> None:
    assert show.money(D("-0.001")) == "$0.00"
    assert show.signed_money(D("0.001")) == "$0.00"
    assert [show.percent(D(ratio)) for ratio in ("-0.01", "0.04", "0")] == ["0.0%"] * 3
    assert [show.percent(D(ratio)) for ratio in ("-0.06", "0.06")] == ["−0.1%", "+0.1%"]


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (D("0.44275789"), "0.44275789"),
        (D("3.00000000"), "3"),
        (D("1500"), "1,500"),
        (D("0.10"), "0.1"),
        (D("0"), "0"),
        (None, "—"),
    ],
)
def test_shares_have_no_idle_zeros(quantity: Decimal | None, text: str) -> None:
    assert show.shares(quantity) == text


@given(st.decimals("0", "999999", places=8))
def test_no_share_is_lost_in_writing(quantity: Decimal) -> None:
    assert D(show.shares(quantity).replace(",", "")) == quantity


def test_days_and_moments_are_new_yorks() -> None:
    late = datetime(2026, 11, 25, 3, 5, tzinfo=UTC)

    assert show.day(date(2026, 11, 24)) == show.day(late) == "Tue, Nov 24"
    assert show.moment(late) == "Nov 24 at 10:05 PM ET"
    assert show.moment(datetime(2026, 11, 24, 5, 0, tzinfo=UTC)) == "Nov 24 at 12:00 AM ET"
    assert (show.day(None), show.moment(None)) == ("", "")
