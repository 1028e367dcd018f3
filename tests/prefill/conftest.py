"""The company of these tests and another one; a parent on the way through the pages."""

import pytest

from accounts.models import Parent
from prefill.models import Applicant
from tests.cast import make_parent
from tests.prefill.cast import make_person, make_prefilling_company
from tests.prefill.walking import PERSON, Walker
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


@pytest.fixture
def parent(stage: Stage) -> Parent:
    stage.control("POST", "spinwheel/people", PERSON)
    return make_parent("newcomer@family.example")


@pytest.fixture
def walker(stage: Stage, parent: Parent) -> Walker:
    return Walker(stage, parent).sign_in()


@pytest.fixture
def outsider(stage: Stage, parent: Parent) -> Walker:
    return Walker(stage, make_parent("stranger@elsewhere.example")).sign_in()
