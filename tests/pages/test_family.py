"""People of one family are compared: custodian, children, trusted contact; strangers in quiet."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Child, KycProfile, Parent, TrustedContact
from brokerage.models import Case
from tests.api.calling import sign_in_by_app
from tests.cast import make_child, make_known, make_parent, sign_in
from tests.pages.answers import CHILD, KYC
from tests.pages.reading import Page, read
from tests.stage import Stage

ADD, FORM, TRUSTED = "/children/new/", "/about-you/", "/about-you/trusted-contact/"
EMAIL = "custodian@family.example"
ROBIN: dict[str, Any] = {
    "trusted_first_name": "Robin",
    "trusted_last_name": "Thistledown",
    "trusted_phone": "(303) 555-0177",
    "trusted_adult": "on",
}


@pytest.fixture
def parent(db: None) -> Parent:
    parent = make_parent(EMAIL)
    make_known(parent)
    return parent


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, url: str, answers: dict[str, Any]) -> Page:
    return read(client.post(url, answers, follow=True))


CHILDREN = [
    ({"ssn": "123-45-6789"}, "ssn", "your own number"),
    ({"date_of_birth": "1985-06-15"}, "date_of_birth", "own"),
    ({"date_of_birth": "1984-01-01"}, "date_of_birth", "own"),
    ({"ssn": "234-56-7891"}, "ssn", "added this child already"),
    ({"first_name": "Súnny", "last_name": "SAMPLE", "date_of_birth": "2019-04-01"},
     "first_name", "by this name and birthday"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "said"), CHILDREN)
def test_a_child_who_is_somebody_else_of_the_family_is_refused(
    client: Client, parent: Parent, changes: dict[str, Any], field: str, said: str
) -> None:
    make_child(parent)
    other = {"first_name": "Rain", "ssn": "345-67-8912", "date_of_birth": "2016-02-03"}

    page = send(client, ADD, CHILD | other | changes | {"spelling_seen": "x"})
    if page.status == 200:  # shown how the broker writes it
        page = send(client, ADD, page.form_to().values)

    assert page.status == 422
    assert said in page.errors[field]
    assert Child.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"ssn": "123456789"}, 400, "ssn_of_custodian", "ssn"),
        ({"birthdate": "1984-01-01"}, 400, "not_a_minor", "birthdate"),
        ({"ssn": "234567891"}, 409, "child_known", "ssn"),
    ],
)
def test_the_api_refuses_the_same(
    parent: Parent, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    make_child(parent)
    body = {
        "firstName": "Rain", "lastName": "Sample", "birthdate": "2016-02-03",
        "ssn": "345678912", "governingState": "CO", "agreeToUtma": True,
    }  # fmt: skip

    refused = sign_in_by_app(EMAIL).post("/api/children", body | changes)

    assert refused.problem() == (status, code)
    assert list(refused.fields) == [field]
    assert Child.objects.count() == 1


def test_a_custodian_little_older_than_the_child_has_to_say_so(
    client: Client, parent: Parent
) -> None:
    KycProfile.objects.update(date_of_birth=date(2006, 1, 1))  # a sister of 20

    asked = send(client, ADD, CHILD | {"date_of_birth": "2012-05-05"})
    taken = send(client, ADD, CHILD | {"date_of_birth": "2012-05-05", "ages_confirmed": "on"})

    assert "less than 13 years older" in asked.errors["date_of_birth"]
    assert "ages_confirmed" in asked.errors
    assert taken.url == f"/children/{Child.objects.get().pk}/"


def test_a_child_as_old_as_the_custodian_is_refused_whatever_is_ticked(
    client: Client, parent: Parent
) -> None:
    KycProfile.objects.update(date_of_birth=date(2012, 5, 5))

    page = send(client, ADD, CHILD | {"date_of_birth": "2012-05-05", "ages_confirmed": "on"})

    assert "not younger than you" in page.errors["date_of_birth"]


def test_a_custodian_can_not_take_a_childs_number_in_a_correction(
    stage: Stage, client: Client, parent: Parent
) -> None:
    KycProfile.objects.update(last_name="SSN_NOT_MATCH")
    make_child(parent)
    stage.work()

    number = send(client, FORM, KYC | {"ssn": "234-56-7891", "last_name": "Sample"})
    born = send(client, FORM, KYC | {"date_of_birth": "1930-01-01", "ssn": ""})

    assert "number you gave for Sunny" in number.errors["ssn"]
    assert born.url == "/home/"
    assert KycProfile.objects.get().ssn == "123456789"


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"trusted_phone": "(303) 555-0123"}, "trusted_phone", "your own number"),
        ({"trusted_email": "Custodian@Family.example"}, "trusted_email", "your own e-mail"),
        ({"trusted_first_name": "PAT", "trusted_last_name": "Sample"}, "trusted_first_name",
         "your own name"),
        ({"trusted_first_name": "Sunny", "trusted_last_name": "Sample"}, "trusted_first_name",
         "name of your child"),
    ],
)  # fmt: skip
def test_a_trusted_contact_is_another_grown_up_person(
    client: Client, parent: Parent, changes: dict[str, Any], field: str, said: str
) -> None:
    make_child(parent)

    page = send(client, TRUSTED, ROBIN | changes)
    namesake = send(client, TRUSTED, ROBIN | changes | {"trusted_relationship": "PARENT"})

    assert page.status == 422
    assert said in page.errors[field]
    is_name = field == "trusted_first_name"
    assert (namesake.status == 200) is is_name  # a father of the same name is another person
    assert TrustedContact.objects.filter(status="NAMED").exists() is is_name


def test_the_phone_of_the_trusted_contact_is_not_the_customers(
    stage: Stage, client: Client, parent: Parent
) -> None:
    KycProfile.objects.update(last_name="SSN_NOT_MATCH")
    send(client, TRUSTED, ROBIN)
    stage.work()

    page = send(client, FORM, KYC | {"phone": "(303) 555-0177"})

    assert "number of your trusted contact" in page.errors["phone"]


@pytest.mark.slow
def test_a_number_another_family_gave_is_the_desks_to_know_alone(
    stage: Stage, client: Client, parent: Parent
) -> None:
    stranger = make_parent("stranger@other.example")
    make_known(stranger, ssn="345678912")
    make_child(stranger, ssn="456789123")
    stage.work()

    as_parent = send(client, ADD, CHILD | {"ssn": "345-67-8912"})
    as_child = send(client, ADD, CHILD | {"ssn": "456-78-9123", "first_name": "Rain"})
    stage.work()

    assert "is added" in as_parent.text
    assert "is added" in as_child.text
    cases = Case.objects.filter(kind="NUMBER")
    assert cases.count() == 2
    for case in cases:
        assert "345678912" not in case.summary
        assert "stranger" not in case.summary
    for page in ("/home/", "/about-you/"):
        assert "another family" not in read(client.get(page)).text
