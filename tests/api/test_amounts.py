"""Numbers of the API: dollars and shares as people write them, and nothing else Decimal reads."""

from decimal import Decimal
from typing import Any

import pytest

from brokerage.models import Deposit, Order
from tests.api.calling import Answer, Caller, with_key
from tests.cast import Family, amounts_sent, make_unconfirmed_bank

WRONG = [
    "1e2", "1E+2", "1E400", "NaN", "Infinity", "-0", "-1", "+40", "40.", ".5", "0x28",
    '"1e2"', '"NaN"', '"Infinity"', '"-40"', '"+40"', '" 40"', '"40 "', '"4 0"', '"1_000"',
    '"1,000"', '"$40"', '"４０"', '"٤٠"', '"40.00\\n"', '"40\\u00a0"', '""', '"½"', '"40."', '".5"',
    "40.001", "1.00000000000000000000000001", '"40.00000000000000000001"', "true", "false", "null",
    "[]", "{}", "[40]", "9" * 40, "9" * 5000, '"' + "9" * 40 + '"', "-0.0", "0", "0.00",
]  # fmt: skip
RIGHT = [
    ("40", "40.00"), ("40.0", "40.00"), ('"40"', "40.00"), ('"40.5"', "40.50"), ("40.50", "40.50"),
    ("40.000", "40.00"), ('"0040.10"', "40.10"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _as_often_as_wanted(settings: Any) -> None:
    rates = {"DEFAULT_THROTTLE_RATES": {"user": "1000000/min"}}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | rates


def deposit(caller: Caller, family: Family, amount: str) -> Answer:
    body = f'{{"childId": "{family.child.pk}", "amount": {amount}, "authorize": true}}'
    return with_key(caller).call("POST", "/api/deposits", body)


def order(caller: Caller, family: Family, fields: str) -> Answer:
    body = f'{{"symbol": "DIS", "side": "BUY", {fields}}}'
    return with_key(caller).call("POST", f"/api/children/{family.child.pk}/orders", body)


def assert_refused(answer: Answer, name: str, number: str) -> None:
    """Check that this number was what was refused, or the JSON it makes."""
    status, _code = answer.problem()
    assert status in (400, 409), (name, number, answer.body)
    in_json = answer.body["detail"] == "The body is not valid JSON."
    assert in_json or set(answer.fields) == {name}, (name, number, answer.body)


@pytest.mark.slow
def test_an_amount_is_digits_and_at_most_two_decimals(family: Family, app: Caller) -> None:
    for amount in WRONG:
        assert_refused(deposit(app, family, amount), "amount", amount)

    assert not Deposit.objects.exists()


@pytest.mark.parametrize(("written", "meant"), RIGHT)
def test_an_amount_may_be_text_or_number(
    family: Family, app: Caller, written: str, meant: str
) -> None:
    answer = deposit(app, family, written)

    assert (answer.status, answer.body["deposit"]["amount"]) == (201, meant)


@pytest.mark.slow
@pytest.mark.funded
def test_shares_and_prices_are_read_alike(family: Family, app: Caller) -> None:
    before = Order.objects.count()
    for name, more in (
        ("amount", ""),
        ("quantity", ""),
        ("price", ', "type": "LIMIT", "quantity": 1'),
    ):
        for number in WRONG:
            if name != "amount" and number in {"40.001", "1.00000000000000000000000001"}:
                continue
            assert_refused(order(app, family, f'"{name}": {number}{more}'), name, number)
    for number in ("0.000000001", "1.123456789", "1e-8", '"0.000000001"'):
        answer = order(app, family, f'"quantity": {number}')
        assert (answer.status, set(answer.fields)) == (400, {"quantity"}), (number, answer.body)

    assert Order.objects.count() == before


@pytest.mark.slow
@pytest.mark.funded
def test_the_smallest_part_of_a_share_is_read_exactly(family: Family, app: Caller) -> None:
    written: Any = order(app, family, '"quantity": 0.00000001').body
    assert written.get("code") != "invalid", written

    answer = order(app, family, '"quantity": 0.12345678')

    assert answer.status == 201, answer.body
    assert Order.objects.latest("created_at").asked_quantity == Decimal("0.12345678")


@pytest.mark.parametrize("written", ["{}", '"{}"'])
def test_the_two_small_deposits_are_read_alike(family: Family, app: Caller, written: str) -> None:
    bank = make_unconfirmed_bank(family.parent, number="000987654321")
    path = f"/api/bank-accounts/{bank.pk}/confirm"
    for number in [*WRONG, "1.00", '"1.00"', "40", "0.001", '"0.1 2"']:
        answer = app.call("POST", path, f'{{"amounts": [{number}, 0.12]}}')
        assert_refused(answer, "amounts.0", number)
        assert answer.status == 400, (number, answer.body)
    untouched = bank.micro_deposits.get().tries

    first, second = (written.format(f"0.{cents:02d}") for cents in amounts_sent(bank))
    answer = app.call("POST", path, f'{{"amounts": [{first}, {second}]}}')

    assert untouched == 0  # what is no amount is no try
    assert (answer.status, bank.micro_deposits.get().tries) == (200, 0)
    assert bank.micro_deposits.get().ended_at is not None
