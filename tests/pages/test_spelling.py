"""Names and addresses the broker writes otherwise: shown once, sent so, kept as they were typed."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Child, KycProfile, Parent, TrustedContact
from brokerage.models import BrokerUser
from core import clock
from tests.cast import make_known, make_parent, sign_in
from tests.pages.answers import CHILD, KYC
from tests.pages.reading import Page, read
from tests.stage import Stage

FORM, ADD, TRUSTED = "/about-you/", "/children/new/", "/about-you/trusted-contact/"
LOOK = "the broker writes this in its own letters"
OBRIEN: dict[str, Any] = {
    "first_name": "José",
    "last_name": "O’Brien-Łukasz",
    "street1": "12½ Elm St.",
    "street2": "#4B",
    "city": "St. Louis",
}


@pytest.fixture
def parent(db: None) -> Parent:
    return make_parent("custodian@family.example")


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, url: str, answers: dict[str, Any]) -> Page:
    return read(client.post(url, answers, follow=True))


def again(client: Client, page: Page, **changes: Any) -> Page:
    """Press the button of a page that came back, with what stands in it."""
    return send(client, page.url, page.form_to().fill(**changes))


def at_broker(stage: Stage, name: str) -> dict[str, Any]:
    """Return what the broker holds of a person of this first name."""
    users = stage.box.world.drivewealth.users
    return next(user.documents for user in users if user.basic["firstName"] == name)


def test_what_the_broker_writes_otherwise_is_shown_once_and_kept_here(
    stage: Stage, client: Client, parent: Parent
) -> None:
    shown = send(client, FORM, KYC | OBRIEN)

    assert shown.status == 200
    assert LOOK in shown.text
    for sent in ("Jose", "OBrien-Lukasz", "12 1-2 Elm St.", "Unit 4B", "St Louis"):
        assert sent in shown.text
    assert "123-45-6789" not in shown.html
    assert "123456789" not in shown.html
    assert not KycProfile.objects.exists()

    taken = again(client, shown)
    stage.work()

    profile = KycProfile.objects.get()
    assert taken.url == "/home/", taken.errors
    assert (profile.first_name, profile.last_name) == ("José", "O’Brien-Łukasz")
    assert (profile.street1, profile.street2, profile.city) == ("12½ Elm St.", "#4B", "St. Louis")
    assert profile.ssn == "123456789"  # typed once
    held = at_broker(stage, "Jose")
    assert held["BASIC_INFO"]["lastName"] == "OBrien-Lukasz"
    assert held["ADDRESS_INFO"]["street1"] == "12 1-2 Elm St."
    assert held["ADDRESS_INFO"]["city"] == "St Louis"
    assert held["DISCLOSURES"]["signedBy"] == "Jose OBrien-Lukasz"
    assert BrokerUser.objects.get(parent=parent).status == "APPROVED"


def test_a_spelling_changed_after_it_was_shown_is_shown_again(client: Client) -> None:
    shown = send(client, FORM, KYC | {"last_name": "Muñoz"})

    other = again(client, shown, last_name="Nuñez")

    assert LOOK in other.text
    assert "Nunez" in other.text
    assert not KycProfile.objects.exists()


def test_nothing_is_shown_where_nothing_differs(client: Client) -> None:
    assert send(client, FORM, KYC).url == "/home/"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("first_name", "王", "王"),
        ("last_name", "Юрьева", "Social Security card"),
        ("city", "29 Palms", "29"),
        ("street1", "北京路 1", "letters A to Z"),
        ("last_name", "Ǽ" * 19, "too long"),
    ],
)
def test_what_has_no_spelling_there_is_asked_for_at_its_field(
    client: Client, name: str, value: str, said: str
) -> None:
    page = send(client, FORM, KYC | {name: value})

    assert page.status == 422
    assert said in page.errors[name]
    assert not KycProfile.objects.exists()


def test_a_sealed_number_opens_for_nobody_else_and_not_for_long(
    stage: Stage, client: Client
) -> None:
    values = send(client, FORM, KYC | OBRIEN).form_to().values
    stranger = sign_in(make_parent("stranger@family.example"))

    for who, seconds in ((stranger, 0), (client, 31 * 60)):
        stage.advance(seconds)
        refused = send(who, FORM, values)
        assert "fill this in" in refused.errors["ssn"]
    assert not KycProfile.objects.exists()


def test_a_childs_name_is_shown_and_sent_likewise(
    stage: Stage, client: Client, parent: Parent
) -> None:
    make_known(parent)

    shown = send(client, ADD, CHILD | {"first_name": "Chloë", "last_name": "D'Angelo"})
    added = again(client, shown)
    stage.work()

    child = Child.objects.get()
    assert "Chloe" in shown.text
    assert "DAngelo" in shown.text
    assert added.url == f"/children/{child.pk}/"
    assert (child.first_name, child.ssn) == ("Chloë", "234567891")
    assert at_broker(stage, "Chloe")["BASIC_INFO"]["lastName"] == "DAngelo"
    assert BrokerUser.objects.get(child=child).status == "APPROVED"


def test_a_trusted_contact_of_another_alphabet_is_shown(client: Client, parent: Parent) -> None:
    make_known(parent)
    answers = {
        "trusted_first_name": "Zoë",
        "trusted_last_name": "Nguyễn",
        "trusted_phone": "(303) 555-0177",
        "trusted_adult": "on",
    }

    shown = send(client, TRUSTED, answers)
    again(client, shown)

    assert "Nguyen" in shown.text
    assert TrustedContact.objects.get(status="NAMED").last_name == "Nguyễn"


def test_names_from_before_that_have_no_spelling_are_asked_for(
    stage: Stage, client: Client, parent: Parent
) -> None:
    make_known(parent)
    KycProfile.objects.update(first_name="王", submitted_at=clock.now())
    stage.work()

    page = read(client.get(FORM))

    user = BrokerUser.objects.get(parent=parent)
    assert (user.status, user.problems) == ("NEEDS_INFO", ["name_letters"])
    assert "only in the letters A to Z" in page.text
    assert stage.state()["users"] == []


def test_the_broker_who_has_another_name_than_we_sent_is_a_case(
    stage: Stage, parent: Parent
) -> None:
    from brokerage.models import Case

    make_known(parent, last_name="O'Brien")
    stage.work(rounds=1)
    (user,) = stage.box.world.drivewealth.users
    user.documents["BASIC_INFO"]["lastName"] = "Obama"
    stage.work()

    (case,) = Case.objects.filter(kind="IDENTITY")
    assert "another name than we sent" in case.summary
    assert "O'Brien" not in case.summary
