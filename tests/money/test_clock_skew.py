"""Our clock and the broker's disagree: the money moves once all the same."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from tests.cast import make_family
from tests.money import auditor
from tests.stage import Stage


class SkewedStage(Stage):
    """A site whose clock is off by so much; it follows the broker's otherwise."""

    skew: timedelta
    theirs: Path
    ours: Path

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = super().control(method, path, body)
        offset = float(self.theirs.read_text()) + self.skew.total_seconds()
        self.ours.write_text(str(offset))
        return answer

    def broker_now(self) -> datetime:
        return datetime.fromisoformat(self.control("GET", "clock")["now"])


@pytest.mark.daily(2)
@pytest.mark.parametrize("minutes", [-20, -3, 3, 20, 360])
def test_a_clock_that_is_off_moves_no_money_twice(
    stage: Stage, settings: Any, tmp_path: Path, minutes: int
) -> None:
    skewed = SkewedStage(stage.box)
    skewed.skew, skewed.theirs = timedelta(minutes=minutes), Path(settings.CLOCK_FILE)
    skewed.ours = tmp_path / "our-clock"
    skewed.control("GET", "clock")
    settings.CLOCK_FILE = str(skewed.ours)
    family = make_family(skewed, "custodian@family.example")
    gift = family.give()
    family.approve(gift)
    skewed.work()
    skewed.settle_ach()
    skewed.work()
    skewed.settle_ach()
    skewed.work()

    assert abs((clock.now() - skewed.broker_now()) - skewed.skew) < timedelta(seconds=5)
    auditor.check_bought_once(family, gift)
