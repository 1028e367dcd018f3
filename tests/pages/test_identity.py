"""Every outcome of the broker's identity check: what the parent reads and may do, who else hears.

A last name that is the name of an error is that error at the practice broker.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Child, Parent
from accounts.operations import ChildDetails, add_child
from brokerage.models import BrokerAccount, BrokerUser, Case
from brokerage.operations import close_case
from core import clock
from core.models import AuditEntry
from tests.cast import Family, make_child, make_known, make_parent, make_user, sign_in
from tests.pages.reading import Page, read
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

CORRECT, UPLOAD = "Save and continue", "Send a picture of the ID"
LOOKING = "A person is looking at it"
# Error, what the parent reads, what is offered (form, upload, contact), whether compliance hears.
ERRORS: list[tuple[str, str, set[str], bool]] = [
    ("AGE_VALIDATION", "at least 18 years old", {"form"}, False),
    ("POOR_PHOTO_QUALITY", "blurred or too dark", {"upload"}, False),
    ("POOR_DOC_QUALITY", "could not be read", {"upload"}, False),
    ("SUSPECTED_DOCUMENT_FRAUD", LOOKING, set(), True),
    ("INCORRECT_SIDE", "wrong side", {"upload"}, False),
    ("NO_DOC_IN_IMAGE", "No ID was seen", {"upload"}, False),
    ("TWO_DOCS_UPLOADED", "Two IDs were in one picture", {"upload"}, False),
    ("EXPIRED_DOCUMENT", "has expired", {"upload"}, False),
    ("MISSING_BACK", "back is missing", {"upload"}, False),
    ("UNSUPPORTED_DOCUMENT", "does not take this kind of ID", {"upload"}, False),
    ("DOB_NOT_MATCH_ON_DOC", "shows another date of birth", {"form", "upload"}, False),
    ("NAME_NOT_MATCH_ON_DOC", "shows another name", {"form", "upload"}, False),
    ("INVALID_DOCUMENT", "the original, not a copy", {"upload"}, False),
    ("ADDRESS_NOT_MATCH", "street, city, state and ZIP", {"form"}, False),
    ("SSN_NOT_MATCH", "digit by digit", {"form"}, False),
    ("DOB_NOT_MATCH", "Check your date of birth", {"form"}, False),
    ("NAME_NOT_MATCH", "exactly as on your ID", {"form"}, False),
    ("SANCTION_WATCHLIST", LOOKING, set(), True),
    ("SANCTION_OFAC", LOOKING, set(), True),
    ("INVALID_PHONE_NUMBER", "Check your phone number", {"form"}, False),
    ("INVALID_EMAIL_ADDRESS", "Change your e-mail", {"form"}, False),
    ("INVALID_NAME_TOO_LONG", "up to 36 letters", {"form"}, False),
    ("UNSUPPORTED_COUNTRY", "residents of the United States", {"contact"}, True),
    ("AGED_ACCOUNT", "within 30 days", {"contact"}, True),
    ("ACCOUNT_INTEGRITY", LOOKING, set(), True),
]
STATUSES: list[tuple[str, str, set[str], bool]] = [
    ("KYC_NOT_READY", "Look through all answers", {"form"}, False),
    ("KYC_INFO_REQUIRED", "Look through all answers", {"form"}, False),
    ("KYC_DOC_REQUIRED", "A picture of an ID is needed", {"upload"}, False),
    ("KYC_MANUAL_REVIEW", LOOKING, set(), False),
    ("KYC_DENIED", "can not open accounts for you", {"contact"}, True),
    ("KYC_APPROVED", "You are confirmed", set(), False),
]
NEVER = ("sanction", "fraud", "ofac", "watchlist", "watch list", "forged", "K004", "K106", "K107")


def offered(page: Page) -> set[str]:
    """Return what a page lets a parent do."""
    found = {"form"} if CORRECT in page.text or "Correct the details" in page.text else set()
    found |= {"upload"} if UPLOAD in page.text else set()
    return found | ({"contact"} if "mailto:" in page.html else set())


def unnamed(text: str, name: str) -> str:
    """Return a text without a last name, as its bearer and as the broker write it."""
    return text.replace(name, "").replace(name.replace("_", " "), "")


def has_case(user: BrokerUser) -> bool:
    return Case.objects.filter(
        kind="IDENTITY", status="OPEN", subject=f"brokerage.brokeruser:{user.pk}"
    ).exists()


@pytest.mark.slow
def test_each_outcome_of_a_parents_check_reads_plainly(stage: Stage) -> None:
    parents = {}
    for n, (name, *_rest) in enumerate(ERRORS + STATUSES):
        parents[name] = make_parent(f"parent{n}@family.example")
        make_known(parents[name], last_name=name, ssn=f"2345678{n + 10}")
    stage.work()

    wrong: list[Any] = []
    for name, said, allowed, case in ERRORS + STATUSES:
        page = read(sign_in(parents[name]).get("/about-you/"))
        home = read(sign_in(parents[name]).get("/home/"))
        user = BrokerUser.objects.get(parent=parents[name])
        shown = unnamed(page.text + home.text, name)
        found = (said in page.text, offered(page), has_case(user))
        if found != (True, allowed, case):
            wrong.append((name, found, page.text[:300]))
        if any(word.lower() in shown.lower() for word in NEVER):
            wrong.append((name, "says what it must not"))
    assert wrong == []


@pytest.mark.slow
def test_each_outcome_of_a_childs_check_is_shown_on_its_account(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent)
    client = sign_in(parent)
    children = {name: add_named(parent, name, n) for n, (name, *_r) in enumerate(ERRORS)}
    sunny = make_child(parent)
    stage.work()

    settled_by_us = {"ADDRESS_NOT_MATCH", "INVALID_PHONE_NUMBER", "INVALID_EMAIL_ADDRESS"}
    wrong: list[Any] = []
    for name, _said, allowed, case in ERRORS:
        page = read(client.get(f"/children/{children[name].pk}/account/"))
        user = BrokerUser.objects.get(child=children[name])
        expected = ({"contact"}, True) if name in settled_by_us else (allowed, case)
        if (offered(page), has_case(user)) != expected:
            wrong.append((name, offered(page), has_case(user), page.text[:300]))
        if any(word.lower() in unnamed(page.text, name).lower() for word in NEVER):
            wrong.append((name, "says what it must not"))
    assert wrong == []
    assert BrokerAccount.objects.get(child=sunny).status == "OPEN"  # its siblings are no matter
    home = read(client.get("/home/")).text
    assert "Needs your help" in home
    assert "Open" in home


def add_named(parent: Parent, last_name: str, n: int) -> Child:
    details = ChildDetails("Rain", last_name, date(2018, 5, 6), f"3456789{n + 10}", "CO")
    return add_child(parent=parent, details=details, at=clock.now(), ip_address=None)


def test_only_compliance_hears_of_a_list_and_decides_what_the_parent_reads(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent, last_name="SUSPECTED_DOCUMENT_FRAUD")
    stage.work()
    client = sign_in(parent)
    (case,) = Case.objects.filter(kind="IDENTITY")
    assert "document_suspect" in case.summary
    assert LOOKING in read(client.get("/about-you/")).text
    officer = make_user("officer@stocksprout.example")

    close_case(case, by=officer, reason="Another picture will do.", at=stage.now())

    page = read(client.get("/about-you/"))
    assert offered(page) == {"upload"}
    assert LOOKING not in page.text


def test_a_denial_the_broker_takes_back_is_followed(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent, last_name="KYC_DENIED")
    stage.work()
    user = BrokerUser.objects.get(parent=parent)
    assert user.status == "DENIED"

    stage.control("POST", f"users/{user.vendor_id}/kyc", {"status": "KYC_APPROVED"})
    BrokerUser.wake(user.pk, at=stage.now())  # as its event does
    stage.work()

    user.refresh_from_db()
    assert user.status == "APPROVED"


class TestCorrectingAChild:
    @pytest.fixture
    def parent(self, stage: Stage) -> Parent:
        parent = make_parent("custodian@family.example")
        make_known(parent)
        return parent

    @pytest.fixture
    def child(self, stage: Stage, parent: Parent) -> Child:
        child = add_named(parent, "SSN_NOT_MATCH", 1)
        stage.work()
        return child

    @pytest.fixture
    def client(self, parent: Parent) -> Client:
        return sign_in(parent)

    def answers(self, **changes: Any) -> dict[str, Any]:
        answers = {"first_name": "Rain", "last_name": "Sample", "date_of_birth": "2018-05-06"}
        return answers | {"ssn": "345-67-8999"} | changes

    def test_the_account_opens_after_the_correction(
        self, stage: Stage, child: Child, client: Client
    ) -> None:
        url = f"/children/{child.pk}/details/"
        form = read(client.get(url)).form_to()
        assert (form.values["first_name"], form.values["ssn"]) == ("Rain", "")

        sent = read(client.post(url, self.answers(), follow=True))
        again = read(client.post(url, self.answers(), follow=True))
        stage.work()

        child.refresh_from_db()
        assert sent.url == f"/children/{child.pk}/account/"
        assert "We are sending this to the broker" in sent.text
        assert "no correction now" in again.text
        assert (child.last_name, child.ssn, child.ssn_last4) == ("Sample", "345678999", "8999")
        assert BrokerAccount.objects.get(child=child).status == "OPEN"
        assert AuditEntry.objects.filter(verb="child.corrected").count() == 1
        assert "345678999" not in sent.html + again.html

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("ssn", "900-12-3456", "Check each digit"),
            ("date_of_birth", "2000-01-01", "an account of their own"),
            ("first_name", "", "fill this in"),
        ],
    )
    def test_what_can_not_be_is_refused_at_its_field(
        self, child: Child, client: Client, name: str, value: str, said: str
    ) -> None:
        page = read(client.post(f"/children/{child.pk}/details/", self.answers(**{name: value})))

        assert page.status == 422
        assert said in page.errors[name]
        assert Child.objects.get(pk=child.pk).last_name == "SSN_NOT_MATCH"

    def test_a_child_who_is_confirmed_can_not_be_changed(
        self, stage: Stage, parent: Parent, client: Client
    ) -> None:
        sunny = make_child(parent)
        stage.work()

        page = read(client.post(f"/children/{sunny.pk}/details/", self.answers()))

        assert "no correction now" in page.text
        assert Child.objects.get(pk=sunny.pk).first_name == "Sunny"

    def test_a_sweep_finds_a_correction_whose_wake_up_was_lost(
        self, stage: Stage, child: Child, client: Client
    ) -> None:
        client.post(f"/children/{child.pk}/details/", self.answers())
        BrokerUser.objects.filter(child=child).update(next_step_at=None)

        stage.work()

        assert BrokerUser.objects.get(child=child).status == "APPROVED"

    def test_strangers_and_visitors_find_nothing(
        self, child: Child, stranger: Family, anyone: Client
    ) -> None:
        for page in ("account", "details", "documents", "account/close"):
            url = f"/children/{child.pk}/{page}/"
            assert stranger.client.get(url).status_code == 404, url
            assert anyone.get(url).status_code == 302, url
            if page != "account":
                assert stranger.client.post(url, self.answers()).status_code == 404, url
                assert anyone.post(url).status_code == 302, url
