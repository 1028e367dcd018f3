"""The company of these tests, and another one."""

import pytest

from tests.prefill.cast import make_prefilling_company
from tests.stage import Stage
from tests.tenants.company import Company


@pytest.fixture
def acme(stage: Stage) -> Company:
    return make_prefilling_company("acme")


@pytest.fixture
def live_acme(live_stage: Stage) -> Company:
    return make_prefilling_company("acme")
