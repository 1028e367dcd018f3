"""The company of these tests, and another one."""

import pytest

from tests.tenants.company import Company, make_company


@pytest.fixture
def acme(db: None) -> Company:
    return make_company("acme")


@pytest.fixture
def rival(db: None) -> Company:
    return make_company("rival")
