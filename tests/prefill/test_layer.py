"""Plaid Layer: what each of Plaid's practice people brings, and what closes the way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core.errors import Invalid
from core.models import AuditEntry
from prefill.ladder import next_step
from prefill.models import FieldValue, HeldSsn, LinkSession, RawImport
from prefill.operations import (
    get_own_applicant,
    get_prefill,
    note_link_event,
)
from prefill.operations.applicants import lock_applicant
from prefill.operations.imports import import_raw, process_import
from prefill.operations.phone_proofs import prove_number
from tenants.walls import inside
from tests.cast import Family, make_parent
from tests.prefill.banking import (
    EVERYTHING,
    NOBODY,
    ONE_BANK,
    Window,
    finish,
    layer,
    make_person,
    make_tenant_with_banks,
    now,
    rungs,
    start,
)
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

SSN = "987654321"


@pytest.mark.parametrize(
    ("phone", "banks", "lacks"),
    [
        (EVERYTHING, 2, ""), ("+14155550012", 3, "first_name"), (ONE_BANK, 1, ""),
        ("+15155550013", 1, "email"), ("+15155550015", 1, "date_of_birth"),
        ("+15155550016", 1, "ssn_last4"), ("+15155550018", 1, "first_name"),
        ("+15155550019", 1, ""),
    ],
)  # fmt: skip
def test_layer_brings_what_each_person_shares(
    stage: Stage, phone: str, banks: int, lacks: str
) -> None:
    person = make_person()
    assert next_step(person, at=now()).action == "open_layer"

    done = layer(stage, person, phone)

    person.refresh_from_db()
    assert len(done.items) == banks
    assert {item.status for item in done.items} == {"ACTIVE"}
    assert all(item.institution_name and item.imported_at for item in done.items)
    assert (person.phone, person.is_phone_verified) == (phone, True)
    assert rungs(person) == {"LAYER": "DONE"}
    layered = RawImport.objects.get(applicant=person, kind="layer")
    known = {
        path for path, told in get_prefill(person, at=now()).provenance().items()
        if told["source"] == "layer"
    }  # fmt: skip
    assert (f"personal_info.{lacks}" in known) is False
    assert layered.processed_at
    assert next_step(person, at=now()).action == "review"
    assert not HeldSsn.objects.exists()
    assert not _rows_with(SSN)


def _rows_with(text: str) -> list[str]:
    """Return the tables of prefill in which a value, decrypted, holds this text."""
    from django.apps import apps

    found = []
    for model in apps.get_app_config("prefill").get_models():
        for row in model._base_manager.all():
            if any(text in str(value) for value in vars(row).values()):
                found.append(model.__name__)
    found += ["AuditEntry" for row in AuditEntry.objects.all() if text in json.dumps(row.detail)]
    return found


def test_without_layer_by_phone_it_goes_on_by_birth_date(stage: Stage) -> None:
    person = make_person()
    started = start(person)
    assert started.session.kind == "layer"
    note_link_event(session=started.session, name="LAYER_NOT_AVAILABLE", by="tests", at=now())
    assert rungs(person) == {"LAYER": "CLOSED", "LAYER_DOB": "OFFERED"}

    again = start(person)
    assert again.session.pk == started.session.pk
    token = Window(stage.box).pass_layer(again.link_token, NOBODY, "1975-01-18")
    done = finish(person, token)

    assert done.items == []
    assert rungs(person) == {"LAYER": "CLOSED", "LAYER_DOB": "DONE"}


def test_what_is_not_available_or_left_closes_its_rung(stage: Stage) -> None:
    person = make_person()
    session = start(person, "layer").session
    for name in ("LAYER_NOT_AVAILABLE", "LAYER_AUTOFILL_NOT_AVAILABLE", "OPEN", "LAYER_READY"):
        note_link_event(session=session, name=name, by="tests", at=now())
    assert rungs(person) == {"LAYER": "CLOSED", "LAYER_DOB": "CLOSED"}

    left = start(person, "link").session
    for _time in range(2):
        note_link_event(session=left, name="EXIT", by="tests", at=now())
    assert rungs(person)["LINK"] == "CLOSED"
    assert LinkSession.objects.get(pk=left.pk).status == "EXITED"
    with pytest.raises(Invalid):
        note_link_event(session=left, name="MADE_UP", by="tests", at=now())


def test_a_parents_number_is_held_for_the_form_and_no_longer(family: Family) -> None:
    make_tenant_with_banks()
    stage = family.stage
    told = get_own_applicant(family.parent, at=now())
    layer(stage, told)
    assert not HeldSsn.objects.exists()  # this parent's form is in

    fresh = get_own_applicant(make_parent("new@family.example"), at=now())
    layer(stage, fresh)

    held = HeldSsn.objects.get(applicant=fresh)
    assert held.ssn == SSN
    assert held.held_until <= now() + timedelta(hours=2)
    assert _rows_with(SSN) == ["HeldSsn"]


def test_nothing_of_one_person_is_mixed_into_anothers(stage: Stage) -> None:
    """Two people at one screen: what the first one's phone brought goes with the second one's."""
    fresh = get_own_applicant(make_parent("new@family.example"), at=now())
    make_tenant_with_banks()
    layer(stage, fresh)
    assert HeldSsn.objects.filter(applicant=fresh).exists()
    profile = {"firstName": "Other", "lastName": "Body", "ssnLastFourDigits": "1111"}
    with inside(fresh.tenant_id):
        raw = import_raw(
            applicant=fresh, source="bureau", kind="profile", payload=profile, at=now()
        )
        process_import(raw, at=now())

    layer(stage, fresh, "+15155550016")  # shares no number

    told = FieldValue.objects.filter(applicant=fresh)
    assert not HeldSsn.objects.exists()
    assert not told.filter(source="bureau").exists()
    assert not told.filter(source="layer", path="personal_info.ssn_last4").exists()
    with inside(fresh.tenant_id):
        prove_number(lock_applicant(fresh), phone="+12125550142", at=now())
    assert not told.filter(source="layer").exists()
    assert get_prefill(fresh, at=now()).value("personal_info.phone_number") == "+12125550142"
