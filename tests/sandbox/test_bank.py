"""The parents' bank: orders for two small credits, its statement, and what it sends back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from sandbox.server import Box

KEY = "key-of-one-order-0001"
ORDER: dict[str, Any] = {
    "routingNumber": "021000021",
    "accountNumber": "000123456789",
    "accountType": "CHECKING",
    "amounts": ["0.12", "0.34"],
    "entryDescription": "ACCTVERIFY",
    "reference": "ours",
}


def send(box: Box, key: str = KEY, **changes: Any) -> requests.Response:
    headers = {"Authorization": "Bearer sandbox-bank-key", "Idempotency-Key": key}
    return requests.post(
        f"{box.bank_url}/micro-deposits", json=ORDER | changes, headers=headers, timeout=10
    )


def ask(box: Box, order_id: str) -> Any:
    headers = {"Authorization": "Bearer sandbox-bank-key"}
    url = f"{box.bank_url}/micro-deposits/{order_id}"
    return requests.get(url, headers=headers, timeout=10).json()


def control(box: Box, path: str, **order: Any) -> requests.Response:
    return requests.post(f"{box.url}/_sandbox/{path}", json=order, timeout=10)


def statement(box: Box) -> list[tuple[str, Decimal]]:
    state = requests.get(f"{box.url}/_sandbox/state", timeout=10).json(parse_float=Decimal)
    return [(line["description"], line["amount"]) for line in state["bankStatement"]]


def test_both_amounts_are_on_the_statement_on_the_next_banking_day(box: Box) -> None:
    order = send(box).json()
    before = statement(box)
    control(box, "clock", to="next-banking-day")

    assert (order["status"], order["expectedOn"]) == ("PENDING", "2026-06-02")
    assert before == []
    assert statement(box) == [
        ("StockSprout ACCTVERIFY", Decimal("0.12")),
        ("StockSprout ACCTVERIFY", Decimal("0.34")),
    ]
    assert ask(box, order["id"])["status"] == "POSTED"
    assert "0.12" in requests.get(f"{box.url}/_sandbox/", timeout=10).text


def test_a_repeat_under_one_key_is_one_order_and_another_body_is_refused(box: Box) -> None:
    first, repeat = send(box), send(box)
    other = send(box, amounts=["0.12", "0.35"])

    assert (first.status_code, repeat.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert len(box.world.bank.orders) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"routingNumber": "021000022"}, "routingNumber"),
        ({"routingNumber": "02100002"}, "routingNumber"),
        ({"routingNumber": 21000021}, "routingNumber"),
        ({"accountNumber": "123"}, "accountNumber"),
        ({"accountNumber": "12A4"}, "accountNumber"),
        ({"accountType": "LOAN"}, "accountType"),
        ({"amounts": ["0.12", "0.12"]}, "amounts"),
        ({"amounts": ["0.12"]}, "amounts"),
        ({"amounts": ["0.12", "1.00"]}, "amounts"),
        ({"amounts": ["0.12", "0.001"]}, "amounts"),
        ({"amounts": ["0.12", "NaN"]}, "amounts"),
        ({"amounts": ["0.12", None]}, "amounts"),
        ({"entryDescription": "HELLO"}, "entryDescription"),
    ],
)
def test_a_wrong_order_is_refused_and_names_what_is_wrong(
    box: Box, changes: dict[str, Any], code: str
) -> None:
    answer = send(box, **changes)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert len(box.world.bank.orders) == 0


def test_only_who_has_the_key_and_names_the_order_is_served(box: Box) -> None:
    url = f"{box.bank_url}/micro-deposits"
    key = {"Authorization": "Bearer sandbox-bank-key"}

    assert requests.post(url, json=ORDER, timeout=10).status_code == 401
    assert requests.post(url, json=ORDER, headers=key, timeout=10).status_code == 400
    assert send(box, key="short").status_code == 400
    assert requests.get(f"{url}/md_1", headers=key, timeout=10).status_code == 404


def test_a_magic_account_sends_the_amounts_back_on_the_second_banking_day(box: Box) -> None:
    order = send(box, accountNumber="799000003").json()
    control(box, "clock", to="next-banking-day")
    before = ask(box, order["id"])["status"]
    control(box, "clock", to="next-banking-day")

    after = ask(box, order["id"])
    assert before == "PENDING"
    assert (after["status"], after["returnCode"]) == ("RETURNED", "R03")
    assert statement(box) == []


def test_the_operator_has_posted_amounts_returned_once(box: Box) -> None:
    order = send(box).json()
    control(box, "clock", to="next-banking-day")

    path = f"micro-deposits/{order['id']}"
    answers = [control(box, path, code="R04").status_code for _time in range(2)]

    assert answers == [200, 400]
    assert sum(amount for _text, amount in statement(box)) == 0
    assert ask(box, order["id"])["returnCode"] == "R04"
    assert control(box, "micro-deposits/none").status_code == 400
    assert control(box, path, code="nonsense").status_code == 400
