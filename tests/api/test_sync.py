"""Asking for a fresh reading over the API, history, and papers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from brokerage.models import AccountPaper
from core.models import AuditEntry
from tests.api.calling import Caller
from tests.cast import Family
from tests.money.test_movements import act_for_company, move_cash
from tests.money.test_reconciliation import adjust_cash


def sync(family: Family, what: str) -> str:
    return f"/api/sync/{what}/{family.child.pk}"


def test_a_reading_is_asked_for_once_in_half_a_minute(family: Family, app: Caller) -> None:
    family.stage.advance(60)
    adjust_cash(family, "5.00")

    first = app.post(sync(family, "positions"), {})
    again = app.post(sync(family, "positions"), {})
    family.stage.work()

    assert (first.status, again.status) == (202, 202)
    assert first.body["checking"] is True
    assert first.body["askedAt"] == again.body["askedAt"]
    assert AuditEntry.objects.filter(verb="account.sync_asked").count() == 1
    assert family.account.cash == Decimal(5)
    status = app.get(sync(family, "status")).body
    assert (status["checking"], status["openDifferences"]) == (False, 1)
    assert status["syncedAt"] > status["askedAt"]


def test_orders_under_way_are_asked_for_at_once(family: Family, app: Caller) -> None:
    purchase = family.approve(family.give())
    family.stage.work()
    family.stage.settle_ach()
    family.stage.go_to("next-market-close")
    family.stage.advance(3600)
    family.stage.work()
    purchase.refresh_from_db()
    assert purchase.status == "ORDERING"
    later = purchase.next_step_at

    app.post(sync(family, "orders"), {})

    purchase.refresh_from_db()
    assert purchase.next_step_at
    assert later
    assert purchase.next_step_at < later


@pytest.mark.bought
def test_history_tells_gain_against_the_money_put_in(family: Family, app: Caller) -> None:
    act_for_company(family, type="CASH_DIVIDEND", amountPerShare="1.00")
    move_cash(family, "CSR", "25.00", "Incoming wire")
    family.stage.advance(3700)
    family.stage.work()

    body = app.get(f"/api/children/{family.child.pk}/history?period=1M").body

    number = {key: Decimal(value) for key, value in body.items() if key.startswith(("v", "p", "g"))
              and key != "period"}  # fmt: skip
    assert (body["period"], body["shorter"]) == ("1M", True)
    assert number["putIn"] == 75
    assert number["gainLoss"] == number["valueNow"] - number["valueThen"] - 75
    assert Decimal(body["dividends"]) > 0
    assert body["days"][-1]["value"] == body["valueNow"]
    assert body["realizedGainLoss"] == "0.00"


def test_a_period_nobody_offers_is_refused(family: Family, app: Caller) -> None:
    answer = app.get(f"/api/children/{family.child.pk}/history?period=5Y")

    assert answer.problem() == (400, "invalid")
    assert list(answer.fields) == ["period"]


def test_a_paper_is_listed_and_its_link_is_made_on_demand(family: Family, app: Caller) -> None:
    path = f"accounts/{family.account.vendor_id}/papers"
    for kind in ("statement", "taxForm"):
        family.stage.control("POST", path, {"kind": kind})
    family.stage.go_to("next-market-close")
    family.stage.advance(3600)
    family.stage.work()

    listed = app.get(f"/api/children/{family.child.pk}/statements").body["statements"]
    answer = app.get(f"/api/statements/{listed[0]['id']}/link")

    assert {row["kind"] for row in listed} == {"statement", "tax_form"}
    assert answer.body["url"].startswith(family.stage.box.url)
    assert answer.headers["Cache-Control"] == "no-store"
    assert not AccountPaper.objects.filter(vendor_id__startswith="http").exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/sync/positions/{child}"),
        ("POST", "/api/sync/orders/{child}"),
        ("GET", "/api/sync/status/{child}"),
        ("GET", "/api/children/{child}/history"),
        ("GET", "/api/children/{child}/statements"),
        ("GET", "/api/statements/{paper}/link"),
    ],
)
def test_strangers_find_nothing_and_visitors_are_turned_away(
    family: Family, stranger: Family, method: str, path: str
) -> None:
    paper = AccountPaper.objects.create(
        account=family.account, kind="STATEMENT", vendor_id="20261031-02", name="October",
        noticed_at=family.stage.now() - timedelta(days=1),
    )  # fmt: skip
    url = path.format(child=family.child.pk, paper=paper.pk)

    assert Caller(stranger.client).call(method, url).problem() == (404, "not_found")
    assert Caller(Client()).call(method, url).problem() == (401, "not_authenticated")
