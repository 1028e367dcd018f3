"""So many in a period, however many take at once."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from core.vendors import Allowance
from tests.core.vendor import at_once

NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parent.parent.parent
TAKER = """
import django; django.setup()
from datetime import timedelta
from core.vendors import Allowance
allowance = Allowance("shared", most=5, period=timedelta(hours=1))
print(sum(1 for _ in range(10) if not allowance.take()))
"""


def hourly(name: str = "tokens", most: int = 5) -> Allowance:
    return Allowance(name, most=most, period=HOUR)


@pytest.mark.django_db
def test_what_is_free_is_taken_and_the_rest_waits_for_the_oldest() -> None:
    waits = [hourly().take(at=NOON + n * MINUTE) for n in range(5)]

    assert waits == [0, 0, 0, 0, 0]
    assert hourly().take(at=NOON + 10 * MINUTE) == 50 * 60
    assert hourly().take(at=NOON + 60 * MINUTE) == 0
    assert hourly().take(at=NOON + 60 * MINUTE) == 60


@pytest.mark.django_db
def test_no_window_of_an_hour_ever_holds_more_than_the_allowance() -> None:
    moments = [NOON + n * 7 * MINUTE for n in range(60)]

    taken = [at for at in moments if not hourly().take(at=at)]

    assert len(taken) > 20
    for start in taken:
        assert sum(start <= at < start + HOUR for at in taken) <= 5


@pytest.mark.django_db
def test_allowances_of_two_names_are_not_mixed_up() -> None:
    assert hourly("one", most=1).take(at=NOON) == 0
    assert hourly("other", most=1).take(at=NOON) == 0
    assert hourly("one", most=1).take(at=NOON) > 0


@pytest.mark.django_db
def test_what_was_given_back_is_free_again_for_one() -> None:
    one = hourly(most=1)
    one.take(at=NOON)

    one.give_back(NOON)

    assert one.take(at=NOON + MINUTE) == 0
    assert one.take(at=NOON + MINUTE) > 0


@pytest.mark.django_db
def test_of_two_taken_at_one_moment_one_is_given_back() -> None:
    one = hourly(most=2)
    one.take(at=NOON)
    one.take(at=NOON)

    one.give_back(NOON)
    one.give_back(NOON - MINUTE)  # never taken

    assert one.take(at=NOON) == 0
    assert one.take(at=NOON) > 0


@pytest.mark.django_db
def test_a_limit_may_be_lowered_and_raised_between_two_releases() -> None:
    for _ in range(5):
        hourly(most=5).take(at=NOON)

    assert hourly(most=2).take(at=NOON + MINUTE) > 0
    assert hourly(most=6).take(at=NOON + MINUTE) == 0
    assert hourly(most=2).take(at=NOON + 59 * MINUTE) > 0


@pytest.mark.django_db(transaction=True)
def test_parallel_takers_get_exactly_the_allowance() -> None:
    waits = at_once(16, hourly().take)

    assert sum(wait == 0 for wait in waits) == 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_processes_that_start_together_get_exactly_the_allowance_together() -> None:
    parameters = connection.get_connection_params()
    address = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    environment = os.environ | {
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "stocksprout.settings",
    }
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]

    granted = [int(taker.communicate(timeout=60)[0]) for taker in takers]

    assert sum(granted) == 5
