"""What may become of an account, and where money is pushed to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.partner import Family, Partner


@pytest.fixture
def family(partner: Partner) -> Family:
    return partner.family()


def decide(family: Family, **order: str) -> requests.Response:
    url = f"{family.partner.box.url}/_sandbox/accounts/{family.account_id}"
    return requests.post(url, json=order, timeout=5)


def account(family: Family) -> Any:
    return family.partner.get(f"/accounts/{family.account_id}")["account"]


def test_a_partner_restricts_an_account_with_a_reason(family: Family) -> None:
    change = {
        "status": "OPEN_NO_NEW_TRADES",
        "statusChangeReason": "PARTNER_RESTRICTED",
        "statusComment": "Asked by the family.",
    }

    answer = family.partner.ok("PATCH", f"/accounts/{family.account_id}", change)

    assert answer["account"]["status"]["name"] == "OPEN_NO_NEW_TRADES"
    assert answer["account"]["statusChangeReason"] == "PARTNER_RESTRICTED"
    assert account(family)["statusComment"] == "Asked by the family."
    event = family.partner.events("accounts.updated")[-1]["payload"]
    assert event["previous"] == {"status": {"name": "OPEN"}}
    assert event["current"]["statusChangeReason"] == "PARTNER_RESTRICTED"
    order = family.partner.call("POST", "/orders", family.order_body(amountCash=5))
    assert order.json()["errorCode"] == "O098"
    family.deposit("10.00")


def test_only_the_broker_gives_the_brokers_reasons(family: Family) -> None:
    change = {"status": "FROZEN", "statusChangeReason": "LEGAL_AML"}
    path = f"/accounts/{family.account_id}"

    refused = family.partner.call("PATCH", path, change)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "E033")
    assert decide(family, status="FROZEN", reason="LEGAL_AML").status_code == 200

    assert account(family)["status"]["name"] == "FROZEN"
    assert account(family)["statusChangeReason"] == "LEGAL_AML"
    deposit = family.partner.call("POST", "/funding/deposits", family.deposit_body())
    assert deposit.json()["errorCode"] == "A055"
    assert decide(family, status="OPEN").status_code == 200
    assert account(family)["statusChangeReason"] is None


def test_an_account_with_money_stays_and_a_closed_one_stays_closed(family: Family) -> None:
    control = f"/accounts/{family.account_id}/cash"
    family.partner.control(control, {"amount": "5.00", "type": "CSR", "comment": "Wire"})
    assert decide(family, status="CLOSED").status_code == 400
    family.partner.control(control, {"amount": "-5.00", "type": "CSD"})

    assert decide(family, status="CLOSED", reason="DUPLICATE_ACCOUNT").status_code == 200

    assert decide(family, status="OPEN").json()["errorCode"] == "A055"
    change = family.partner.call("PATCH", f"/accounts/{family.account_id}", {"nickname": "x"})
    assert change.json()["errorCode"] == "A055"
    instructions = family.partner.call(
        "GET", f"/accounts/{family.account_id}/funding/deposit-instructions"
    )
    assert instructions.json()["errorCode"] == "A055"


def test_cash_nobody_asked_for_is_a_transaction_like_any_other(family: Family) -> None:
    family.partner.control(f"/accounts/{family.account_id}/cash", {"amount": "-1.25"})

    path = f"/accounts/{family.account_id}/transactions?from=2026-06-01&to=2026-06-02"
    [row] = family.partner.get(path)

    assert (row["finTranTypeID"], row["accountAmount"]) == ("CADJ", Decimal("-1.25"))
    assert family.cash() == Decimal("-1.25")
    for wrong in ({"amount": 0}, {"amount": "0.001"}, {"amount": 1, "type": "a gift"}):
        url = f"{family.partner.box.url}/_sandbox/accounts/{family.account_id}/cash"
        assert requests.post(url, json=wrong, timeout=5).status_code == 400


def test_every_account_has_its_own_place_to_push_money_to(family: Family) -> None:
    path = f"/accounts/{family.account_id}/funding/deposit-instructions"
    stranger = family.partner.family()

    answer = family.partner.get(path)
    other = family.partner.get(f"/accounts/{stranger.account_id}/funding/deposit-instructions")

    assert answer == family.partner.get(path)
    ach, wire = answer["achDetails"], answer["wireDetails"]
    assert (ach["paymentType"], wire["paymentType"]) == ("ACH", "WIRE")
    assert len(ach["bankAccountNumber"]) == 12
    assert ach["bankAccountNumber"] == wire["bankAccountNumber"]
    assert ach["bankAccountNumber"] != other["achDetails"]["bankAccountNumber"]
    assert ach["beneficiaryName"] == "Leo Rivera"
    assert (ach["bankRoutingNumberType"], wire["bankSwiftCode"]) == ("ACH", "SBOXUS33")
    assert answer["accountNo"] == family.account_no


def test_deposits_are_listed_by_account_and_by_user(family: Family) -> None:
    stranger = family.partner.family()
    mine, theirs = family.deposit("10.00")["id"], stranger.deposit("20.00")["id"]

    by_account = family.partner.get(f"/accounts/{family.account_id}/funding/deposits")
    by_user = family.partner.get(f"/users/{stranger.child_id}/funding/deposits")

    assert [row["id"] for row in by_account] == [mine]
    assert [row["id"] for row in by_user] == [theirs]
    assert by_user[0]["status"]["message"] == "Pending"


def test_deposits_come_page_by_page_the_newest_first(family: Family) -> None:
    made = [family.deposit("1.00")["id"] for _ in range(28)][::-1]
    path = f"/accounts/{family.account_id}/funding/deposits"

    first = [row["id"] for row in family.partner.get(path)]
    rest = [row["id"] for row in family.partner.get(f"{path}?offset={first[-1]}")]
    ten = [row["id"] for row in family.partner.get(f"{path}?limit=10")]

    assert (first, rest, ten) == (made[:25], made[25:], made[:10])
    assert family.partner.get(f"{path}?status=Successful,On Hold") == []
    assert len(family.partner.get(f"{path}?status=Successful,Pending&type=ACH&limit=100")) == 28
    assert family.partner.get(f"{path}?type=WIRE") == []
    for wrong in ("limit=0", "limit=101", "limit=x", "offset=nobody"):
        assert family.partner.call("GET", f"{path}?{wrong}").json()["errorCode"] == "E025"


def test_a_bank_account_is_renamed(family: Family) -> None:
    path = f"/bank-accounts/{family.bank_id}"

    family.partner.ok("PATCH", path, {"bankAccountNickname": "Savings"})

    details = family.partner.get(path)["bankAccountDetails"]
    assert details["bankAccountNickname"] == "Savings"
    assert family.partner.events("bankAccounts.updated")
