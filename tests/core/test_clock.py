"""The one clock, and how it follows the practice broker's."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

from core import clock
from tests.stage import Stage

EVENING = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)  # 22:00 of the day before in New York


def test_without_a_clock_file_it_is_what_it_is() -> None:
    with time_machine.travel(EVENING, tick=False):
        assert clock.now() == EVENING


def test_a_clock_file_moves_the_present(settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    settings.CLOCK_FILE = str(file)

    with time_machine.travel(EVENING, tick=False):
        assert clock.now() == EVENING  # no file yet
        file.write_text("86400.5\n")
        assert clock.now() == EVENING + timedelta(days=1, seconds=0.5)


def test_today_is_new_yorks_day() -> None:
    with time_machine.travel(EVENING, tick=False):
        assert clock.today() == date(2026, 11, 16)


def test_the_site_keeps_the_practice_brokers_time(stage: Stage) -> None:
    stage.set_clock(datetime(2026, 12, 24, 18, 0, tzinfo=UTC))

    assert abs((clock.now() - datetime(2026, 12, 24, 18, 0, tzinfo=UTC)).total_seconds()) < 5
