"""Pictures of identity documents: their first bytes decide, and verification runs again."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from tests.sandbox.partner import Partner

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
PDF = b"%PDF-1.4\n" + bytes(40)
LIMIT = 10 * 1024 * 1024


def data_url(content: bytes, type_: str = "image/jpeg") -> str:
    return f"data:{type_};base64,{base64.b64encode(content).decode()}"


def upload(partner: Partner, user_id: str, document: str) -> requests.Response:
    body = {"userID": user_id, "type": "DRIVER_LICENSE", "side": "FRONT", "document": document}
    return partner.call("POST", "/documents", body)


@pytest.fixture
def user_id(partner: Partner) -> str:
    return partner.create_parent(lastName="POOR DOC QUALITY")


def kyc_status(partner: Partner, user_id: str) -> str:
    return str(partner.get(f"/users/{user_id}/kyc-status")["kyc"]["status"]["name"])


@pytest.mark.parametrize(
    ("content", "type_"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (PDF, "application/pdf")]
)
def test_the_first_bytes_say_what_a_document_is_and_it_is_approved(
    partner: Partner, user_id: str, content: bytes, type_: str
) -> None:
    sent = upload(partner, user_id, data_url(content, "image/gif")).json()
    pending = partner.get(f"/users/{user_id}/documents")
    assert kyc_status(partner, user_id) == "KYC_READY"
    partner.wait(3)

    answer = partner.call("GET", f"/documents/{sent['id']}/url")
    file = requests.get(answer.json()["url"], timeout=5)

    assert (sent["type"], sent["side"], sent["status"]["name"]) == (
        "DRIVER_LICENSE",
        "FRONT",
        "PENDING",
    )
    assert pending[0]["type"] == {"name": "DRIVER_LICENSE", "description": "Driver License"}
    assert kyc_status(partner, user_id) == "KYC_APPROVED"
    assert partner.get(f"/users/{user_id}/documents")[0]["status"]["name"] == "APPROVED"
    assert answer.status_code == 201
    assert (file.content, file.headers["Content-Type"]) == (content, type_)


def test_a_document_link_dies_after_five_minutes(partner: Partner, user_id: str) -> None:
    sent = upload(partner, user_id, data_url(PNG)).json()
    url = partner.call("GET", f"/documents/{sent['id']}/url").json()["url"]

    partner.wait(301)

    assert requests.get(url, timeout=5).status_code == 403


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (data_url(b"GIF89a" + bytes(40)), "D011"),
        (data_url(b""), "D011"),
        ("data:image/png;base64,***", "D011"),
        (base64.b64encode(PNG).decode(), "D011"),
        (data_url(PNG + bytes(LIMIT - len(PNG) + 1)), "D001"),
        (data_url(bytes(2 * LIMIT)), "D001"),
        ("", "E032"),
    ],
    ids=["gif", "empty", "not-base64", "no-data-url", "a-byte-too-large", "far-too-large", "none"],
)
def test_other_content_is_refused_and_runs_nothing(
    partner: Partner, user_id: str, document: str, code: str
) -> None:
    answer = upload(partner, user_id, document)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
    assert kyc_status(partner, user_id) == "KYC_DOC_REQUIRED"
    assert partner.get(f"/users/{user_id}/documents") == []


def test_a_document_of_exactly_ten_megabytes_is_taken(partner: Partner, user_id: str) -> None:
    content = PNG + bytes(LIMIT - len(PNG))

    assert upload(partner, user_id, data_url(content)).status_code == 200


def test_a_document_turned_down_does_not_help_and_the_next_one_does(
    partner: Partner, user_id: str
) -> None:
    upload(partner, user_id, data_url(PNG))
    partner.control(
        f"/users/{user_id}/kyc", {"status": "KYC_DOC_REQUIRED", "errors": ["EXPIRED_DOCUMENT"]}
    )
    correction = [{"type": "BASIC_INFO", "data": {"phone": "2125550199"}}]
    partner.ok("PATCH", f"/users/{user_id}", {"documents": correction})
    partner.wait(3)
    documents: Any = partner.get(f"/users/{user_id}/documents")
    assert [row["status"]["name"] for row in documents] == ["REJECTED"]
    assert kyc_status(partner, user_id) == "KYC_DOC_REQUIRED"

    upload(partner, user_id, data_url(JPEG))
    partner.wait(3)

    assert kyc_status(partner, user_id) == "KYC_APPROVED"


def test_documents_of_nobody_are_not_found(partner: Partner) -> None:
    assert upload(partner, "nobody", data_url(PNG)).json()["errorCode"] == "U050"
    answer = partner.call("GET", "/documents/nothing/url")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "D050")
