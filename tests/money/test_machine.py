"""Whatever happens in whatever order, the money moves once and the books are equal."""

import os
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import open_stage
from tests.money.machine import Money

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "200"))


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.usefixtures("db")
def test_in_any_order_the_money_moves_once(tmp_path: Path) -> None:
    # Not the fixture `settings`: it would lay one more layer over the last for each history.
    Money.open_stage = partial(open_stage, settings, tmp_path / "clock")
    run_state_machine_as_test(
        Money,
        settings=hypothesis.settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
            database=None,
            report_multiple_bugs=False,
        ),
    )
