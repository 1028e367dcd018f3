"""The broker's session token: one for all, renewed early, never in a loop, never in the clear."""

import base64
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
import time_machine
from django.core.cache import cache
from django.db import connection

from brokerage.drivewealth import tokens
from brokerage.drivewealth.client import DriveWealth
from brokerage.drivewealth.tokens import CredentialsRefused, Minted, TokenStore
from brokerage.gateway import OrderRequest, Unavailable
from tests.stage import Stage

NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
BASE = "https://broker.example/dw"
TOKENS = f"{BASE}/back-office/auth/tokens"
QUOTES = f"{BASE}/back-office/quotes"


def mints(stage: Stage) -> int:
    return int(stage.state()["calls"].get("POST /auth/tokens", 0))


@pytest.fixture
def counting() -> tuple[list[str], Callable[[], Minted]]:
    """A mint of tokens that live an hour, and the tokens it made."""
    made: list[str] = []

    def mint() -> Minted:
        made.append(f"token-{len(made) + 1}")
        return Minted(made[-1], 3600)

    return made, mint


@pytest.fixture
def elsewhere(settings: Any, db: None) -> None:
    """A broker that only `responses` plays."""
    settings.DRIVEWEALTH_BASE_URL = BASE


def test_one_token_serves_all_clients_and_calls(stage: Stage) -> None:
    for _process in range(3):
        client = DriveWealth()
        client.list_quotes(["DIS"])
        client.list_quotes(["KO"])

    assert mints(stage) == 1


def test_many_threads_at_once_mint_one_token(live_stage: Stage) -> None:
    start, answers = threading.Barrier(8), []

    def ask() -> None:
        try:
            start.wait(10)
            answers.append(DriveWealth().list_quotes(["DIS"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(answers) == 8
    assert mints(live_stage) == 1


@pytest.mark.django_db
def test_a_token_is_renewed_five_minutes_before_its_end(counting: Any) -> None:
    made, mint = counting
    store = TokenStore("tests", mint)

    with time_machine.travel(NOON, tick=False) as clock:
        assert store.get() == "token-1"
        clock.move_to(NOON + timedelta(minutes=54, seconds=58))
        assert store.get() == "token-1"
        clock.move_to(NOON + timedelta(minutes=55, seconds=2))
        assert store.get() == "token-2"

    assert made == ["token-1", "token-2"]


@pytest.mark.django_db
def test_a_token_with_a_short_life_is_still_used(counting: Any) -> None:
    assert TokenStore("tests", lambda: Minted("brief", 60)).get() == "brief"


@pytest.mark.django_db
def test_a_token_somebody_renewed_already_is_not_dropped_again(counting: Any) -> None:
    store = TokenStore("tests", counting[1])
    refused = store.get()
    store.drop(refused)
    renewed = store.get()

    store.drop(refused)

    assert store.get() == renewed == "token-2"


@pytest.mark.django_db
def test_tokens_of_two_credentials_are_not_mixed_up(counting: Any) -> None:
    one, other = TokenStore("one", counting[1]), TokenStore("other", counting[1])

    assert (one.get(), other.get(), one.get()) == ("token-1", "token-2", "token-1")


@pytest.mark.django_db
def test_the_cache_holds_no_token_in_the_clear() -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl"
    TokenStore("tests", lambda: Minted(token, 3600)).get()

    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM core_cache")
        rows = [row[0] for row in cursor.fetchall()]

    assert rows
    for row in rows:
        assert token not in row
        assert token.encode() not in base64.b64decode(row)


@pytest.mark.django_db
def test_a_token_under_a_key_that_was_dropped_is_minted_anew(counting: Any, settings: Any) -> None:
    store = TokenStore("tests", counting[1])
    settings.FERNET_KEYS = ["old"]
    store.get()

    settings.FERNET_KEYS = ["new"]

    assert store.get() == "token-2"


def test_a_token_that_expired_at_the_broker_is_replaced_unseen(stage: Stage) -> None:
    client = DriveWealth()
    client.list_quotes(["DIS"])
    stage.advance(3601)

    (quote,) = client.list_quotes(["DIS"])

    assert quote.symbol == "DIS"
    assert mints(stage) == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "L025"), (401, "L075"), (401, ""), (400, "L065"), (400, "H065"), (403, "H090")],
)
def test_a_refused_token_is_replaced_once_and_never_in_a_loop(
    elsewhere: None, status: int, code: str
) -> None:
    with responses.RequestsMock() as wire:
        minted = wire.post(TOKENS, json={"access_token": "t", "expires_in": "3600"})
        asked = wire.get(QUOTES, status=status, json={"errorCode": code, "message": "no"})

        with pytest.raises(Unavailable, match="refuses our token"):
            DriveWealth().list_quotes(["DIS"])

    assert (minted.call_count, asked.call_count) == (2, 2)


def test_a_repeat_with_a_new_token_carries_the_same_key_and_body(
    elsewhere: None,
) -> None:
    from decimal import Decimal
    from uuid import uuid4

    key = uuid4()
    orders = f"{BASE}/back-office/orders"
    with responses.RequestsMock() as wire:
        wire.post(TOKENS, json={"access_token": "old", "expires_in": "3600"})
        wire.post(orders, status=401, json={"errorCode": "L025", "message": "expired"})
        wire.post(TOKENS, json={"access_token": "new", "expires_in": "3600"})
        wire.post(orders, json={"orderId": "o-1", "orderNo": "N1"})

        DriveWealth().create_order(OrderRequest("A1", "DIS", amount=Decimal("50.10")), key=key)

        first, second = [call.request for call in wire.calls if call.request.url == orders]
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == str(key)
    assert (first.headers["Authorization"], second.headers["Authorization"]) == (
        "Bearer old",
        "Bearer new",
    )


def test_wrong_credentials_are_tried_once_and_then_left_alone(stage: Stage, settings: Any) -> None:
    settings.DRIVEWEALTH_CLIENT_SECRET = "wrong"

    for _attempt in range(5):
        with pytest.raises(Unavailable, match="credentials"):
            DriveWealth().list_quotes(["DIS"])

    assert mints(stage) == 1
    assert "GET /quotes" not in stage.state()["calls"]


@pytest.mark.django_db
def test_credentials_that_were_corrected_are_tried_again_after_a_minute() -> None:
    right: list[bool] = []

    def mint() -> Minted:
        if not right:
            raise CredentialsRefused("no")
        return Minted("token", 3600)

    store = TokenStore("tests", mint)
    with time_machine.travel(NOON, tick=False) as clock:
        with pytest.raises(Unavailable):
            store.get()
        right.append(True)
        with pytest.raises(Unavailable, match="a moment ago"):
            store.get()
        clock.move_to(NOON + timedelta(seconds=61))

        assert store.get() == "token"


@pytest.mark.parametrize(
    "answer",
    [{}, [], {"access_token": "t"}, {"access_token": "t", "expires_in": "soon"}, None],
)
def test_a_token_answer_of_another_shape_is_no_answer(elsewhere: None, answer: Any) -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKENS, json=answer)

        with pytest.raises(Unavailable):
            DriveWealth().list_quotes(["DIS"])


@pytest.mark.django_db
def test_who_waits_in_vain_for_another_process_says_so(
    counting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "WAIT_SECONDS", 0.2)
    store = TokenStore("tests", counting[1])
    cache.add("token-lock:tests", 1, timeout=30)

    with pytest.raises(Unavailable, match="another process"):
        store.get()

    assert counting[0] == []
