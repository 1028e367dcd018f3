"""The ladder as a table: what is offered next, whatever was tried before."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from prefill import gateway
from prefill.ladder import next_step, set_rung
from prefill.models import Applicant, PhoneSession, PlaidItem, Rung
from prefill.operations import make_applicant
from tenants.models import Tenant, get_default_tenant
from tenants.walls import inside
from tests.prefill.people import fill_every_table

pytestmark = pytest.mark.django_db

LAYER, DOB, SMS, LINK = Rung.Name.LAYER, Rung.Name.LAYER_DOB, Rung.Name.SMS, Rung.Name.LINK
OFFERED, DONE, CLOSED = Rung.State.OFFERED, Rung.State.DONE, Rung.State.CLOSED
HALF_AN_HOUR = timedelta(minutes=30)


class Vendor:
    """Somebody who offers everything; what a vendor does is tested with the vendor."""

    has_layer = True
    preverified = True

    @classmethod
    def configured(cls, mode: str) -> Any:
        return cls()


class PlainVendor(Vendor):
    has_layer = False
    preverified = False


class Nobody:
    @classmethod
    def configured(cls, mode: str) -> Any:
        return None


@pytest.fixture(autouse=True)
def vendors(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Choose who links banks and who verifies phones."""

    def choose(linker: type = Vendor, verifier: type = Vendor) -> None:
        for name, cls in (("BANK_LINKER", linker), ("PHONE_VERIFIER", verifier)):
            monkeypatch.setattr(gateway, name, f"{__name__}.{cls.__name__}")
        gateway.get_bank_linker.cache_clear()
        gateway.get_phone_verifier.cache_clear()

    choose()
    yield choose
    monkeypatch.undo()
    gateway.get_bank_linker.cache_clear()
    gateway.get_phone_verifier.cache_clear()


@pytest.fixture
def tenant() -> Tenant:
    tenant = get_default_tenant()
    Tenant.objects.filter(pk=tenant.pk).update(
        phone_enabled=True,
        aggregation_enabled=True,
        aggregation_products=["auth", "identity", "layer"],
    )
    tenant.refresh_from_db()
    return tenant


@pytest.fixture
def applicant(tenant: Tenant) -> Applicant:
    return make_applicant(tenant=tenant, mode="test", by="tests", at=clock.now())


def tried(applicant: Applicant, rungs: dict[Any, Any], **ago: int) -> None:
    with inside(applicant.tenant_id):
        for name, state in rungs.items():
            set_rung(applicant, name, state, reason="tried", at=clock.now() - timedelta(**ago))


@pytest.mark.parametrize(
    ("rungs", "action"),
    [
        ({}, "open_layer"),
        ({LAYER: OFFERED}, "open_layer"),
        ({LAYER: CLOSED, DOB: OFFERED}, "submit_date_of_birth"),
        ({LAYER: CLOSED}, "verify_phone"),
        ({LAYER: CLOSED, DOB: CLOSED}, "verify_phone"),
        ({LAYER: CLOSED, SMS: OFFERED}, "verify_phone"),
        ({LAYER: CLOSED, SMS: CLOSED}, "open_link"),
        ({LAYER: CLOSED, SMS: CLOSED, LINK: OFFERED}, "open_link"),
        ({LAYER: CLOSED, DOB: CLOSED, SMS: CLOSED, LINK: CLOSED}, "type_it"),
        ({LAYER: DONE}, "review"),
        ({LAYER: CLOSED, DOB: DONE}, "review"),
        ({LAYER: CLOSED, SMS: DONE}, "review"),
        ({LAYER: CLOSED, SMS: CLOSED, LINK: DONE}, "review"),
    ],
)
def test_each_rung(applicant: Applicant, rungs: dict[Any, Any], action: str) -> None:
    tried(applicant, rungs)

    assert next_step(applicant, at=clock.now()).action == action


def test_a_rung_closed_for_half_an_hour_is_open_again(applicant: Applicant) -> None:
    tried(applicant, {LAYER: CLOSED, DOB: OFFERED, SMS: CLOSED, LINK: CLOSED})
    soon = clock.now() + HALF_AN_HOUR

    assert next_step(applicant, at=soon - timedelta(seconds=1)).action == "submit_date_of_birth"
    assert next_step(applicant, at=soon).action == "open_layer"


def test_what_is_done_stays_done(applicant: Applicant) -> None:
    tried(applicant, {SMS: DONE})
    tried(applicant, {SMS: CLOSED})

    assert Rung.objects.get().state == DONE
    assert next_step(applicant, at=clock.now() + 10 * HALF_AN_HOUR).action == "review"


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({"aggregation_products": ["auth", "identity"]}, "verify_phone"),
        ({"aggregation_enabled": False}, "verify_phone"),
        ({"aggregation_products": ["auth"], "phone_enabled": False}, "open_link"),
        ({"aggregation_enabled": False, "phone_enabled": False}, "type_it"),
    ],
)
def test_what_the_tenant_does_not_have_is_not_offered(
    applicant: Applicant, changes: dict[str, Any], action: str
) -> None:
    Tenant.objects.filter(pk=applicant.tenant_id).update(**changes)
    applicant.refresh_from_db()

    assert next_step(applicant, at=clock.now()).action == action


@pytest.mark.parametrize(
    ("linker", "verifier", "action"),
    [
        (PlainVendor, Vendor, "verify_phone"),
        (Nobody, Vendor, "verify_phone"),
        (PlainVendor, Nobody, "open_link"),
        (Nobody, Nobody, "type_it"),
    ],
)
def test_nobody_who_is_not_configured_is_offered(
    applicant: Applicant, vendors: Any, linker: type, verifier: type, action: str
) -> None:
    vendors(linker, verifier)

    assert next_step(applicant, at=clock.now()).action == action


@pytest.mark.parametrize(
    ("verifier", "ago", "expected"),
    [
        (Vendor, 1, ("verify_phone", False)),
        (PlainVendor, 1, ("open_link", None)),
        (PlainVendor, 31, ("verify_phone", True)),
    ],
)
def test_a_proven_phone_gets_no_second_code(
    applicant: Applicant, vendors: Any, verifier: type, ago: int, expected: Any
) -> None:
    vendors(Vendor, verifier)
    tried(applicant, {LAYER: CLOSED})
    applicant.phone_verified_at = clock.now() - timedelta(days=ago)

    step = next_step(applicant, at=clock.now())

    assert (step.action, step.params.get("sends_code")) == expected


def test_a_code_under_way_a_broken_bank_and_data_come_first(applicant: Applicant) -> None:
    whole = fill_every_table(applicant.tenant)
    at = clock.now()
    session, item = PhoneSession.objects.get(), PlaidItem.objects.get()

    assert next_step(whole, at=at).as_dict() == {
        "action": "enter_code",
        "session_id": str(session.pk),
        "resend_at": None,
        "expires_at": session.expires_at.isoformat(),
        "attempts_left": 3,
    }
    late = at + timedelta(minutes=6)
    assert next_step(whole, at=late).as_dict() == {"action": "review", "optional": []}
    item.move_to(PlaidItem.Status.NEEDS_USER)
    broken = next_step(whole, at=late)
    assert broken.params == {"item_id": str(item.pk), "optional": ["review"]}
    item.move_to(PlaidItem.Status.REMOVED)
    assert next_step(whole, at=late).params == {"optional": ["open_link"]}


def test_the_step_costs_few_queries(applicant: Applicant) -> None:
    whole = fill_every_table(applicant.tenant)

    with inside(whole.tenant_id), CaptureQueriesContext(connection) as asked:
        next_step(whole, at=clock.now())

    assert len(asked) <= 4
