"""DriveWealth's odd answers, and what of ours is on the wire and in the log."""

import io
import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import responses

from brokerage.drivewealth.client import DriveWealth
from brokerage.gateway import BankDetails, Listing, OrderRequest, Rejected, Unavailable
from core import vendors
from core.logs import configure
from tests.brokerage.conftest import API
from tests.brokerage.people import custodian, minor
from tests.brokerage.test_schemas import DEPOSITS

AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
KEY = uuid4()
Ask = Callable[[DriveWealth], object]
ASK: dict[str, Ask] = {
    "create_user": lambda c: c.create_user(custodian(), key=KEY),
    "update_user": lambda c: c.update_user("u-1", minor("u-0")),
    "get_kyc": lambda c: c.get_kyc("u-1"),
    "create_account": lambda c: c.create_account(owner_id="u-1", key=KEY),
    "get_account": lambda c: c.get_account("a-1"),
    "get_cash": lambda c: c.get_cash("a-1"),
    "list_positions": lambda c: c.list_positions("a-1"),
    "create_bank": lambda c: c.create_bank(
        "u-1", BankDetails("021000021", "000123456789", "CHECKING", "Household"), key=KEY
    ),
    "create_deposit": lambda c: c.create_deposit(
        account_number="DWBG1", bank_id="b-1", amount=Decimal("50.10"), key=KEY
    ),
    "get_deposit": lambda c: c.get_deposit("d-1"),
    "trace_deposit": lambda c: c.trace_deposit("a-1", key=KEY, amount=Decimal("50.10")),
    "create_order": lambda c: c.create_order(
        OrderRequest("DWBG1", "DIS", amount=Decimal("50.10")), key=KEY
    ),
    "get_order": lambda c: c.get_order("o-1"),
    "trace_order": lambda c: c.trace_order("a-1", key=KEY, symbol="DIS", since=AT, until=AT),
    "list_securities": lambda c: c.list_securities(),
    "list_quotes": lambda c: c.list_quotes(["DIS"]),
}
every_call = pytest.mark.parametrize("ask", ASK.values(), ids=list(ASK))
reading_call = pytest.mark.parametrize(
    "ask", [ask for name, ask in ASK.items() if name != "update_user"],
    ids=[name for name in ASK if name != "update_user"],
)  # fmt: skip


def answer_all(wire: responses.RequestsMock, **answer: Any) -> None:
    """Give one answer to everything but the question for a token."""
    for method in ("GET", "POST", "PATCH"):
        wire.add(method, re.compile(rf"{API}/(?!auth)"), **answer)


def asked(wire: responses.RequestsMock) -> list[Any]:
    return [call.request for call in wire.calls if "/auth/" not in str(call.request.url)]


# --- odd answers --------------------------------------------------------------------------------


@pytest.mark.daily(4)
@every_call
def test_a_page_of_html_is_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, ask: Ask
) -> None:
    answer_all(wire, status=502, body="<html><h1>Bad Gateway</h1></html>", content_type="text/html")

    with pytest.raises(Unavailable, match="drivewealth answered 502"):
        ask(client)


@every_call
@pytest.mark.parametrize("body", ['{"id": "x", "stat', "<html>", "NaN", '{"id": NaN}', "[" * 99999])
def test_what_is_not_json_is_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, ask: Ask, body: str
) -> None:
    answer_all(wire, body=body)

    with pytest.raises(Unavailable, match="not JSON"):
        ask(client)


@pytest.mark.daily(30)
@reading_call
@pytest.mark.parametrize(
    "body", ["", "null", "{}", "7", '"OK"', "[7]", "[null]", "[{}]", '{"id": null}', '{"rows": []}']
)
def test_json_of_another_shape_is_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, ask: Ask, body: str
) -> None:
    answer_all(wire, body=body)

    try:
        answer = ask(client)
    except Unavailable:
        return

    assert body in ("[7]", "[null]", "[{}]")  # a list, of which no row could be read
    assert isinstance(answer, Listing)
    assert (list(answer), len(answer.odd)) == ([], 1)


@every_call
def test_a_redirect_is_not_followed(
    wire: responses.RequestsMock, client: DriveWealth, ask: Ask
) -> None:
    thief = wire.add(responses.GET, "https://thief.example/", json={})
    answer_all(wire, status=302, headers={"Location": "https://thief.example/"})

    with pytest.raises(Unavailable, match=r"redirect us \(302\)"):
        ask(client)

    assert thief.call_count == 0


def test_an_oversized_body_is_left_unread(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            buffer[:] = b" " * len(buffer)
            self.given += len(buffer)
            return len(buffer)

    endless = Endless()
    wire.get(f"{API}/quotes", body=io.BufferedReader(endless), auto_calculate_content_length=False)

    with pytest.raises(Unavailable, match="sent too much"):
        client.list_quotes(["DIS"])

    assert endless.given < 2 * vendors.LARGEST_BODY


@every_call
def test_a_refusal_without_a_word_of_the_brokers_own_is_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, ask: Ask
) -> None:
    text = "Client App Key header invalid. Contact tech support."
    answer_all(wire, status=400, body=text, content_type="text/plain")

    with pytest.raises(Unavailable) as error:
        ask(client)

    assert error.value.status == 400
    assert "tech support" not in str(error.value)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0", 0.0), ("", None), ("soon", None), ("²", None)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_brokers_wish_for_a_pause_is_read(
    wire: responses.RequestsMock,
    client: DriveWealth,
    status: int,
    header: str,
    seconds: float | None,
) -> None:
    answer_all(wire, status=status, headers={"Retry-After": header})

    with pytest.raises(Unavailable) as error:
        client.list_quotes(["DIS"])

    assert error.value.retry_after == seconds


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_these_statuses_are_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, status: int
) -> None:
    answer_all(wire, status=status, json={"errorCode": "E099", "message": "later"})

    with pytest.raises(Unavailable, match=f"answered {status}"):
        client.get_order("o-1")


@pytest.mark.parametrize("code", ["E101", "IK075"])
def test_a_key_the_broker_is_tired_of_does_not_mean_that_nothing_was_done(
    wire: responses.RequestsMock, client: DriveWealth, code: str
) -> None:
    answer_all(wire, status=400, json={"errorCode": code, "message": "too many retries"})

    with pytest.raises(Unavailable, match=code):
        ASK["create_deposit"](client)


@pytest.mark.parametrize(("number", "name", "ours"), DEPOSITS)
def test_a_deposit_is_read_in_all_four_shapes(
    wire: responses.RequestsMock, client: DriveWealth, number: int, name: str, ours: str
) -> None:
    title = name.replace("_", " ").title()
    for status in (name, {"id": number, "message": title}, number, title):
        wire.upsert(
            "GET", f"{API}/funding/deposits/d-1", json={"id": "d-1", "status": status, "amount": 5}
        )

        assert client.get_deposit("d-1").status == ours


@pytest.mark.parametrize("name", ["orderId", "orderID", "id"])
def test_a_placed_orders_id_is_read_by_any_of_its_names(
    wire: responses.RequestsMock, client: DriveWealth, name: str
) -> None:
    wire.post(f"{API}/orders", json={name: "o-1", "orderNo": "N1"})

    placed = client.create_order(OrderRequest("DWBG1", "DIS", amount=Decimal("50.10")), key=KEY)

    assert (placed.id, placed.number, placed.status) == ("o-1", "N1", "NEW")


@pytest.mark.parametrize("name", ["orderId", "orderID", "id"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_an_order_is_found_by_our_key_in_lists_of_any_shape(
    wire: responses.RequestsMock, client: DriveWealth, name: str, wrapped: bool
) -> None:
    rows = [{"clientOrderID": "other", name: "o-0"}, {name: "o-2"}, {name: "o-1"}]
    empty: list[Any] = []
    wire.get(f"{API}/accounts/a-1/summary/orders", json={"orders": empty} if wrapped else empty)
    wire.get(
        f"{API}/accounts/a-1/reports/order-history", json={"orders": rows} if wrapped else rows
    )
    for order_id, reference in {"o-1": str(KEY), "o-2": None}.items():
        body = {"id": order_id, "status": "CANCELLED", "clientOrderID": reference}
        wire.get(f"{API}/orders/{order_id}", json=body)

    found = client.trace_order("a-1", key=KEY, symbol="DIS", since=AT, until=AT).found

    assert found is not None
    assert (found.id, found.status) == ("o-1", "CANCELED")
    period = next(call.request for call in wire.calls if "history" in str(call.request.url))
    assert "from=2026-11-16T17%3A00%3A00%2B00%3A00" in str(period.url)


@pytest.mark.parametrize("what", ["get_order", "get_deposit"])
def test_a_status_nobody_told_us_of_is_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, what: str
) -> None:
    body = {"id": "x", "accountNo": "x", "status": "BRAND_NEW", "amount": 5}
    answer_all(wire, json=body | {"kyc": {"status": {"name": "KYC_BRAND_NEW"}}})

    with pytest.raises(Unavailable, match="unknown"):
        ASK[what](client)


def test_an_account_of_which_something_new_is_said_is_unclear(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    answer_all(wire, json={"account": {"id": "x", "accountNo": "x", "status": "BRAND_NEW"}})

    state = client.get_account("x")

    assert (state.is_unclear, state.vendor_status) == (True, "BRAND_NEW")


# --- what every call carries ----------------------------------------------------------------------


@every_call
def test_every_call_has_time_outs_and_credentials_and_every_post_a_key(
    wire: responses.RequestsMock, client: DriveWealth, ask: Ask, settings: Any
) -> None:
    answer_all(wire, status=404, json={"errorCode": "E050", "message": "no"})

    with pytest.raises(Rejected):
        ask(client)

    assert len(wire.calls) == 2
    for call in wire.calls:
        assert call.request.req_kwargs["timeout"] == settings.VENDOR_TIMEOUT  # type: ignore[attr-defined]
        assert call.request.headers["dw-client-app-key"] == "sandbox-app-key"
    (request,) = asked(wire)
    assert request.headers["Authorization"] == "Bearer t-1"
    key = request.headers.get("Idempotency-Key")
    assert key == (str(KEY) if request.method == "POST" else None)


SECRETS = (
    "t-1", "sandbox-secret", "sandbox-app-key", "123456789", "234567891", "000123456789",
    "021000021", "Sample", "family.example", "3035550123", "1985", "Denver", "u-1", "a-1", "d-1",
    "o-1", "said by the broker",
)  # fmt: skip


@pytest.mark.daily(8)
@every_call
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_log_line_tells_the_call_and_no_secret_or_person(
    wire: responses.RequestsMock, client: DriveWealth, ask: Ask, status: int
) -> None:
    body = {"errorCode": "E050", "message": "said by the broker: Pat Sample 123-45-6789"}
    answer_all(wire, status=status, json=body, headers={"dw-request-id": "request_42"})
    root, stream = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    configure({"level": "DEBUG", "json": True})
    for handler in root.handlers:
        if handler not in before and isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)

    try:
        ask(client)
    except (Unavailable, Rejected):
        pass
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    calls = [line for line in lines if line["event"] == "vendor_call"]
    assert calls[0]["path"] == "/auth/tokens"
    assert (calls[1]["vendor"], calls[1]["status"]) == ("drivewealth", status)
    assert calls[1]["vendor_request"] == "request_42"
    assert calls[1]["ms"] >= 0
    told = json.dumps([line | {"timestamp": ""} for line in lines])  # its digits may look like any
    for secret in SECRETS:
        assert secret not in told, secret
