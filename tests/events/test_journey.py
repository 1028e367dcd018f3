"""A whole gift carried by events: the broker tells, nobody asks by himself."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from brokerage.gateway import get_broker
from brokerage.microdeposits import get_sender
from brokerage.models import BrokerAccount, BrokerEvent
from brokerage.operations import accounts, deposits, orders, people
from sandbox.server import running
from tests.cast import Family, make_family
from tests.conftest import MONDAY_NOON
from tests.events.sender import ADDRESS, SECRET
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

NEVER = timedelta(days=3000)


class RelayedStage(Stage):
    """A stage whose broker posts its events to the site; background work waits for the post."""

    def work(self, rounds: int = 30) -> None:
        for _post in range(6):
            super().work(rounds)
            if not self.wait_for_post():
                return

    def wait_for_post(self) -> bool:
        """Wait until all that was published has come; say whether any of it is to be done."""
        outbox = self.box.world.outbox
        deadline = time.monotonic() + 20
        while outbox.delivered_up_to < outbox.last_sequence:
            assert time.monotonic() < deadline, self.box.world.relay_problem
            time.sleep(0.02)
        return BrokerEvent.objects.filter(status="RECEIVED", attempts=0).exists()


@pytest.fixture
def relayed_stage(
    settings: Any, tmp_path: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RelayedStage]:
    """A practice broker that relays, and a site that asks for nothing under way by itself."""
    settings.DRIVEWEALTH_WEBHOOK_SECRET = [SECRET]
    settings.POLL_SECONDS = NEVER.total_seconds()
    for room, names in (
        (people, ("SOON", "SLOWLY")),
        (accounts, ("SOON", "HOURLY")),
        (deposits, ("HOURLY",)),
        (orders, ("FILL_TIME",)),
    ):
        for name in names:
            monkeypatch.setattr(room, name, NEVER)
    clock_file = tmp_path / "clock"
    relay = {"relay_url": live_server.url + ADDRESS, "relay_secret": SECRET}
    with running(start_at=MONDAY_NOON, clock_file=clock_file, **relay) as box:
        settings.CLOCK_FILE = str(clock_file)
        settings.DRIVEWEALTH_BASE_URL = f"{box.url}/drivewealth"
        settings.MICRO_DEPOSITS_URL = box.bank_url
        get_broker.cache_clear()
        get_sender.cache_clear()
        yield RelayedStage(box)


@pytest.fixture
def told_family(relayed_stage: RelayedStage) -> Family:
    return make_family(relayed_stage, "custodian@family.example")


def test_a_gift_becomes_shares_by_events_alone(told_family: Family) -> None:
    assert told_family.account.status == "OPEN"
    told_family.account.refresh_from_db()

    purchase = told_family.buy()
    told_family.stage.work()

    assert purchase.status == "EXECUTED", (purchase.trouble, purchase.failure)
    assert told_family.account.checked_at
    ends = dict(BrokerEvent.objects.values_list("event_id", "status"))
    assert set(ends.values()) <= {"DONE", "IGNORED"}
    assert len(ends) == told_family.stage.box.world.outbox.last_sequence


@pytest.mark.slow
def test_without_events_the_same_gift_would_wait(told_family: Family, settings: Any) -> None:
    """The counter-check: with the door shut nothing moves, so it was the events that did it."""
    settings.DRIVEWEALTH_WEBHOOK_SECRET = []
    purchase = told_family.approve(told_family.give())
    Stage.work(told_family.stage)
    night = told_family.stage.now() + timedelta(days=30)
    BrokerAccount.objects.update(audited_at=night)  # the nightly comparison would notice it too
    told_family.stage.settle_ach()
    Stage.work(told_family.stage)

    purchase.refresh_from_db()
    assert purchase.status == "FUNDING"
