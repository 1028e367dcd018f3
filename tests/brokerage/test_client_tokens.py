"""Tokens are scarce: five an hour for all processes, and three of them for refused ones."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
import time_machine

from brokerage.drivewealth.client import DriveWealth
from brokerage.drivewealth.tokens import CredentialsRefused, Held, Minted, TokenStore
from brokerage.gateway import Unavailable
from tests.core.vendor import at_once

NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
BASE = "https://broker.example/dw"
API = f"{BASE}/back-office"


class Mint:
    """A vendor's mint; `trouble` is raised instead of a token while it is set."""

    def __init__(self) -> None:
        self.asked = 0
        self.trouble: Exception | None = None

    def __call__(self) -> Minted:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        return Minted(f"token-{self.asked}", 3600)


@pytest.fixture
def mint() -> Mint:
    return Mint()


@pytest.fixture
def noon(db: None) -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def wire(settings: Any, db: None) -> Iterator[responses.RequestsMock]:
    """A broker that says what a test lets it say."""
    settings.DRIVEWEALTH_BASE_URL = BASE
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def refuse(store: TokenStore) -> None:
    """Let the vendor refuse the token in use, and have another."""
    store.drop(store.get())
    store.get()


def test_no_more_than_five_are_minted_in_any_hour(noon: Any, mint: Mint) -> None:
    moments = []
    for _ in range(300):
        asked = mint.asked
        try:
            store = TokenStore("tests", mint)
            store.drop(store.get())
        except Unavailable:
            pass
        if mint.asked > asked:
            moments.append(datetime.now(UTC))
        noon.shift(61)

    assert len(moments) > 10
    for start in moments:
        assert sum(start <= at < start + timedelta(hours=1) for at in moments) <= 5


def test_when_they_are_spent_work_waits_until_one_is_free(noon: Any, mint: Mint) -> None:
    mint.trouble = Unavailable("the answer was lost")
    for _ in range(5):
        with pytest.raises(Unavailable, match="lost"):
            TokenStore("tests", mint).get()
        noon.shift(60)
    mint.trouble = None

    with pytest.raises(Unavailable, match="no more tokens this hour") as error:
        TokenStore("tests", mint).get()

    assert error.value.retry_after == 55 * 60
    assert mint.asked == 5
    noon.shift(55 * 60)
    assert TokenStore("tests", mint).get() == "token-6"


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_together_mint_one_token(mint: Mint) -> None:
    tokens = at_once(12, lambda: TokenStore("tests", mint).get())

    assert set(map(str, tokens)) == {"token-1"}


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_refused_tokens_stays_within_the_hours_five(mint: Mint) -> None:
    def storm() -> None:
        for _ in range(4):
            refuse(TokenStore("tests", mint))

    ends = at_once(8, storm)

    assert mint.asked <= 5
    assert any(isinstance(end, Unavailable) for end in ends)


@pytest.mark.django_db(transaction=True)
def test_many_processes_that_hear_of_one_refusal_replace_the_token_once(mint: Mint) -> None:
    refused = TokenStore("tests", mint).get()
    all_have_read = threading.Barrier(10)

    class Together(TokenStore):
        def _read(self) -> Held | None:
            held = super()._read()
            all_have_read.wait(20)
            return held

    def hear() -> str:
        Together("tests", mint).drop(refused)
        return TokenStore("tests", mint).get()

    tokens = at_once(10, hear)

    assert mint.asked == 2
    assert "token-2" in tokens
    assert not [failure for failure in tokens if isinstance(failure, Exception)]


@pytest.mark.parametrize(
    "trouble",
    [
        Unavailable("refused connection", sent=False),
        Unavailable("answered 500", status=500),
        Unavailable("answered 429", status=429),
    ],
    ids=lambda error: error.reason,
)
def test_a_broker_that_is_down_does_not_use_up_the_hour(
    noon: Any, mint: Mint, trouble: Unavailable
) -> None:
    mint.trouble = trouble
    for _ in range(20):
        with pytest.raises(Unavailable, match=trouble.reason):
            TokenStore("tests", mint).get()
        noon.shift(5)
    mint.trouble = None

    assert TokenStore("tests", mint).get() == "token-21"


def test_while_a_new_one_can_not_be_had_the_old_one_serves_to_its_end(
    noon: Any, mint: Mint
) -> None:
    store = TokenStore("tests", mint)
    store.get()
    mint.trouble = Unavailable("answered 500", status=500)
    noon.shift(56 * 60)

    assert [store.get() for _ in range(5)] == ["token-1"] * 5
    assert mint.asked == 2
    noon.shift(5 * 60)
    with pytest.raises(Unavailable, match="answered 500"):
        store.get()


def test_one_process_renews_and_the_others_do_not_wait_for_it(noon: Any, mint: Mint) -> None:
    store = TokenStore("tests", mint)
    store.get()
    noon.shift(56 * 60)
    seen = []

    def renew() -> Minted:
        seen.append(TokenStore("tests", mint).get())
        return Minted("token-new", 3600)

    assert TokenStore("tests", renew).get() == "token-new"
    assert seen == ["token-1"]


def test_a_short_lived_token_is_not_minted_anew_for_each_call(noon: Any) -> None:
    lives: list[int] = []

    def brief() -> Minted:
        lives.append(60)
        return Minted("brief", 60)

    store = TokenStore("tests", brief)
    for _ in range(9):
        store.get()

    assert len(lives) == 1


def test_three_refused_tokens_are_replaced_and_then_the_last_is_kept(noon: Any, mint: Mint) -> None:
    store = TokenStore("tests", mint)
    for _ in range(3):
        refuse(store)

    with pytest.raises(Unavailable, match="too often") as error:
        refuse(store)

    assert error.value.retry_after == 300
    assert store.get() == "token-4"


def test_an_endpoint_that_answers_401_for_ever_does_not_stop_the_others(
    wire: responses.RequestsMock,
) -> None:
    minted: list[str] = []

    def answer(_request: Any) -> tuple[int, dict[str, str], str]:
        minted.append(f"t-{len(minted)}")
        return 200, {}, json.dumps({"access_token": minted[-1], "expires_in": "3600"})

    wire.add_callback("POST", f"{API}/auth/tokens", answer)
    wire.get(f"{API}/orders/o-1", status=401, json={"errorCode": "L025"})
    wire.get(f"{API}/quotes", json=[{"symbol": "DIS", "lastTrade": 112.5}])
    for _ in range(20):
        with pytest.raises(Unavailable):
            DriveWealth().get_order("o-1")

    (quote,) = DriveWealth().list_quotes(["DIS"])

    assert quote.symbol == "DIS"
    assert len(minted) == 4


def test_corrected_credentials_are_tried_at_once(
    wire: responses.RequestsMock, settings: Any
) -> None:
    wire.post(f"{API}/auth/tokens", status=400, json={"message": "Invalid clientID."})
    with pytest.raises(CredentialsRefused):
        DriveWealth().sign_in()
    settings.DRIVEWEALTH_CLIENT_SECRET = "corrected"
    wire.replace("POST", f"{API}/auth/tokens", json={"access_token": "t", "expires_in": "3600"})

    sign_in: Callable[[], None] = DriveWealth().sign_in
    sign_in()

    assert len(wire.calls) == 2
