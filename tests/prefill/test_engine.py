"""What raw answers become, which source is believed, and what a person's change does."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.errors import Invalid
from prefill.models import Applicant, FieldTally, Source
from prefill.operations import (
    edit_prefill,
    import_raw,
    make_applicant,
    process_import,
    show_prefill,
)
from sandbox.server import running
from tenants.models import get_default_tenant
from tenants.walls import inside
from tests.sandbox.plaids import KNOWN, PlaidCaller

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant() -> Applicant:
    return make_applicant(tenant=get_default_tenant(), mode="test", by="tests", at=clock.now())


def take(
    applicant: Applicant, source: str, kind: str, payload: dict[str, Any], **late: int
) -> list[str]:
    at = clock.now() + timedelta(**late)
    with inside(applicant.tenant_id):
        raw = import_raw(applicant=applicant, source=source, kind=kind, payload=payload, at=at)
        return process_import(raw, at=at)


@pytest.fixture(scope="module")
def shared() -> Any:
    """What Plaid Layer answers for its sandbox's full profile."""
    with running() as box:
        caller = PlaidCaller(box)
        token = caller.pass_layer(caller.layer_token(), KNOWN)
        answer = caller.ask("user_account_session_get", public_token=token)
        caller.close()
    return answer


def test_the_full_profile_fills_the_form(applicant: Applicant, shared: Any) -> None:
    take(applicant, Source.LAYER, "layer", shared)

    prefill = show_prefill(applicant, at=clock.now())

    person = prefill.as_data()["personal_info"]
    assert (person["first_name"], person["last_name"]) == ("Leslie", "Knope")
    assert prefill.coverage >= 0.8
    assert prefill.provenance()["personal_info.email"]["source"] == "layer"


def test_a_persons_edit_stays_and_counts_once(applicant: Applicant, shared: Any) -> None:
    take(applicant, Source.LAYER, "layer", shared)
    show_prefill(applicant, at=clock.now())

    for name in ("Lesley", "Lesly"):
        edit_prefill(applicant, {"personal_info.first_name": name}, by="tests", at=clock.now())
    take(applicant, Source.LAYER, "layer", shared, hours=1)

    assert show_prefill(applicant, at=clock.now()).value("personal_info.first_name") == "Lesly"
    tally = FieldTally.objects.get(path="personal_info.first_name", source=Source.LAYER)
    assert (tally.shown, tally.edited) == (1, 1)
    with pytest.raises(Invalid):
        edit_prefill(applicant, {"personal_info.ssn_last4": "x"}, by="tests", at=clock.now())
