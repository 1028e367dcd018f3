"""Erasing a person: everything at once, nothing after, the vendors too, and again is fine."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from core import clock, retention
from core.errors import NotNow
from core.models import AuditEntry
from core.vendors import Unavailable
from prefill import gateway, queries
from prefill.models import (
    Applicant,
    ApplicantConsent,
    FieldTally,
    FieldValue,
    HeldSsn,
    LinkSession,
    PhoneSession,
    PlaidAccount,
    PlaidItem,
    PlaidTransaction,
    RawImport,
    Rung,
    Source,
)
from prefill.operations import (
    advance_applicant,
    change_applicant,
    edit_prefill,
    erase_applicant,
    get_own_applicant,
    show_prefill,
)
from prefill.sweeps import sweep
from tenants.models import get_default_tenant
from tenants.walls import inside
from tests.cast import make_parent
from tests.desk.leaks import dump_database, find_traces
from tests.prefill.people import (
    EMAIL,
    PHONE,
    PROFILE,
    SSN,
    fill_every_table,
    make_person,
    take,
)
from tests.tenants.company import make_company

DAY = timedelta(days=1)
TOLD = (RawImport, FieldValue, HeldSsn, Rung, PlaidAccount, PlaidTransaction)


class Forgetter:
    """Spinwheel, of which an erasure needs one call."""

    forgotten: list[str]
    is_away: bool

    @classmethod
    def configured(cls, mode: str) -> Any:
        return cls()

    def forget(self, user_id: str) -> None:
        if type(self).is_away:
            raise Unavailable("away", status=503)
        type(self).forgotten.append(user_id)


@pytest.fixture(autouse=True)
def spinwheel(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Forgetter, "forgotten", [], raising=False)
    monkeypatch.setattr(Forgetter, "is_away", False, raising=False)
    monkeypatch.setattr(gateway, "PHONE_VERIFIER", f"{__name__}.Forgetter")
    gateway.get_phone_verifier.cache_clear()
    yield Forgetter
    gateway.get_phone_verifier.cache_clear()


def erase(applicant: Applicant) -> None:
    erase_applicant(applicant, by="tests", at=clock.now())


@pytest.mark.django_db
def test_nothing_of_the_person_is_left(spinwheel: Any) -> None:
    applicant = fill_every_table(get_default_tenant())
    take(applicant, Source.BUREAU, "profile", PROFILE)

    erase(applicant)

    applicant.refresh_from_db()
    assert [model.__name__ for model in TOLD if model._base_manager.exists()] == []
    assert (applicant.phone, applicant.external_id, applicant.metadata) == ("", "", {})
    session, link = PhoneSession.objects.get(), LinkSession.objects.get()
    told = [session.phone, session.date_of_birth, session.ip_address]
    assert (session.status, session.phone_index, told) == ("EXPIRED", "", [None] * 3)
    assert (link.status, link.link_token) == ("EXITED", "")
    item = PlaidItem.objects.get()
    assert (item.status, item.institution_name) == ("REMOVED", "")
    assert item.access_token
    assert item.next_step_at is not None
    assert ApplicantConsent.objects.get().text == "I agree."
    assert FieldTally.objects.get().shown == 1
    with pytest.raises(NotNow) as refusal:
        show_prefill(applicant, at=clock.now())
    assert refusal.value.code == "user_erased"


@pytest.mark.django_db
def test_the_vendor_forgets_as_well_however_often_it_is_away(spinwheel: Any) -> None:
    applicant = fill_every_table(get_default_tenant())
    Applicant.objects.filter(pk=applicant.pk).update(spinwheel_user_id="sw-other")
    erase(applicant)

    spinwheel.is_away = True
    sweep_applicants()
    assert Applicant.objects.get().spinwheel_user_id == "sw-other"
    spinwheel.is_away = False
    advance_applicant(applicant.pk, at=clock.now() + timedelta(minutes=5))
    advance_applicant(applicant.pk, at=clock.now() + timedelta(minutes=5))

    assert sorted(spinwheel.forgotten) == ["sw-other", "sw-stocksprout"]
    row = Applicant.objects.get()
    assert (row.spinwheel_user_id, row.next_step_at, row.is_parked) == ("", None, False)
    assert PhoneSession.objects.get().spinwheel_user_id == ""
    assert AuditEntry.objects.filter(verb="applicant.forgotten").count() == 1


def sweep_applicants() -> None:
    for pk in Applicant.objects.due(clock.now()).values_list("pk", flat=True):
        advance_applicant(pk, at=clock.now())


@pytest.mark.django_db
def test_a_repeat_changes_nothing_and_the_name_is_free_again() -> None:
    tenant = get_default_tenant()
    applicant = fill_every_table(tenant)
    erase(applicant)
    erase(applicant)

    again = make_person(tenant, external_id="u-1")

    assert AuditEntry.objects.filter(verb="applicant.erased").count() == 1
    assert queries.get_applicant_or_404(tenant.pk, "test", again.pk).pk == again.pk
    for write in (
        lambda: change_applicant(applicant, metadata={}, by="tests", at=clock.now()),
        lambda: edit_prefill(applicant, {}, by="tests", at=clock.now()),
        lambda: take(applicant, Source.BUREAU, "profile", PROFILE),
    ):
        with pytest.raises(NotNow, match="erased"):
            write()


@pytest.mark.django_db
def test_an_erased_parent_begins_anew() -> None:
    parent = make_parent("pat@family.example")
    first = get_own_applicant(parent, at=clock.now())
    assert get_own_applicant(parent, at=clock.now()).pk == first.pk

    erase(first)

    second = get_own_applicant(parent, at=clock.now())
    assert second.pk != first.pk
    assert second.mode == "live"


@pytest.mark.django_db(transaction=True)
def test_an_import_under_way_writes_nothing_afterwards() -> None:
    tenant = get_default_tenant()
    applicant = make_person(tenant)
    erased, refused = threading.Event(), []

    def import_late() -> None:
        erased.wait(10)
        try:
            take(applicant, Source.BUREAU, "profile", PROFILE)
        except NotNow as refusal:
            refused.append(refusal.code)
        finally:
            connections.close_all()

    late = threading.Thread(target=import_late)
    late.start()
    with transaction.atomic():
        erase(applicant)
        erased.set()
        late.join(0.3)  # it waits for the row
        assert late.is_alive()
    late.join(10)

    assert refused == ["user_erased"]
    assert not RawImport.objects.exists()
    assert not FieldValue.objects.exists()


@pytest.mark.django_db
def test_no_trace_stands_in_the_clear_before_or_after() -> None:
    applicant = fill_every_table(get_default_tenant())
    take(applicant, Source.BUREAU, "profile", PROFILE)
    secrets = {"phone": PHONE[2:], "street": "Quince", "e-mail": EMAIL, "ssn": SSN}

    assert {name: find_traces(text, dump_database()) for name, text in secrets.items()} == {
        name: [] for name in secrets
    }
    assert SSN not in RawImport.objects.latest("received_at").payload


@pytest.mark.django_db
def test_what_nobody_ever_used_goes_after_thirty_days(settings: Any) -> None:
    tenant, parent = get_default_tenant(), make_parent("pat@family.example")
    unused, used, own = (
        make_person(tenant),
        make_person(tenant),
        get_own_applicant(parent, at=clock.now()),
    )
    for applicant in (unused, used, own):
        take(applicant, Source.BUREAU, "profile", PROFILE, days=-31)
    show_prefill(used, at=clock.now())
    young = make_person(tenant)
    take(young, Source.BUREAU, "profile", PROFILE, days=-29)

    retention.forget(clock.now())

    kept = set(FieldValue.objects.values_list("applicant", flat=True))
    assert kept == {used.pk, own.pk, young.pk}
    assert set(RawImport.objects.values_list("applicant", flat=True)) == {young.pk}


@pytest.mark.django_db
def test_an_item_given_up_while_a_worker_held_it_is_taken_up() -> None:
    applicant = fill_every_table(get_default_tenant())
    erase(applicant)
    PlaidItem.objects.update(next_step_at=None)
    Applicant.objects.update(next_step_at=None)

    sweep(clock.now())

    assert PlaidItem.objects.get().next_step_at is not None


@pytest.mark.django_db
def test_another_tenant_cannot_erase_or_see() -> None:
    ours, rival = get_default_tenant(), make_company("rival").tenant
    applicant = fill_every_table(ours)

    with inside(rival.pk), pytest.raises(Applicant.DoesNotExist):
        Applicant.objects.get(pk=applicant.pk)
    assert not queries.list_applicants(rival.pk, "test").exists()
    assert not queries.list_applicants(ours.pk, "live").exists()
    assert not queries.list_applicants(ours.pk, "test", only=rival.pk).exists()
