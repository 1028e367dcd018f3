"""What we send and how we read answers in the shapes DriveWealth documents."""

import json
from base64 import b64decode
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import responses

from brokerage.drivewealth.client import DriveWealth
from brokerage.gateway import (
    AccountChange,
    PlaidBank,
    Rejected,
    Scan,
    Unavailable,
)
from tests.brokerage.conftest import API, sent

KEY = uuid4()
AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
DAY = date(2026, 11, 16)
PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n..", b"\xff\xd8\xff\xe0..", b"%PDF-1.7 .."


# --- people and documents -----------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [True, False])
def test_a_user_is_read_wrapped_and_flat(
    wire: responses.RequestsMock, client: DriveWealth, wrap: bool
) -> None:
    user = {"id": "u-1", "userType": {"name": "CUSTODIAL"}, "status": {"name": "REVOKED"}}
    wire.get(f"{API}/users/u-1", json={"user": user} if wrap else user)

    state = client.get_user("u-1")

    assert (state.id, state.kind, state.status) == ("u-1", "MINOR", "REVOKED")


@pytest.mark.parametrize(
    ("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (PDF, "application/pdf")]
)
def test_a_document_is_sent_as_what_it_is(
    wire: responses.RequestsMock, client: DriveWealth, content: bytes, kind: str
) -> None:
    wire.post(
        f"{API}/documents",
        json={"id": "x-1", "type": "PASSPORT", "status": {"name": "PENDING"}, "side": "BACK"},
    )

    state = client.upload_document("u-1", Scan("PASSPORT", content, "BACK"), key=KEY)

    head, _, data = sent(wire)["document"].partition(",")
    assert (head, b64decode(data)) == (f"data:{kind};base64", content)
    assert (sent(wire)["userID"], sent(wire)["type"], sent(wire)["side"]) == (
        "u-1", "PASSPORT", "BACK",
    )  # fmt: skip
    assert wire.calls[-1].request.headers["Idempotency-Key"] == str(KEY)
    assert (state.id, state.kind, state.status) == ("x-1", "PASSPORT", "PENDING")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "D011"),
        (b"GIF89a", "D011"),
        (b"<html>%PDF-", "D011"),
        (b"MZ\x90", "D011"),
        (PDF + b"\0" * 10 * 1024 * 1024, "D001"),
    ],
    ids=["empty", "gif", "html", "exe", "large"],
)
def test_what_is_no_document_is_refused_before_anything_is_sent(
    wire: responses.RequestsMock, client: DriveWealth, content: bytes, code: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        client.upload_document("u-1", Scan("PASSPORT", content), key=KEY)

    assert (refusal.value.code, refusal.value.problems) == (code, ("document",))
    assert len(wire.calls) == 0


def test_a_document_of_ten_megabytes_exactly_is_sent(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    body = {"id": "x-1", "type": {"name": "VISA"}, "status": {"name": "PENDING"}}
    wire.post(f"{API}/documents", json=body)
    content = PNG + b"\0" * (10 * 1024 * 1024 - len(PNG))

    assert client.upload_document("u-1", Scan("VISA", content), key=KEY).kind == "VISA"


def test_a_scan_shows_nothing_of_the_document() -> None:
    assert "PNG" not in repr(Scan("PASSPORT", PNG))
    assert "secret" not in repr(PlaidBank("secret"))


@pytest.mark.parametrize("status", [200, 201])
def test_a_documents_link_is_read(
    wire: responses.RequestsMock, client: DriveWealth, status: int
) -> None:
    url = "https://files.example/x.pdf?Signature=abc"
    wire.get(f"{API}/documents/x-1/url", json={"url": url}, status=status)

    assert client.get_document_link("x-1") == url


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "https://", "/x.pdf", 7])
def test_a_link_that_is_no_web_address_is_no_answer(
    wire: responses.RequestsMock, client: DriveWealth, url: Any
) -> None:
    wire.get(f"{API}/statements/a-1/k-1", json={"accountID": "a-1", "url": url})

    with pytest.raises(Unavailable):
        client.get_paper_link("a-1", "k-1")


# --- accounts -----------------------------------------------------------------------------------


def test_only_what_changes_is_sent(wire: responses.RequestsMock, client: DriveWealth) -> None:
    account = {"id": "a-1", "accountNo": "DWBG1", "status": {"name": "OPEN_NO_NEW_TRADES"}}
    wire.patch(f"{API}/accounts/a-1", json={"account": account})

    change = AccountChange(status="NO_NEW_TRADES", reason="DUPLICATE")
    state = client.update_account("a-1", change)

    assert sent(wire) == {
        "status": "OPEN_NO_NEW_TRADES", "statusChangeReason": "DUPLICATE_ACCOUNT",
    }  # fmt: skip
    assert state.status == "NO_NEW_TRADES"
    client.update_account("a-1", AccountChange(nickname=""))
    assert sent(wire) == {"nickname": ""}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("CSR", "DEPOSIT"), ("CSD", "WITHDRAWAL"), ("SPUR", "BUY"), ("SSAL", "SELL"),
        ("DIV", "DIVIDEND"), ("DIVNRA", "TAX"), ("STOCK_SPLIT", "SPLIT"),
        ("ACATS_CASH", "TRANSFER"), ("BRAND_NEW", "OTHER"),
    ],
)  # fmt: skip
def test_every_kind_of_transaction_is_read_also_one_nobody_told_us_of(
    wire: responses.RequestsMock, client: DriveWealth, theirs: str, ours: str
) -> None:
    row = {"finTranID": "JK.1", "finTranTypeID": theirs, "accountAmount": -1.5, "feeSec": 0.01}
    wire.get(f"{API}/accounts/a-1/transactions", json=[row])

    (move,) = client.list_transactions("a-1", since=AT, until=AT)

    assert (move.kind, move.vendor_kind) == (ours, theirs)
    assert (str(move.amount), str(move.fees), move.balance) == ("-1.50", "0.01", None)


# --- money --------------------------------------------------------------------------------------


def test_plaids_token_is_all_that_is_sent_of_a_bank(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    wire.post(f"{API}/bank-accounts", json={"id": "bank_1", "status": "ACTIVE"})

    client.create_bank("u-1", PlaidBank("processor-x", "Savings"), key=KEY)

    assert sent(wire) == {
        "userID": "u-1", "plaidProcessorToken": "processor-x", "bankAccountNickname": "Savings",
    }  # fmt: skip


@pytest.mark.parametrize("spelling", ["bankAccountNickname", "bankAccountNickName"])
@pytest.mark.parametrize(
    ("theirs", "ours"), [("ACTIVE", "ACTIVE"), ("DISABLED", "DISABLED"), ("DELETED", "REMOVED")]
)
def test_a_bank_is_read_in_both_spellings(
    wire: responses.RequestsMock, client: DriveWealth, spelling: str, theirs: str, ours: str
) -> None:
    details = {spelling: "Household", "bankAccountNumber": "****3174", "bankName": "A Bank"}
    row = {"id": "bank_1", "bankAccountDetails": details, "status": theirs}
    wire.get(f"{API}/users/u-1/bank-accounts", json=[row])

    (bank,) = client.list_banks("u-1")

    assert (bank.status, bank.last4, bank.nickname) == (ours, "3174", "Household")


@pytest.mark.parametrize(
    ("status", "body"), [(200, {"id": "bank_1"}), (204, None), (404, {"errorCode": "K050"})]
)
def test_a_bank_is_removed_whatever_the_answer_looks_like(
    wire: responses.RequestsMock, client: DriveWealth, status: int, body: Any
) -> None:
    wire.delete(f"{API}/bank-accounts/bank_1", status=status, body=json.dumps(body) if body else "")

    client.remove_bank("bank_1")

    assert wire.calls[-1].request.method == "DELETE"


def test_another_refusal_to_remove_a_bank_is_told(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    wire.delete(f"{API}/bank-accounts/bank_1", status=400, json={"errorCode": "K100"})

    with pytest.raises(Rejected):
        client.remove_bank("bank_1")


def test_where_to_send_money_is_read(wire: responses.RequestsMock, client: DriveWealth) -> None:
    address = {"addressLine1": "222 Broadway", "city": "New York", "stateProvince": "NY",
               "zipPostalCode": "10038", "country": "USA"}  # fmt: skip
    common = {"bankAccountNumber": "7442393174", "bankName": "A Bank", "bankAddress": address,
              "beneficiaryName": "Sunny Sample", "beneficiaryAddress": address}  # fmt: skip
    wire.get(
        f"{API}/accounts/a-1/funding/deposit-instructions",
        json={
            "accountNo": "DWBG1",
            "wireDomesticDetails": common | {"bankRoutingNumber": "110000000"},
            "wireDetails": common | {"bankSwiftCode": "CHASUS33"},
            "achDetails": None,
        },
    )

    told = client.get_deposit_instructions("a-1")

    assert told.wire is not None
    assert told.foreign_wire is not None
    assert told.ach is None
    assert (told.wire.account_number, told.wire.routing_number) == ("7442393174", "110000000")
    assert told.wire.bank_address == "222 Broadway, New York, NY, 10038, USA"
    assert (told.wire.beneficiary, told.foreign_wire.swift) == ("Sunny Sample", "CHASUS33")


# --- papers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "path"),
    [("list_statements", "statements"), ("list_confirmations", "confirms"),
     ("list_tax_forms", "taxforms")],
)  # fmt: skip
def test_papers_are_listed_and_fetched_by_their_key(
    wire: responses.RequestsMock, client: DriveWealth, what: str, path: str
) -> None:
    wire.get(
        f"{API}/accounts/a-1/{path}",
        json=[
            {"displayName": "Apr 28, 2017 Statement", "fileKey": "2017042802"},
            {"fileKey": "odd"},
        ],
    )
    wire.get(f"{API}/statements/a-1/2017042802", json={"url": "https://files.example/s.pdf"})

    first, odd = getattr(client, what)("a-1", since=date(2017, 4, 1), until=date(2017, 5, 1))

    assert "from=2017-04-01&to=2017-05-01" in str(wire.calls[-1].request.url)
    assert (first.name, first.on) == ("Apr 28, 2017 Statement", date(2017, 4, 28))
    assert (odd.name, odd.on) == ("odd", None)
    assert client.get_paper_link("a-1", first.key) == "https://files.example/s.pdf"


# --- names on the wire --------------------------------------------------------------------------


def test_an_identifier_can_not_climb_out_of_its_place_in_the_path(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    wire.get(f"{API}/instruments/..%2Fusers%3Fx%3D1", status=404, json={"errorCode": "I050"})

    with pytest.raises(Rejected):
        client.get_security("../users?x=1")


def test_a_link_is_not_written_to_the_log(
    wire: responses.RequestsMock, client: DriveWealth
) -> None:
    from structlog.testing import capture_logs

    wire.get(f"{API}/statements/a-1/k-1", json={"url": "https://files.example/?Signature=abc"})

    with capture_logs() as lines:
        client.get_paper_link("a-1", "k-1")

    assert lines
    assert "Signature" not in str(lines)
    assert "k-1" not in str(lines)


@pytest.mark.parametrize(
    ("env", "url", "most"),
    [
        ("sandbox", "https://bo-api.drivewealth.io", 5),
        ("sandbox", "http://127.0.0.1:8801/drivewealth", 0),
        ("sandbox", "https://drivewealth.io.thief.example", 0),
        ("production", "https://bo-api.drivewealth.net", 0),
    ],
)
def test_only_drivewealths_own_sandbox_is_paced_by_default(env: str, url: str, most: int) -> None:
    import os
    import subprocess
    import sys

    told = subprocess.run(
        [sys.executable, "-c",
         "from stocksprout import settings; print(settings.DRIVEWEALTH_MAX_PER_SECOND)"],
        env=os.environ | {"DRIVEWEALTH_ENV": env, "DRIVEWEALTH_BASE_URL": url,
                          "DATABASE_URL": "postgresql://u@localhost/n"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.stdout.strip() == str(most)
