"""Orders over the API: placed once, listed, shown, canceled."""

from typing import Any
from uuid import uuid4

import pytest

from brokerage.models import Order
from tests.api.calling import Answer, Caller, with_key
from tests.cast import Family, sign_in
from tests.money.trading import Desk


@pytest.fixture
def desk(family: Family) -> Desk:
    return Desk(family)


def url(family: Family) -> str:
    return f"/api/children/{family.child.pk}/orders"


def place(caller: Caller, family: Family, **asked: Any) -> Answer:
    asking = with_key(caller)
    return asking.post(url(family), {"symbol": "KO", "side": "BUY", "amount": "50.00"} | asked)


def own_orders() -> int:
    return Order.objects.filter(purchase=None).count()


@pytest.mark.funded
def test_an_order_is_placed_filled_and_shown(desk: Desk, app: Caller) -> None:
    answer = place(app, desk.family, symbol="ko")

    assert answer.status == 201
    order = answer.body["order"]
    assert (order["status"], order["driveWealthOrderId"]) == ("INTENDED", "")
    assert (order["amount"], order["quantity"], order["expectedOn"]) == (
        "50.00",
        None,
        "2026-11-24",
    )
    desk.family.stage.work()
    shown = app.get(f"/api/orders/{order['id']}").body["order"]
    row = Order.objects.get(pk=order["id"])
    assert shown == shown | {
        "childId": str(desk.family.child.pk),
        "giftId": None,
        "driveWealthOrderId": row.vendor_id,
        "orderNo": row.number,
        "symbol": "KO",
        "side": "BUY",
        "type": "MARKET",
        "timeInForce": "DAY",
        "status": "FILLED",
        "filledQuantity": f"{row.quantity:.8f}",
        "totalAmount": "50.00",
        "settlesOn": "2026-11-25",
        "fundsSettleOn": None,
    }
    listed = app.get(url(desk.family)).body["orders"]
    assert [row["giftId"] is None for row in listed] == [True, False]
    assert listed[0]["id"] == order["id"]


@pytest.mark.funded
def test_the_same_key_is_one_order_and_another_body_is_refused(desk: Desk, app: Caller) -> None:
    app.headers["Idempotency-Key"] = str(uuid4())

    first, second = place(app, desk.family), place(app, desk.family)

    assert first.body == second.body
    assert own_orders() == 1
    assert place(app, desk.family, amount="60.00").problem() == (422, "idempotency_key_reused")


WRONG: list[tuple[dict[str, Any], tuple[int, str], str]] = [
    ({"amount": "600.00"}, (409, "cash"), "amount"),
    ({"amount": None}, (400, "invalid"), "amount"),
    ({"quantity": "1"}, (400, "amount"), "amount"),
    ({"symbol": "NOPE"}, (400, "invalid"), "symbol"),
    ({"side": "SHORT"}, (400, "invalid"), "side"),
    ({"amount": "1.001"}, (400, "invalid"), "amount"),
    ({"timeInForce": "GTC"}, (400, "time_in_force"), "timeInForce"),
    ({"side": "SELL"}, (409, "shares"), "amount"),
]


@pytest.mark.funded
def test_what_is_wrong_is_named(desk: Desk, app: Caller) -> None:
    for asked, problem, field in WRONG:
        answer = place(app, desk.family, **asked)

        assert answer.problem() == problem, asked
        assert field in answer.fields, asked
    assert own_orders() == 0


@pytest.mark.slow
@pytest.mark.funded
def test_an_order_is_canceled(desk: Desk, app: Caller) -> None:
    resting = desk.trade(quantity="1", kind="LIMIT", price="20", time_in_force="GTC")

    answer = app.post(f"/api/orders/{resting.pk}/cancel", {})
    desk.pass_time(5)

    assert (answer.status, answer.body["order"]["status"]) == (200, "NEW")
    assert answer.body["order"]["cancelAskedAt"]
    assert app.get(f"/api/orders/{resting.pk}").body["order"]["status"] == "CANCELED"
    filled = desk.trade(amount="10.00")
    assert app.post(f"/api/orders/{filled.pk}/cancel", {}).problem() == (409, "already_done")


@pytest.mark.funded
def test_another_family_and_visitors_are_kept_out(
    desk: Desk, stranger: Family, nobody: Caller
) -> None:
    order = desk.trade(amount="10.00")
    other = Caller(sign_in(stranger.parent))
    cancel = f"/api/orders/{order.pk}/cancel"

    assert place(other, desk.family).problem() == (404, "not_found")
    assert other.get(url(desk.family)).problem() == (404, "not_found")
    assert other.get(f"/api/orders/{order.pk}").problem() == (404, "not_found")
    assert other.post(cancel, {}).problem() == (404, "not_found")
    for answer in (
        place(nobody, desk.family),
        nobody.get(url(desk.family)),
        nobody.post(cancel, {}),
    ):
        assert answer.problem()[0] == 401
    assert own_orders() == 1
