"""Statements, trade confirmations, tax forms: issued on their days, read through short links."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.partner import Family, Partner


@pytest.fixture
def holder(partner: Partner) -> Family:
    """Return a family that bought for 20.00 on Monday 8 June and has 10.00 left."""
    family = partner.funded_family("30.00")
    family.order(symbol="TESTFLAT", amountCash=20)
    partner.wait(2)
    return family


def listed(family: Family, kind: str) -> Any:
    return family.partner.get(f"/accounts/{family.account_id}/{kind}")


def go(partner: Partner, moment: str) -> None:
    partner.control("/clock", {"set": moment})
    partner.log_in()


def link(family: Family, file_key: str) -> str:
    answer = family.partner.get(f"/statements/{family.account_id}/{file_key}")
    assert answer["accountID"] == family.account_id
    return str(answer["url"])


def text_of(pdf: bytes) -> str:
    """Return the lines of a PDF, once its cross references are found to be true."""
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf.endswith(b"%%EOF\n")
    start = int(re.findall(rb"startxref\n(\d+)", pdf)[-1])
    assert pdf[start:].startswith(b"xref\n0 6\n")
    for number, offset in enumerate(re.findall(rb"(\d{10}) 00000 n", pdf), start=1):
        assert pdf[int(offset) :].startswith(b"%d 0 obj" % number)
    length = re.search(rb"/Length (\d+) >>\nstream\n", pdf)
    assert length is not None
    assert pdf[length.end() + int(length.group(1)) :].startswith(b"\nendstream")
    return "\n".join(line.decode("cp1252") for line in re.findall(rb"\((.*)\) Tj", pdf))


def test_a_statement_comes_on_the_first_of_the_month_and_adds_up(holder: Family) -> None:
    assert listed(holder, "statements") == []

    go(holder.partner, "2026-07-01T06:00:00-04:00")

    [row] = listed(holder, "statements")
    assert row == {"displayName": "Jun 30, 2026 Statement", "fileKey": "2026063002"}
    answer = requests.get(link(holder, row["fileKey"]), timeout=5)
    assert answer.headers["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    assert "Cash on Jun 01, 2026: 0.00" in text
    assert "Cash on Jun 30, 2026: 10.00" in text
    assert "TESTFLAT" in text
    assert holder.account_no in text
    assert "987654321" not in text
    [event] = holder.partner.events("statements.created")
    assert event["payload"]["statement"] == row


def test_a_confirmation_comes_in_the_evening_of_a_trade_once(holder: Family) -> None:
    holder.order(symbol="TESTFLAT", amountCash=5)
    holder.partner.wait(2)
    assert listed(holder, "confirms") == []

    go(holder.partner, "2026-06-08T18:00:00-04:00")
    go(holder.partner, "2026-06-20T00:00:00Z")

    [row] = listed(holder, "confirms")
    assert row == {"displayName": "Jun 08, 2026 Trade Confirm", "fileKey": "2026060801"}
    text = text_of(requests.get(link(holder, row["fileKey"]), timeout=5).content)
    assert text.count("Buy ") == 2
    assert len(holder.partner.events("tradeconfirms.created")) == 1


def test_a_tax_form_comes_in_february_for_a_year_with_income(holder: Family) -> None:
    stranger = holder.partner.family()
    action = {"type": "CASH_DIVIDEND", "symbol": "TESTFLAT", "amountPerShare": "1.00"}
    holder.partner.control("/corporate-actions", action)

    go(holder.partner, "2027-02-15T06:00:00-05:00")

    [row] = listed(holder, "taxforms")
    assert row == {"displayName": "2026 Tax Year 1099-B", "fileKey": "2026123103"}
    text = text_of(requests.get(link(holder, row["fileKey"]), timeout=5).content)
    assert re.search(r"dividends \\\(1099-DIV\\\): +0\.63", text), text
    assert listed(stranger, "taxforms") == []
    assert len(listed(stranger, "statements")) == 8


def test_a_link_needs_no_session_and_dies_after_five_minutes(holder: Family) -> None:
    body = {"kind": "statement"}
    row = holder.partner.control(f"/accounts/{holder.account_id}/papers", body)
    url = link(holder, row["fileKey"])

    holder.partner.wait(299)
    alive = requests.get(url, timeout=5)
    holder.partner.wait(2)
    dead = requests.get(url, timeout=5)

    assert (alive.status_code, dead.status_code) == (200, 403)
    assert b"%PDF" not in dead.content
    assert requests.get(link(holder, row["fileKey"]), timeout=5).content == alive.content
    assert requests.get(f"{url}x", timeout=5).status_code == 403


def test_papers_are_filtered_by_their_day(holder: Family) -> None:
    go(holder.partner, "2026-06-09T12:00:00-04:00")
    holder.order(symbol="TESTFLAT", amountCash=5)
    go(holder.partner, "2026-06-10T12:00:00-04:00")

    path = f"/accounts/{holder.account_id}/confirms"

    assert [row["fileKey"] for row in listed(holder, "confirms")] == ["2026060901", "2026060801"]
    first = holder.partner.get(f"{path}?from=2026-06-01&to=2026-06-08")
    assert [row["fileKey"] for row in first] == ["2026060801"]
    assert holder.partner.get(f"{path}?from=2026-06-10") == []


def test_a_long_paper_says_what_it_leaves_out(holder: Family) -> None:
    for number in range(80):
        body = {"amount": "0.01", "comment": f"Penny {number} (a \\ mark)"}
        holder.partner.control(f"/accounts/{holder.account_id}/cash", body)
    row = holder.partner.control(f"/accounts/{holder.account_id}/papers", {"kind": "statement"})

    text = text_of(requests.get(link(holder, row["fileKey"]), timeout=5).content)

    assert len(text.splitlines()) == 64
    assert re.search(r"\.\.\. and \d+ more lines$", text)
    assert holder.cash() == Decimal("10.80")


def test_no_account_reads_anothers_paper(holder: Family) -> None:
    stranger = holder.partner.family()
    row = holder.partner.control(f"/accounts/{holder.account_id}/papers", {"kind": "statement"})

    answer = holder.partner.call("GET", f"/statements/{stranger.account_id}/{row['fileKey']}")

    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E050")
