"""The company of these tests, and another one."""

import pytest

from prefill.models import Applicant
from tests.prefill.cast import make_person, make_prefilling_company
from tests.stage import Stage
from tests.tenants.company import Company


@pytest.fixture
def acme(stage: Stage) -> Company:
    return make_prefilling_company("acme")


@pytest.fixture
def live_acme(live_stage: Stage) -> Company:
    return make_prefilling_company("acme")


@pytest.fixture
def person(acme: Company) -> Applicant:
    return make_person(acme)


@pytest.fixture
def rival(stage: Stage) -> Company:
    return make_prefilling_company("rival")
