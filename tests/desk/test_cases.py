"""Cases: opened by the system, closed by staff with a finding."""

import pytest
from django.test import Client
from django.urls import reverse

from brokerage.models import BrokerUser, Case, IdDocument
from brokerage.operations import open_case
from core.models import AuditEntry
from tests.cast import Family
from tests.desk.staff import at_the_desk


@pytest.fixture
def case(family: Family) -> Case:
    return open_case(
        Case.Kind.BREAK, family.account, summary="Books differ.", at=family.stage.now()
    )


@pytest.fixture
def desk(family: Family) -> Client:
    return at_the_desk()


def url(case: Case, action: str = "close") -> str:
    return reverse("admin:brokerage_case_act", args=[case.pk, action])


def test_a_case_is_closed_with_a_finding(case: Case, desk: Client) -> None:
    desk.post(url(case), {"reason": "The broker corrected it."})

    case.refresh_from_db()
    assert (case.status, case.finding) == ("CLOSED", "The broker corrected it.")
    assert AuditEntry.objects.filter(verb="case.closed").count() == 1


def test_without_a_finding_it_stays_open(case: Case, desk: Client) -> None:
    answer = desk.post(url(case), {"reason": " "})

    case.refresh_from_db()
    assert case.status == "OPEN"
    assert "This field is required" in answer.content.decode()


def test_closed_it_has_no_button_any_more(case: Case, desk: Client) -> None:
    page = reverse("admin:brokerage_case_change", args=[case.pk])
    assert "Close the case" in desk.get(page).content.decode()
    desk.post(url(case), {"reason": "Looked into."})

    assert "Close the case" not in desk.get(page).content.decode()
    assert desk.post(url(case), {"reason": "Again."}).status_code == 404


def test_an_action_nobody_offers_is_not_found(case: Case, desk: Client) -> None:
    assert desk.get(url(case, "delete-all")).status_code == 404


def test_a_parent_can_not_close_it(case: Case, family: Family) -> None:
    assert family.client.post(url(case), {"reason": "No."}, follow=True).status_code == 403

    case.refresh_from_db()
    assert case.status == "OPEN"


def test_the_same_trouble_opens_one_case(case: Case, family: Family) -> None:
    again = open_case(Case.Kind.BREAK, family.account, summary="Again.", at=family.stage.now())

    assert again == case


def test_a_person_is_shown_with_problems_pictures_and_cases(family: Family, desk: Client) -> None:
    user = BrokerUser.objects.get(parent=family.parent)
    IdDocument.objects.create(
        holder=user, kind="PASSPORT", content="c2VjcmV0", created_at=family.stage.now()
    )
    open_case(Case.Kind.IDENTITY, user, summary="Looks odd.", at=family.stage.now())

    page = desk.get(reverse("admin:brokerage_brokeruser_change", args=[user.pk])).content.decode()

    for shown in ("KYC_APPROVED", "Passport, front (About to be sent)", "Looks odd. Open."):
        assert shown in page
    assert "c2VjcmV0" not in page
