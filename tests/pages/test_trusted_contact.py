"""Whom the parent trusts: asked in the form, changed and removed later, read by nobody else."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import agreements
from accounts.models import KycProfile, Parent, TrustedContact
from core.models import AuditEntry
from tests.cast import halt, make_known, make_parent, sign_in
from tests.desk.leaks import dump_database, find_traces
from tests.desk.staff import at_the_desk
from tests.pages.answers import KYC
from tests.pages.reading import Page, read
from tests.stage import Stage

FORM, OWN, REMOVE = (
    "/about-you/",
    "/about-you/trusted-contact/",
    "/about-you/trusted-contact/remove/",
)
GRANDMA: dict[str, Any] = {
    "trusted_first_name": "Wilhelmina",
    "trusted_last_name": "Thistledown",
    "trusted_relationship": "PARENT",
    "trusted_phone": "(303) 555-0177",
    "trusted_email": "mina@gran.example",
    "trusted_adult": "on",
}


@pytest.fixture
def parent(db: None) -> Parent:
    return make_parent("custodian@family.example")


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, url: str = FORM, **answers: Any) -> Page:
    """Send a form; None leaves a field empty."""
    whole = (KYC if url == FORM else {}) | GRANDMA | answers
    kept = {name: value for name, value in whole.items() if value is not None}
    return read(client.post(url, kept, follow=True))


def nobody(**more: Any) -> dict[str, Any]:
    return dict.fromkeys(GRANDMA) | more


def verbs() -> list[str]:
    rows = AuditEntry.objects.filter(verb__startswith="trusted_contact.").order_by("id")
    return [row.verb.removeprefix("trusted_contact.") for row in rows]


def test_somebody_is_named_with_the_form(client: Client, parent: Parent) -> None:
    asked = read(client.get(FORM))
    page = send(client)

    contact = TrustedContact.objects.get(parent=parent)
    assert str(agreements.TRUSTED_CONTACT) in asked.text
    assert page.url == "/home/", page.errors
    assert (contact.status, contact.full_name) == ("NAMED", "Wilhelmina Thistledown")
    assert (contact.phone, contact.email) == ("+13035550177", "mina@gran.example")
    assert contact.disclosure == str(agreements.TRUSTED_CONTACT)
    assert contact.disclosure_version == agreements.version_of(contact.disclosure)
    assert verbs() == ["named"]


@pytest.mark.parametrize("answers", [nobody(), nobody(trusted_declined="on")])
def test_who_names_nobody_has_declined(client: Client, answers: dict[str, Any]) -> None:
    asked = read(client.get(FORM))
    page = send(client, **answers)

    contact = TrustedContact.objects.get()
    assert "Leave all of this empty" in asked.text
    assert page.url == "/home/", page.errors
    assert (contact.status, contact.is_adult) == ("DECLINED", False)
    assert contact.first_name is None
    assert contact.answered_at == KycProfile.objects.get().submitted_at
    assert contact.disclosure_version
    assert verbs() == ["declined"]
    assert "You have named nobody" in read(client.get(OWN)).text


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({"trusted_first_name": None}, {"trusted_first_name": "first name"}),
        ({"trusted_last_name": None}, {"trusted_last_name": "last name"}),
        (
            {"trusted_phone": None, "trusted_email": None},
            {"trusted_phone": "a phone number or an e-mail"},
        ),
        ({"trusted_phone": "555"}, {"trusted_phone": "area code"}),
        ({"trusted_phone": None, "trusted_email": "mina"}, {"trusted_email": "e-mail address"}),
        ({"trusted_first_name": "R2D2"}, {"trusted_first_name": "letters of the name"}),
        ({"trusted_relationship": "PIRATE"}, {"trusted_relationship": "choose one"}),
        ({"trusted_adult": None}, {"trusted_adult": "at least 18"}),
        ({"trusted_declined": "on"}, {"trusted_declined": "not both"}),
        (nobody(trusted_adult="on"), {"trusted_first_name": "", "trusted_last_name": "",
                                      "trusted_phone": ""}),
    ],
)  # fmt: skip
def test_half_an_answer_is_named_and_nothing_is_saved(
    client: Client, answers: dict[str, Any], errors: dict[str, str]
) -> None:
    page = send(client, **answers)

    assert page.status == 422
    assert page.errors.keys() == errors.keys()
    assert all(said in page.errors[name] for name, said in errors.items())
    assert not TrustedContact.objects.exists()
    assert not KycProfile.objects.exists()


@pytest.mark.parametrize(
    "answers",
    [
        {"trusted_phone": None},
        {"trusted_email": None, "trusted_relationship": None},
        {"trusted_phone": "+49 30 901820", "trusted_email": None},
    ],
)
def test_one_way_to_reach_the_person_is_enough(client: Client, answers: dict[str, Any]) -> None:
    assert send(client, **answers).url == "/home/"
    assert TrustedContact.objects.get().is_named


def test_a_refused_form_keeps_what_was_typed_and_names_nobody(client: Client) -> None:
    halt("halt-accounts")

    page = send(client)

    assert page.form_to().values["trusted_first_name"] == "Wilhelmina"
    assert not TrustedContact.objects.exists()


@pytest.mark.slow
def test_a_correction_asks_nothing_again_and_changes_nobody(
    stage: Stage, client: Client, parent: Parent
) -> None:
    make_known(parent, last_name="NAME_NOT_MATCH")  # the broker's magic word for this error
    send(client, OWN)
    stage.work()

    asked = read(client.get(FORM))
    sent = send(client, ssn="", **nobody())

    assert not [name for name in asked.form_to().names if name.startswith("trusted")]
    assert OWN in asked.links
    assert sent.url == "/home/"
    assert TrustedContact.objects.get().is_named


def test_who_was_never_asked_is_asked_by_a_correction(
    stage: Stage, client: Client, parent: Parent
) -> None:
    make_known(parent, last_name="NAME_NOT_MATCH")
    stage.work()

    send(client, ssn="")

    assert TrustedContact.objects.get().is_named


def test_somebody_is_named_changed_and_removed_later(client: Client, parent: Parent) -> None:
    make_known(parent)
    empty = read(client.get(OWN))
    named = send(client, OWN)
    again = send(client, OWN)
    changed = send(client, OWN, trusted_phone="(303) 555-0178", trusted_email=None)
    removed = read(client.post(REMOVE, follow=True))
    client.post(REMOVE)

    answers = TrustedContact.objects.order_by("answered_at")
    assert "Whom you named" not in empty.text
    assert "Wilhelmina Thistledown" in named.text
    assert named.forms[-1].values["trusted_phone"] == "(303) 555-0177"
    assert again.status == 200
    assert "(303) 555-0178" in changed.text
    assert "mina@gran.example" not in changed.html
    assert "Nobody is named" in removed.text
    assert [row.status for row in answers] == ["NAMED", "NAMED", "REMOVED"]
    assert [row.replaced_at is None for row in answers] == [False, False, True]
    assert verbs() == ["named", "changed", "removed"]


def test_who_was_never_asked_can_decline(client: Client, parent: Parent) -> None:
    make_known(parent)

    page = read(client.post(REMOVE, follow=True))

    assert "You have named nobody" in page.text
    assert verbs() == ["declined"]


def test_an_empty_page_names_nobody(client: Client) -> None:
    page = send(client, OWN, **nobody())

    assert page.status == 422
    assert {"trusted_first_name", "trusted_last_name", "trusted_phone"} <= page.errors.keys()
    assert not TrustedContact.objects.exists()


def test_a_stranger_sees_and_changes_their_own_alone(client: Client, parent: Parent) -> None:
    send(client)
    stranger = sign_in(make_parent("stranger@elsewhere.example"))

    seen = read(stranger.get(OWN))
    stranger.post(REMOVE)

    assert "Wilhelmina" not in seen.html
    assert TrustedContact.objects.get(parent=parent, replaced_at=None).is_named
    for url in (OWN, REMOVE):
        assert Client().post(url).headers["Location"] == f"/account/login/?next={url}"
    assert client.get(REMOVE).headers["Location"] == OWN


def test_it_is_encrypted_masked_at_the_desk_and_in_no_audit_row(client: Client) -> None:
    send(client)
    desk, contact = at_the_desk(), TrustedContact.objects.get()

    pages = "".join(
        desk.get(f"/admin/accounts/trustedcontact/{path}").content.decode()
        for path in ("", f"{contact.pk}/change/")
    )
    stored = dump_database()
    told = json.dumps(list(AuditEntry.objects.values_list("detail", flat=True)))

    assert "W. T." in pages
    assert "••0177, m••@gran.example" in pages
    for secret in ("Wilhelmina", "Thistledown", "3035550177", "mina@gran"):
        assert secret not in pages
        assert secret not in told
        assert not find_traces(secret, stored)


def test_who_has_to_call_the_person_reads_the_number_and_says_why(client: Client) -> None:
    send(client)
    desk, contact = at_the_desk(), TrustedContact.objects.get()
    path = f"/admin/accounts/trustedcontact/{contact.pk}/act/read/"

    unexplained = desk.post(path, {"reason": ""}).content.decode()
    shown = desk.post(path, {"reason": "The customer answers no call."})

    assert "3035550177" not in unexplained.replace("-", "")
    page = shown.content.decode()
    for text in ("Wilhelmina Thistledown", "(303) 555-0177", "mina@gran.example"):
        assert text in page
    assert "no-store" in shown.headers["Cache-Control"]
    (entry,) = AuditEntry.objects.filter(verb="trusted_contact.read")
    assert entry.detail == {"reason": "The customer answers no call."}
    client.post(REMOVE)
    nobody_now = TrustedContact.objects.get(replaced_at=None)
    gone = f"/admin/accounts/trustedcontact/{nobody_now.pk}/act/read/"
    assert desk.post(gone, {"reason": "-"}).status_code == 404
    assert client.post(path, {"reason": "-"}).status_code == 302  # parents are no staff


def test_the_database_refuses_a_person_nobody_can_reach(client: Client) -> None:
    send(client)

    for changes in ({"phone": None, "email": None}, {"is_adult": False}, {"status": "DECLINED"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TrustedContact.objects.update(**changes)
