"""Money and shares on the wire: exact, in and out."""

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import responses
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from brokerage.drivewealth.client import DriveWealth
from brokerage.gateway import OrderRequest, Unavailable
from tests.brokerage.conftest import API

KEY = uuid4()


def asked(wire: responses.RequestsMock) -> list[Any]:
    return [call.request for call in wire.calls if "/auth/" not in str(call.request.url)]


@effort(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(amount=st.decimals("0.01", "10000", places=2))
def test_money_is_sent_as_a_number_with_its_two_decimals(
    wire: responses.RequestsMock, client: DriveWealth, amount: Decimal
) -> None:
    reply = {"id": "d-1", "orderId": "o-1", "status": "PENDING", "amount": 5}
    wire.upsert("POST", f"{API}/funding/deposits", json=reply)
    wire.upsert("POST", f"{API}/orders", json=reply)

    client.create_deposit(account_number="DWBG1", bank_id="b-1", amount=amount, key=KEY)
    client.create_order(OrderRequest("DWBG1", "DIS", amount=amount), key=KEY)

    deposit, order = (request.body.decode() for request in asked(wire)[-2:])
    assert f'"amount": {amount}' in deposit
    assert f'"amountCash": {amount}' in order


def test_fifty_dollars_and_ten_cents_are_sent_as_such(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    wire.post(f"{API}/funding/deposits", json={"id": "d-1", "status": "PENDING", "amount": 50.10})

    state = client.create_deposit(
        account_number="DWBG1", bank_id="b-1", amount=Decimal("50.10"), key=KEY
    )

    (request,) = asked(wire)
    assert '"amount": 50.10,' in request.body.decode()
    assert json.loads(request.body) == {
        "accountNo": "DWBG1",
        "amount": 50.1,
        "currency": "USD",
        "type": "ACH",
        "bankAccountID": "b-1",
        "metadata": {"clientDepositRef": str(KEY)},
        "note": str(KEY),
    }
    assert str(state.amount) == "50.10"


def test_prices_and_quantities_keep_eight_decimals(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    wire.get(f"{API}/quotes", body='[{"symbol": "DIS", "lastTrade": 123456789012.10000001}]')
    wire.get(
        f"{API}/accounts/a-1/summary/positions",
        body='{"equityPositions": [{"symbol": "DIS", "instrumentID": "i-1", "openQty": 0.44275789,'
        ' "avgPrice": 112.92836401, "costBasis": 50, "mktPrice": 0.1, "marketValue": 49.999,'
        ' "unrealizedPL": -0.001}]}',
    )

    (quote,) = client.list_quotes(["DIS"])
    (position,) = client.list_positions("a-1")

    assert str(quote.price) == "123456789012.10000001"  # more digits than a float has
    assert (str(position.quantity), str(position.average_price)) == ("0.44275789", "112.92836401")
    assert (str(position.cost_basis), str(position.market_value)) == ("50.00", "50.00")


@pytest.mark.parametrize("number", ['"NaN"', '"Infinity"', '"-Infinity"', '"much"', "true", "[]"])
def test_what_is_no_number_is_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, number: str
) -> None:
    wire.get(f"{API}/quotes", body=f'[{{"symbol": "DIS", "lastTrade": {number}}}]')
    wire.get(
        f"{API}/accounts/a-1/summary/money",
        body=f'{{"cash": {{"cashBalance": 1, "cashAvailableForTrade": {number}}}}}',
    )

    quotes = client.list_quotes(["DIS"])
    assert (list(quotes), [odd.why for odd in quotes.odd]) == ([], ["no lastTrade"])
    with pytest.raises(Unavailable, match="another shape"):
        client.get_cash("a-1")
