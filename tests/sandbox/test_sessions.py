"""Bearer tokens, the rate limit, and the connection itself."""

from __future__ import annotations

import time

import requests

from sandbox.server import Box, running
from tests.sandbox.partner import Partner


def test_wrong_credentials_are_400_as_with_the_vendor(partner: Partner) -> None:
    answer = partner.call("POST", "/auth/tokens", {"clientID": "x", "clientSecret": "y"})

    assert answer.status_code == 400
    assert answer.json()["message"] == "Invalid clientID or clientSecret."


def test_expires_in_is_a_string_and_several_tokens_live_at_once(partner: Partner) -> None:
    body = {"clientID": "sandbox-client", "clientSecret": "sandbox-secret"}
    first = partner.ok("POST", "/auth/tokens", body)
    second = partner.ok("POST", "/auth/tokens", body)

    assert first["expires_in"] == "3600"
    assert first["token_type"] == "Bearer"
    for token in (first, second):
        partner.http.headers["Authorization"] = f"Bearer {token['access_token']}"
        assert partner.call("GET", "/quotes?symbols=KO").status_code == 200


def test_a_token_lives_an_hour_of_world_time(partner: Partner) -> None:
    partner.wait(3590)
    assert partner.call("GET", "/quotes?symbols=KO").status_code == 200

    partner.wait(20)
    expired = partner.call("GET", "/quotes?symbols=KO")

    assert (expired.status_code, expired.json()["errorCode"]) == (401, "L025")
    partner.log_in()
    assert partner.call("GET", "/quotes?symbols=KO").status_code == 200


def test_missing_and_made_up_tokens_are_told_apart(partner: Partner) -> None:
    partner.http.headers["Authorization"] = "Bearer made.up.token"
    made_up = partner.call("GET", "/instruments")
    del partner.http.headers["Authorization"]
    missing = partner.call("GET", "/instruments")

    assert (made_up.status_code, made_up.json()["errorCode"]) == (401, "H065")
    assert (missing.status_code, missing.json()["errorCode"]) == (401, "H060")


def test_the_sixth_call_in_a_second_is_refused_when_limited() -> None:
    with running(rate_limit=5) as box:
        partner = Partner(box)

        answers = [partner.call("GET", "/quotes?symbols=KO") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert answers[-1].json() == {
        "errorCode": "E099",
        "message": "Too many requests. Slow down and try again.",
    }
    assert answers[-1].headers["Retry-After"] == "1"
    assert answers[-1].headers["dw-request-id"].startswith("request_")


def test_whoever_waits_as_told_is_served_again() -> None:
    with running(rate_limit=2) as box:
        partner = Partner(box)
        partner.get("/quotes?symbols=KO")
        refused = partner.call("GET", "/quotes?symbols=KO")

        time.sleep(float(refused.headers["Retry-After"]))

        assert refused.status_code == 429
        assert partner.call("GET", "/quotes?symbols=KO").status_code == 200


def test_a_429_on_order_says_how_long_to_wait(partner: Partner) -> None:
    partner.control("/faults", {"kind": "429", "seconds": 7})

    assert partner.call("GET", "/quotes?symbols=KO").headers["Retry-After"] == "7"


def test_a_kept_connection_answers_without_delay(partner: Partner) -> None:
    began = time.perf_counter()
    for _ in range(50):
        partner.get("/quotes?symbols=KO")

    # Nagle's algorithm would cost 44 ms a call.
    assert (time.perf_counter() - began) / 50 < 0.02
    assert len(partner.box.world.calls) == 2


def test_two_sandboxes_in_one_process_know_nothing_of_each_other(box: Box) -> None:
    with running(app_key="other-key") as other:
        headers = {"dw-client-app-key": "other-key"}
        url = "/back-office/auth/tokens"
        body = {"clientID": "sandbox-client", "clientSecret": "sandbox-secret"}

        here = requests.post(box.drivewealth_url + url, json=body, headers=headers, timeout=5)
        there = requests.post(other.drivewealth_url + url, json=body, headers=headers, timeout=5)

    assert (here.status_code, there.status_code) == (400, 200)


def test_catalogue_and_quotes_are_plain_about_being_invented(partner: Partner) -> None:
    active = partner.get("/instruments?status=ACTIVE")
    listed = partner.get("/instruments")
    by_symbol = {row["symbol"]: row for row in listed if row.get("symbol")}
    disney = partner.get("/instruments/DIS")

    assert len(active) >= 40
    without = {row["instrumentType"] for row in listed if not row.get("symbol")}
    assert without == {"DEBT", "MUTUAL_FUND"}
    assert by_symbol["VOO"]["type"] == "ETF"
    assert by_symbol["TESTHALT"]["status"] == "HALTED"
    assert partner.get(f"/instruments/{disney['id']}")["symbol"] == "DIS"
    assert disney["settlementDays"] == 1
    quotes = partner.get("/quotes?symbols=DIS,NOSUCH,KO")
    assert [quote["symbol"] for quote in quotes] == ["DIS", "KO"]
    assert partner.get("/quotes?symbols=DIS")[0]["lastTrade"] == quotes[0]["lastTrade"]
    assert quotes[0]["dataProvider"] == "SANDBOX"
