"""When a row that met an unavailable broker is tried again."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from brokerage.gateway import get_broker
from brokerage.models import BankAccount
from brokerage.operations import advance_bank
from tests.cast import Family
from tests.stage import Stage

BASE = "https://broker.example/dw"
API = f"{BASE}/back-office"
LINKED = {"id": "bank_1", "status": "ACTIVE"}


@pytest.fixture
def bank(family: Family, settings: Any) -> BankAccount:
    """A second bank of the family, written down and not yet sent."""
    settings.DRIVEWEALTH_BASE_URL = BASE
    get_broker.cache_clear()
    at = datetime.now(UTC)
    return BankAccount.objects.create(
        parent=family.parent, kind="SAVINGS", routing_number="021000021",
        account_number="000987654321", last4="4321", number_index="x" * 64,
        created_at=at, verified_at=at, next_step_at=at,
    )  # fmt: skip


@pytest.fixture
def wire(bank: BankAccount) -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_passthru("http://127.0.0.1")
        wire.post(f"{API}/auth/tokens", json={"access_token": "t", "expires_in": "3600"})
        yield wire


def wait_after(bank: BankAccount, stage: Stage) -> float:
    """Take one step; return after how many seconds the next is due."""
    at = stage.now()
    advance_bank(bank.pk, at=at)
    bank.refresh_from_db()
    assert bank.next_step_at is not None
    return (bank.next_step_at - at).total_seconds()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("seconds", [1, 7, 3600])
def test_the_brokers_wish_for_a_pause_is_obeyed_to_the_second(
    wire: responses.RequestsMock, bank: BankAccount, stage: Stage, status: int, seconds: int
) -> None:
    wire.post(f"{API}/bank-accounts", status=status, headers={"Retry-After": str(seconds)})
    BankAccount.objects.filter(pk=bank.pk).update(attempts=6)  # its own wait would be 15 minutes

    assert seconds <= wait_after(bank, stage) < seconds + 1


def test_a_pause_of_no_seconds_is_no_loop(
    wire: responses.RequestsMock, bank: BankAccount, stage: Stage
) -> None:
    wire.post(f"{API}/bank-accounts", status=429, headers={"Retry-After": "0"})

    assert 1 <= wait_after(bank, stage) < 2


def test_the_first_waits_are_what_the_broker_advises(
    wire: responses.RequestsMock, bank: BankAccount, stage: Stage
) -> None:
    wire.post(f"{API}/bank-accounts", status=429)

    waits = []
    for _ in range(5):
        waits.append(wait_after(bank, stage))
        stage.advance(waits[-1] + 1)

    for wait, advised in zip(waits, (1, 3, 10, 30, 60), strict=True):
        assert 0.75 * advised <= wait <= 1.25 * advised + 1


def test_every_try_carries_the_same_key(
    wire: responses.RequestsMock, bank: BankAccount, stage: Stage
) -> None:
    wire.post(f"{API}/bank-accounts", status=500)
    for _ in range(3):
        stage.advance(wait_after(bank, stage) + 1)
    wire.replace("POST", f"{API}/bank-accounts", json=LINKED)

    advance_bank(bank.pk, at=stage.now())

    tries = [call.request for call in wire.calls if "bank-accounts" in str(call.request.url)]
    assert {request.headers["Idempotency-Key"] for request in tries} == {str(bank.key)}
    assert len(tries) == 4
    bank.refresh_from_db()
    assert bank.status == "ACTIVE"


def test_a_wait_counts_from_the_answer_however_long_it_took(
    wire: responses.RequestsMock, bank: BankAccount, stage: Stage
) -> None:
    def hang(_request: Any) -> tuple[int, dict[str, str], str]:
        time.sleep(1.5)
        return 429, {"Retry-After": "2"}, ""

    wire.add_callback("POST", f"{API}/bank-accounts", hang)

    assert wait_after(bank, stage) >= 3.5


def test_while_the_circuit_is_open_work_waits_and_nothing_fails(
    wire: responses.RequestsMock, bank: BankAccount, stage: Stage
) -> None:
    sent = wire.post(f"{API}/bank-accounts", status=500)
    for _ in range(4):
        stage.advance(wait_after(bank, stage) + 1)
    assert wait_after(bank, stage) >= 30
    assert sent.call_count == 5

    stage.advance(10)
    BankAccount.objects.filter(pk=bank.pk).update(next_step_at=stage.now())
    kept_back = wait_after(bank, stage)
    wire.replace("POST", f"{API}/bank-accounts", json=LINKED)
    stage.advance(kept_back + 1)
    advance_bank(bank.pk, at=stage.now())

    assert 19 <= kept_back <= 24
    bank.refresh_from_db()
    assert (bank.status, bank.attempts) == ("ACTIVE", 0)
