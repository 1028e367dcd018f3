"""The whole way: a parent, a child, an account, money from the bank, a share of a company."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sandbox.server import Box
from tests.sandbox.partner import SSN, Partner, adult_documents, changed, custodial_account


def test_a_gift_becomes_shares_and_every_cent_is_accounted_for(partner: Partner) -> None:
    parent_id = partner.create_parent()
    child_id = partner.create_child(parent_id)
    account = partner.open_account(child_id)
    assert account["status"]["name"] == "OPEN"
    assert account["accountMgmtType"]["name"] == "CUSTODIAL"

    family = partner.family()
    deposit = family.deposit("25.00")
    assert deposit["status"] == "PENDING"
    assert family.deposit_status(deposit["id"]) == "Pending"
    assert family.cash() == 0

    partner.wait(7 * 86_400)
    partner.log_in()
    assert family.deposit_status(deposit["id"]) == "Successful"
    assert family.cash() == Decimal("25.00")

    order_id = family.order(amountCash=25.00)
    assert family.see_order(order_id)["status"] == "NEW"
    assert family.money()["cashAvailableForTrade"] == 0
    partner.wait(2)
    order = family.see_order(order_id)
    assert order["status"] == "FILLED"
    assert "statusMessage" not in order
    assert order["totalOrderAmount"] == Decimal("25.00")

    [position] = family.positions()
    assert position["openQty"] == order["cumulativeQuantity"]
    assert position["costBasis"] == Decimal("25.00")
    assert position["openQty"] * order["averagePriceRaw"] <= Decimal("25.00")
    assert family.cash() == 0
    assert {event["type"] for event in partner.events()} >= {
        "users.created",
        "users.updated",
        "kyc.created",
        "kyc.updated",
        "accounts.created",
        "accounts.updated",
        "bankAccounts.created",
        "deposits.created",
        "deposits.updated",
        "orders.created",
        "orders.completed",
        "transactions.created",
    }


def test_transactions_always_add_up_to_the_cash(partner: Partner) -> None:
    family = partner.funded_family("500.00")
    for symbol, amount in (("AAPL", 33.33), ("KO", 7.77), ("MSFT", 120.01), ("F", 50)):
        family.order(symbol=symbol, amountCash=amount)
    partner.wait(2)
    sold = family.positions()[0]
    family.order(symbol=sold["symbol"], side="SELL", quantity=float(sold["openQty"]))
    partner.wait(2)

    path = f"/accounts/{family.account_id}/transactions?from=2026-06-01&to=2026-07-01"
    rows = partner.get(path)

    assert sum(row["accountAmount"] for row in rows) == family.cash()
    assert rows[-1]["accountBalance"] == family.cash()
    assert {row["finTranTypeID"] for row in rows} == {"CSR", "SPUR", "SSAL"}
    assert sold["symbol"] not in [row["symbol"] for row in family.positions()]
    history = partner.get(
        f"/accounts/{family.account_id}/reports/order-history?from=2026-06-01&to=2026-07-01"
    )
    assert [row["orderStatus"] for row in history["orders"]] == [2] * 5


def test_full_identity_numbers_appear_in_no_answer_but_the_echo(partner: Partner) -> None:
    body = {"userType": "INDIVIDUAL_TRADER", "documents": adult_documents()}
    created = partner.call("POST", "/users", body)
    user_id = created.json()["id"]
    partner.wait(3)

    assert SSN in created.text
    for path in (f"/users/{user_id}", f"/users/{user_id}/kyc-status"):
        assert SSN not in partner.call("GET", path).text
    assert SSN not in partner.http.get(f"{partner.box.url}/_sandbox/state").text
    assert SSN not in partner.http.get(f"{partner.box.url}/_sandbox/events?limit=1000").text
    assert partner.get(f"/users/{user_id}")["user"]["idNo"] == "****-6789"


@pytest.mark.parametrize(
    ("last_name", "status", "code"),
    [
        ("SSN NOT MATCH", "KYC_INFO_REQUIRED", "K102"),
        ("POOR PHOTO QUALITY", "KYC_DOC_REQUIRED", "K002"),
        ("SANCTION OFAC", "KYC_DENIED", "K107"),
        ("ACCOUNT INTEGRITY", "KYC_MANUAL_REVIEW", "K802"),
    ],
)
def test_a_last_name_that_is_an_error_brings_that_error(
    partner: Partner, last_name: str, status: str, code: str
) -> None:
    user_id = partner.create_parent(lastName=last_name)

    answer = partner.get(f"/users/{user_id}/kyc-status")

    assert answer["kyc"]["status"]["name"] == status
    assert [error["code"] for error in answer["kyc"]["errors"]] == [code]
    assert answer["status"]["name"] == "PENDING"


@pytest.mark.parametrize(
    ("type_", "fields", "code"),
    [
        ("PERSONAL_INFO", {"birthYear": 2012}, "K001"),
        ("BASIC_INFO", {"firstName": "M" * 37}, "K110"),
        ("BASIC_INFO", {"phone": "12"}, "K108"),
        ("ADDRESS_INFO", {"country": "CAN", "province": "ON"}, "K111"),
    ],
)
def test_data_that_cannot_be_verified_asks_for_other_data(
    partner: Partner, type_: str, fields: dict[str, object], code: str
) -> None:
    documents = changed(adult_documents(), type_, **fields)
    user = partner.ok("POST", "/users", {"userType": "INDIVIDUAL_TRADER", "documents": documents})
    partner.wait(3)

    kyc = partner.get(f"/users/{user['id']}/kyc-status")["kyc"]

    assert kyc["status"]["name"] == "KYC_INFO_REQUIRED"
    assert [error["code"] for error in kyc["errors"]] == [code]
    assert partner.events("user.inforequired.created")


def test_verification_is_ready_then_processing_then_decided(partner: Partner) -> None:
    body = {"userType": "INDIVIDUAL_TRADER", "documents": adult_documents()}
    user_id = partner.ok("POST", "/users", body)["id"]

    seen = []
    for pause in (0, 1.2, 1):
        partner.wait(pause)
        seen.append(partner.get(f"/users/{user_id}/kyc-status")["kyc"]["status"]["name"])

    assert seen == ["KYC_READY", "KYC_PROCESSING", "KYC_APPROVED"]


def test_corrected_data_runs_verification_again(partner: Partner) -> None:
    user_id = partner.create_parent(lastName="SSN NOT MATCH")
    correction = [{"type": "BASIC_INFO", "data": {"lastName": "Rivera"}}]

    partner.ok("PATCH", f"/users/{user_id}", {"documents": correction})
    partner.wait(3)

    assert partner.get(f"/users/{user_id}/kyc-status")["kyc"]["status"]["name"] == "KYC_APPROVED"
    assert partner.get(f"/users/{user_id}")["user"]["status"]["name"] == "APPROVED"


def test_an_uploaded_document_satisfies_a_document_error(partner: Partner) -> None:
    user_id = partner.create_parent(lastName="POOR DOC QUALITY")
    picture = {"type": "DRIVER_LICENSE", "side": "FRONT", "document": "data:image/jpeg;base64,/9j/"}

    partner.ok("POST", "/documents", {"userID": user_id} | picture)
    partner.wait(3)

    assert partner.get(f"/users/{user_id}/kyc-status")["kyc"]["status"]["name"] == "KYC_APPROVED"


def test_a_person_can_decide_a_review_from_the_control_side(partner: Partner) -> None:
    user_id = partner.create_parent(lastName="KYC MANUAL REVIEW")

    partner.control(f"/users/{user_id}/kyc", {"status": "KYC_APPROVED"})

    assert partner.get(f"/users/{user_id}")["user"]["status"]["name"] == "APPROVED"


def test_an_account_ends_up_open_under_the_child(partner: Partner, box: Box) -> None:
    parent_id = partner.create_parent()
    child_id = partner.create_child(parent_id)
    created = partner.ok("POST", "/accounts", custodial_account(child_id))
    assert created["status"]["name"] == "PENDING"

    partner.wait(3)

    [listed] = partner.get(f"/users/{child_id}/accounts")
    assert (listed["accountManagementType"], listed["accountType"]) == ("CUSTODIAL", "LIVE")
    assert listed["status"]["name"] == "OPEN"
    assert partner.get(f"/users/{parent_id}/accounts") == []
    change = partner.events("accounts.updated")[0]["payload"]
    assert change["current"] == {"status": {"name": "OPEN"}}
