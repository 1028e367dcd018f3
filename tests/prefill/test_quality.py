"""How well each source does: exact under load, by tenant and mode, printed and at the desk."""

import threading
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from core import clock
from prefill.models import Applicant, FieldTally, Source
from prefill.operations import edit_prefill, show_prefill
from prefill.queries import quality
from tenants.models import Tenant, get_default_tenant
from tests.desk.staff import at_the_desk
from tests.prefill.people import PROFILE, make_person, take

NAME, EMAIL = "personal_info.first_name", "personal_info.email"
MONTH = timedelta(days=30)


def show(applicant: Applicant) -> None:
    show_prefill(applicant, at=clock.now())


def rename(applicant: Applicant, name: str = "Quinn") -> None:
    edit_prefill(applicant, {NAME: name}, by="tests", at=clock.now())


def tally(path: str = NAME) -> tuple[int, int]:
    row = FieldTally.objects.get(path=path, source=Source.BUREAU)
    return row.shown, row.edited


@pytest.fixture
def tenant(db: None) -> Tenant:
    return get_default_tenant()


def test_shown_and_edited_are_counted_by_source(tenant: Tenant) -> None:
    people = [make_person(tenant) for _ in range(4)]
    for person in people:
        take(person, Source.BUREAU, "profile", PROFILE)
    take(people[0], Source.LAYER, "layer", {"identity": {"email": "q@person.example"}})
    for person in people:
        show(person)
        show(person)
    rename(people[0])
    rename(people[0], "Quint")
    edit_prefill(people[1], {NAME: "Quincy"}, by="tests", at=clock.now())  # the same: no edit

    found = quality(tenant.pk, "test", clock.now() - MONTH)

    rows = {(row.source, row.path): row for row in found.fields}
    name, email = rows["bureau", NAME], rows["bureau", EMAIL]
    assert (name.shown, name.edited) == (4, 1)
    assert name.edit_rate == Decimal("0.25")
    assert (email.shown, email.edited) == (3, 0)
    assert email.coverage == 1
    assert rows["layer", EMAIL].shown == 1
    assert found.people == 4
    assert found.coverage == 1
    assert quality(tenant.pk, "live", clock.now() - MONTH).fields == ()


def test_a_value_edited_before_anybody_saw_it_says_nothing_of_its_source(tenant: Tenant) -> None:
    person = make_person(tenant)
    take(person, Source.BUREAU, "profile", PROFILE)

    rename(person)
    show(person)

    assert not FieldTally.objects.filter(path=NAME).exists()
    assert tally(EMAIL) == (1, 0)


def test_a_new_value_of_the_source_is_shown_anew(tenant: Tenant) -> None:
    person = make_person(tenant)
    take(person, Source.BUREAU, "profile", PROFILE)
    show(person)

    take(person, Source.BUREAU, "profile", PROFILE | {"firstName": "QUENTIN"}, hours=1)
    show(person)

    assert tally() == (2, 0)
    assert tally(EMAIL) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_the_counts_are_exact_whoever_counts_at_once() -> None:
    tenant = get_default_tenant()
    people = [make_person(tenant) for _ in range(6)]
    for person in people:
        take(person, Source.BUREAU, "profile", PROFILE)
    gate, faults = threading.Barrier(12), []

    def work(person: Applicant) -> None:
        try:
            gate.wait(20)
            show(person)
            rename(person)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(person,)) for person in people * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert faults == []
    assert tally() == (6, 6)
    assert tally(EMAIL) == (6, 0)


def test_the_command_and_the_desk_show_it(tenant: Tenant) -> None:
    person = make_person(tenant)
    take(person, Source.BUREAU, "profile", PROFILE)
    show(person)
    rename(person)
    printed = StringIO()

    call_command("prefill_quality", days=7, stdout=printed)

    lines = [" ".join(line.split()) for line in printed.getvalue().splitlines()]
    assert f"stocksprout test bureau {NAME} 1 1 100% 1/1 100%" in lines
    assert "stocksprout test: 1 people, KYC form 100% filled" in lines
    page = at_the_desk().get("/admin/prefill/fieldtally/").content.decode()
    assert NAME in page
    assert "100%" in page


def test_the_desk_erases_and_processes_again_and_shows_no_value(
    tenant: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    person = make_person(tenant, external_id="quincy-1")
    take(person, Source.BUREAU, "profile", PROFILE | {"dob": "tomorrow"})
    raw = person.imports.get()
    assert raw.trouble == "not usable: personal_info.date_of_birth"
    desk = at_the_desk()

    pages = [
        desk.get(f"/admin/prefill/rawimport/{raw.pk}/change/"),
        desk.get(f"/admin/prefill/applicant/{person.pk}/change/"),
        desk.get("/admin/prefill/applicant/"),
    ]
    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        assert not [word for word in ("Quincy", "QUINCY", "Trenton", "7416") if word in text]
    again = f"/admin/prefill/rawimport/{raw.pk}/act/run-again/"
    assert desk.post(again, {"reason": "The reader knows more."}).status_code == 302
    erase = f"/admin/prefill/applicant/{person.pk}/act/erase/"
    assert desk.post(erase, {"reason": "They asked."}).status_code == 302

    person.refresh_from_db()
    assert person.status == "ERASED"
    assert desk.get(erase).status_code == 404
