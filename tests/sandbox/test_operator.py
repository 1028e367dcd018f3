"""The operator's side: returned deposits, faults, the relay, the snapshot, the page."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from sandbox.server import Box, running
from tests.sandbox.partner import MONDAY_NOON, Partner

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
ROOT = Path(__file__).resolve().parents[2]


def test_a_deposit_returned_after_the_credit_takes_the_cash_back(partner: Partner) -> None:
    family = partner.funded_family("30.00")
    family.order(amountCash=20)
    partner.wait(2)
    [deposit] = partner.state()["deposits"]

    partner.control(f"/deposits/{deposit['id']}", {"status": "RETURNED", "code": "R01"})

    seen = partner.get(f"/funding/deposits/{deposit['id']}")
    assert (seen["status"], seen["statusHistory"][-1]["comment"]) == ("RETURNED", "R01")
    assert family.cash() == Decimal("-20.00")
    assert family.money()["cashAvailableForTrade"] == 0
    event = partner.events("deposits.updated")[-1]["payload"]
    assert (event["status"], event["statusMessage"]) == (5, "RETURNED")


def test_a_deposit_that_failed_or_is_held_is_not_credited(partner: Partner) -> None:
    family = partner.family()
    failed, held = family.deposit("10.00")["id"], family.deposit("20.00")["id"]
    partner.control(f"/deposits/{failed}", {"status": "FAILED", "code": "R03"})
    partner.control(f"/deposits/{held}", {"status": "ON_HOLD"})
    partner.wait(10 * 86_400)
    partner.log_in()

    assert family.deposit_status(held) == "On Hold"
    assert family.cash() == 0

    partner.control(f"/deposits/{held}", {"status": "PENDING"})
    partner.wait(1)
    assert family.cash() == Decimal("20.00")
    url = f"{partner.box.url}/_sandbox/deposits/{failed}"
    refused = requests.post(url, json={"status": "SUCCESSFUL"}, timeout=5)
    assert refused.status_code == 400
    assert "cannot become" in refused.json()["error"]


def test_a_lost_answer_did_act_and_a_lost_request_did_not(partner: Partner) -> None:
    family = partner.family()
    path, body = "/funding/deposits", family.deposit_body("40.00")

    partner.control("/faults", {"kind": "drop-before", "method": "POST", "path": f"*{path}"})
    with pytest.raises(requests.ConnectionError):
        partner.call("POST", path, body, KEY)
    assert partner.state()["deposits"] == []

    partner.control("/faults", {"kind": "drop-after", "method": "POST", "path": f"*{path}"})
    with pytest.raises(requests.ConnectionError):
        partner.call("POST", path, body, KEY)
    [deposit] = partner.state()["deposits"]

    assert partner.ok("POST", path, body, KEY)["id"] == deposit["id"]
    assert len(partner.state()["deposits"]) == 1


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("status", 503, "application/json"),
        ("html", 503, "text/html; charset=utf-8"),
        ("429", 429, "application/json"),
        ("malformed", 200, "application/json"),
    ],
)
def test_a_fault_is_used_up_and_then_all_is_well(
    partner: Partner, kind: str, status: int, content: str
) -> None:
    partner.control("/faults", {"kind": kind, "path": "*/quotes", "status": 503, "times": 2})
    path = "/quotes?symbols=KO"

    answers = [partner.call("GET", path) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers["Content-Type"] == content
    if kind == "malformed":
        with pytest.raises(requests.JSONDecodeError):
            answers[0].json()
    assert answers[2].json()[0]["symbol"] == "KO"


def test_a_slow_answer_outlasts_the_callers_patience_but_acts(partner: Partner) -> None:
    family = partner.family()
    partner.control("/faults", {"kind": "delay-after", "path": "*/deposits", "seconds": 0.4})
    url = f"{partner.box.drivewealth_url}/back-office/funding/deposits"

    with pytest.raises(requests.Timeout):
        partner.http.post(url, json=family.deposit_body(), timeout=0.1)

    assert len(partner.state()["deposits"]) == 1


def test_faults_can_be_cleared_and_nonsense_is_refused(box: Box, partner: Partner) -> None:
    url = f"{box.url}/_sandbox/faults"
    partner.control("/faults", {"kind": "status", "times": None})
    assert partner.call("GET", "/quotes?symbols=KO").status_code == 500

    requests.delete(url, timeout=5)

    assert partner.call("GET", "/quotes?symbols=KO").status_code == 200
    assert requests.get(url, timeout=5).json() == {"faults": []}
    assert requests.post(url, json={"kind": "earthquake"}, timeout=5).status_code == 400


def test_events_are_numbered_and_read_from_where_one_left_off(partner: Partner) -> None:
    partner.create_parent()
    whole = partner.control("/events?limit=1000", method="GET")
    first = partner.control("/events?limit=2", method="GET")
    rest = partner.control(f"/events?after={first['next']}&limit=1000", method="GET")

    assert first["events"] + rest["events"] == whole["events"]
    assert [row["sequence"] for row in whole["events"]] == list(range(1, whole["last"] + 1))


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with running(state_path=path, start_at=MONDAY_NOON) as box:
        partner = Partner(box)
        family = partner.family()
        body = family.deposit_body("50.00", metadata={"$at": "a marker of our own"})
        first = partner.call("POST", "/funding/deposits", body, KEY)
        before, token = partner.state(), partner.http.headers["Authorization"]

    assert path.stat().st_mode & 0o077 == 0
    with running(state_path=path) as box:
        partner = Partner(box)
        partner.http.headers["Authorization"] = token
        family.partner = partner
        after = partner.state()
        again = partner.call("POST", "/funding/deposits", body, KEY)
        assert again.text == first.text
        assert after["now"] >= before["now"]
        for name in ("users", "accounts", "bankAccounts", "deposits", "events"):
            assert after[name] == before[name]

        partner.wait(7 * 86_400)
        partner.log_in()
        assert family.cash() == Decimal("50.00")


def test_a_restart_keeps_what_was_ordered_ahead(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with running(state_path=path, start_at=MONDAY_NOON) as box:
        family = Partner(box).funded_family("100.00")
        deposit_id = family.deposit("30.00")["id"]
        order = {"status": "RETURNED", "code": "R02", "onBankingDay": 2}
        family.partner.control(f"/deposits/{deposit_id}", order)
        waiting = family.order(symbol="TESTFLAT", quantity=1, orderType="STOP", price=34)
        family.partner.control("/prices", {"symbol": "TESTFLAT", "price": 33})
        family.partner.control("/next-order", {"outcome": "reject", "fraction": "0.25"})
        family.partner.wait(2)

    with running(state_path=path) as box:
        family.partner = Partner(box)
        kept = family.partner.state()
        rejected = family.order(amountCash=5)
        family.partner.control("/prices", {"symbol": "TESTFLAT", "price": "34.50"})
        family.partner.wait(2)
        seen = [family.see_order(key) for key in (waiting, rejected)]
        family.partner.wait(3 * 86_400)
        family.partner.log_in()

        assert (kept["prices"], len(kept["nextOrders"])) == ({"TESTFLAT": 33}, 1)
        assert [order["status"] for order in seen] == ["FILLED", "REJECTED"]
        assert seen[0]["averagePrice"] == Decimal("34.50")
        assert family.deposit_status(deposit_id) == "Returned"


def test_a_broken_snapshot_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{")

    with pytest.raises(ValueError, match="not a sandbox snapshot"), running(state_path=path):
        pass


def test_a_reset_empties_the_books_and_keeps_the_clock(partner: Partner) -> None:
    partner.create_parent()
    last = partner.state()["events"]["last"]

    partner.control("/reset")

    state = partner.state()
    assert (state["users"], state["events"]["last"]) == ([], last)
    assert state["now"] > "2026-06-01T16:00:03"
    partner.log_in()
    partner.create_parent()
    assert partner.control("/events", method="GET")["events"][0]["sequence"] == last + 1


def test_the_page_shows_the_world_and_its_forms_work(partner: Partner) -> None:
    family = partner.funded_family("30.00")
    family.order(amountCash=20)
    partner.control("/faults", {"kind": "html"})
    url = f"{partner.box.url}/_sandbox"

    page = requests.get(f"{url}/", timeout=5).text
    moved = requests.post(f"{url}/clock", data={"to": "next-banking-day"}, timeout=5)

    assert family.account_no in page
    assert "<script" not in page
    assert "****-6789" in page
    assert moved.url.endswith("/_sandbox/")
    assert "10:00:0" in moved.text


def test_another_site_cannot_move_the_clock(box: Box) -> None:
    answer = requests.post(
        f"{box.url}/_sandbox/clock",
        data={"advanceSeconds": "60"},
        headers={"Origin": "http://evil.example"},
        timeout=5,
    )

    assert answer.status_code == 403


def test_alone_it_says_where_it_is_and_leaves_cleanly(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(state), "--quiet"]
    environment = {**os.environ, "SANDBOX_APP_KEY": "key-from-env"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        match = re.fullmatch(r"sandbox listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert match is not None, line
        answer = requests.post(
            f"{match.group(1)}/drivewealth/back-office/auth/tokens",
            json={"clientID": "sandbox-client", "clientSecret": "sandbox-secret"},
            headers={"dw-client-app-key": "key-from-env"},
            timeout=5,
        )
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)

    assert answer.status_code == 200
    assert code == 0
    assert answer.json()["access_token"] in state.read_text()
