"""A journey that is taken up is where it was left when it was played."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Parent
from tests.cast import make_family, make_known, make_parent, meet
from tests.conftest import open_stage
from tests.journeys import read_rows, take_up
from tests.money import auditor
from tests.money.machine import undone_at_the_end
from tests.stage import Stage


@pytest.mark.usefixtures("db")
def test_rows_and_broker_are_as_they_were_left_and_life_goes_on(
    settings: Any, tmp_path: Path
) -> None:
    name = f"family {uuid4()}"
    found, moments = [], []
    for evening in ("played", "taken up"):
        with undone_at_the_end(), open_stage(settings, tmp_path / evening) as stage:

            def play(stage: Stage = stage) -> Any:
                return make_family(stage, "custodian@family.example").keys

            told = take_up(stage, name, play)
            rows = {table: sorted(lines) for table, lines in read_rows().items()}
            broker = stage.state()
            moments.append(datetime.fromisoformat(broker.pop("now")))
            found.append((told, rows, broker))

            family = meet(stage, told)
            gift = family.give()
            family.approve(gift)
            stage.work()
            stage.settle_ach()
            stage.work()
            auditor.check_bought_once(family, gift)
            auditor.check_trail()

    assert found[0] == found[1]
    assert abs(moments[1] - moments[0]) < timedelta(seconds=30)


def test_where_somebody_acted_before_the_journey_is_played(stage: Stage) -> None:
    name = f"a parent {uuid4()}"
    played: list[str] = []

    def play() -> str:
        email = f"{uuid4()}@family.example"
        make_known(make_parent(email))
        played.append(email)
        return email

    told = [take_up(stage, name, play) for _time in range(2)]

    assert told == played
    assert Parent.objects.count() == 2
