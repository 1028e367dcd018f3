"""Callers of the parents' API: by the web session, and by the mobile app's token."""

import pytest
from django.test import Client

from tests.api.calling import Caller, sign_in_by_app
from tests.cast import Family


@pytest.fixture
def web(family: Family) -> Caller:
    """The custodian by the session of the web pages."""
    return Caller(family.client)


@pytest.fixture
def app(family: Family) -> Caller:
    """The custodian by the mobile app's access token."""
    return sign_in_by_app("custodian@family.example")


@pytest.fixture
def nobody(db: None) -> Caller:
    return Caller(Client())
