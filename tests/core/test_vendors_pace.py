"""So many calls a second, obeyed across processes."""

import time
from typing import Any

import pytest
import responses

from core.vendors import Unavailable
from sandbox.server import running
from tests.core.vendor import THING, ask, at_once, door, pace


@pytest.mark.django_db(transaction=True)
def test_no_second_holds_more_calls_than_the_pace() -> None:
    def go() -> float:
        pace(5).wait()
        return time.monotonic()

    moments = at_once(10, go)

    assert not [failure for failure in moments if isinstance(failure, Exception)]
    times = sorted(float(moment) for moment in moments if isinstance(moment, float))
    assert times[-1] - times[0] >= 1
    for start in times:
        assert sum(start <= moment < start + 1 for moment in times) <= 5


@pytest.mark.django_db
def test_who_can_not_go_within_two_seconds_is_told_when_to_come_back(monkeypatch: Any) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    slow = pace(1)
    slow.wait()
    monkeypatch.setattr(slow._allowance, "take", lambda: 2.5)

    with pytest.raises(Unavailable, match="too many calls a second") as error:
        slow.wait()

    assert waited == []
    assert error.value.retry_after is not None
    assert error.value.retry_after >= 2.5


@pytest.mark.django_db
def test_a_call_that_waits_in_vain_is_not_sent_and_is_no_failure_of_the_vendor() -> None:
    paced = door(pace=pace(1))
    with responses.RequestsMock() as wire:
        sent = wire.get(THING, json={})
        ask(paced)
        for _ in range(6):
            paced._pace.PATIENCE = 0  # type: ignore[union-attr]
            with pytest.raises(Unavailable, match="too many calls"):
                ask(paced)

        assert sent.call_count == 1
        ask(door())


@pytest.mark.django_db(transaction=True)
def test_a_vendor_that_allows_five_a_second_never_has_to_refuse(settings: Any) -> None:
    from brokerage.drivewealth.client import DriveWealth

    with running(rate_limit=5) as box:
        settings.DRIVEWEALTH_BASE_URL = f"{box.url}/drivewealth"
        settings.DRIVEWEALTH_MAX_PER_SECOND = 5
        DriveWealth().sign_in()

        prices = at_once(8, lambda: DriveWealth().list_quotes(["DIS"])[0].price)

    assert not [failure for failure in prices if isinstance(failure, Exception)]
