"""Portfolios over the API: what the broker holds, to the last decimal."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brokerage.models import Holding, Instrument
from tests.api.calling import Caller
from tests.cast import Family, make_child

MISSING = "7e3c4b1a-5d2f-4c60-9b1e-2a8f0c6d9e11"


@pytest.mark.parametrize("way", ["web", "app"])
@pytest.mark.bought
def test_a_bought_share_is_in_the_portfolio_as_at_the_broker(
    way: str, family: Family, request: pytest.FixtureRequest
) -> None:
    caller: Caller = request.getfixturevalue(way)

    body = caller.get(f"/api/portfolio/{family.child.pk}").body

    (account,) = family.stage.state()["accounts"]
    (held,) = account["positions"]
    (holding,) = body["holdings"]
    assert (holding["symbol"], Decimal(holding["shares"])) == ("DIS", Decimal(held["quantity"]))
    assert Decimal(body["totalCostBasis"]) == Decimal(held["cost"])
    assert Decimal(body["cashBalance"]) == Decimal(account["cash"])
    assert Decimal(body["totalValue"]) == Decimal(holding["currentValue"]) + Decimal(
        body["cashBalance"]
    )
    assert body["checkedAt"]


@pytest.mark.bought
def test_money_and_shares_are_text_and_never_floats(family: Family, app: Caller) -> None:

    text = json.dumps(app.get(f"/api/portfolio/{family.child.pk}").body, default=_refuse_number)

    assert '"totalValue": "' in text


def _refuse_number(value: Any) -> None:
    raise AssertionError(f"a JSON number with a fraction: {value}")


def test_a_child_whose_account_is_not_there_yet_has_nothing(family: Family, app: Caller) -> None:
    child = make_child(family.parent, ssn="345678912", born=date(2021, 5, 6))

    body = app.get(f"/api/portfolio/{child.pk}").body

    assert body["child"]["accountStatus"] == "pending"
    assert (body["holdings"], body["totalValue"]) == ([], "0.00")
    assert (body["lastSyncedAt"], body["checkedAt"]) == (None, None)


def test_a_strangers_child_is_not_found(family: Family, stranger: Family) -> None:
    answer = Caller(stranger.client).get(f"/api/portfolio/{family.child.pk}")

    assert answer.problem() == (404, "not_found")


def test_a_child_that_is_not_there_gets_the_same_answer(
    family: Family, stranger: Family, app: Caller
) -> None:
    missing = app.get(f"/api/portfolio/{MISSING}")
    strangers = app.get(f"/api/portfolio/{stranger.child.pk}")

    assert missing.body == strangers.body


def test_nobody_unnamed_sees_a_portfolio(family: Family) -> None:
    answer = Caller(Client()).get(f"/api/portfolio/{family.child.pk}")

    assert answer.problem() == (401, "not_authenticated")


def test_another_method_is_refused(family: Family, app: Caller) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = app.call(method, f"/api/portfolio/{family.child.pk}", "{}")
        assert answer.problem() == (405, "method_not_allowed")


@pytest.mark.bought
def test_twenty_holdings_take_as_many_queries_as_one(family: Family, app: Caller) -> None:
    url = f"/api/portfolio/{family.child.pk}"
    counts = []
    for number in (1, 20):
        for instrument in Instrument.objects.exclude(holding__account=family.account)[: number - 1]:
            Holding.objects.create(
                account=family.account, instrument=instrument, quantity=1, average_price=9,
                cost_basis=9, price=10, market_value=10, unrealized_gain=1,
                synced_at=family.stage.now(),
            )  # fmt: skip
        with CaptureQueriesContext(connections["default"]) as queries:
            assert len(app.get(url).body["holdings"]) == number
        counts.append(len(queries))

    assert counts[0] == counts[1], counts
