"""From a phone number to a form filled in: the parents' pages, without JavaScript."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import KycProfile, Parent
from accounts.operations import KycAnswers
from brokerage.models import BankAccount
from brokerage.prefilled import submit_answers
from core.models import AuditEntry
from prefill.models import Applicant, ApplicantConsent, FieldTally, HeldSsn, PhoneSession
from tenants.models import Tenant
from tests.cast import KYC as CAST
from tests.cast import halt, make_known, make_parent, resume, sign_in
from tests.pages.answers import KYC, without
from tests.pages.reading import Page, read
from tests.prefill.walking import (
    ALWAYS_WRONG,
    BORN,
    DOWN,
    FINE,
    SECOND_CODE,
    UNKNOWN,
    WRONG,
    Walker,
)
from tests.stage import Stage

PERSON = {
    "phoneNumber": "+13035550100", "firstName": "Robin", "lastName": "Vendor",
    "emailAddress": "robin@vendor.example", "ssnLastFourDigits": "4321", "dob": BORN,
    "addressLine1": "9 Vendor Way", "city": "Boulder", "state": "CO", "zip": "80301",
}  # fmt: skip
LEFT_TO_ASK = {
    name: value
    for name, value in KYC.items()
    if name not in {"first_name", "last_name", "date_of_birth", "phone", "street1", "street2",
                    "city", "state", "postal_code"}
}  # fmt: skip


@pytest.fixture
def parent(stage: Stage) -> Parent:
    stage.control("POST", "spinwheel/people", PERSON)
    return make_parent("newcomer@family.example")


@pytest.fixture
def walker(stage: Stage, parent: Parent) -> Walker:
    return Walker(stage, parent).sign_in()


@pytest.fixture
def outsider(stage: Stage, parent: Parent) -> Walker:
    return Walker(stage, make_parent("stranger@elsewhere.example")).sign_in()


def fill_in(walker: Walker, page: Page, **changes: Any) -> Page:
    return walker.submit(page, page.url, **(LEFT_TO_ASK | changes))


def test_a_code_by_text_fills_the_form_and_what_is_typed_stands_above(walker: Walker) -> None:
    asked = walker.ask_for_code()
    review = walker.enter(asked)
    form = review.form_to()
    found = {name: form.values[name] for name in ("first_name", "street1", "state", "phone")}
    home = fill_in(walker, review, city="Denver")

    profile = KycProfile.objects.get(parent=walker.parent)
    assert "ending in 0100" in asked.text
    assert "Step 2 of 3" in review.text
    assert found == {
        "first_name": "Robin", "street1": "9 Vendor Way", "state": "CO", "phone": "(303) 555-0100",
    }  # fmt: skip
    assert "from your credit file" in review.text
    assert "your verified phone" in review.text
    assert home.url == "/home/"
    assert (profile.first_name, profile.city, profile.date_of_birth) == (
        "Robin", "Denver", date(1980, 2, 3),
    )  # fmt: skip
    edited = {row.path: (row.shown, row.edited) for row in FieldTally.objects.all()}
    assert edited["addresses"] == (1, 1)
    assert edited["personal_info.first_name"] == (1, 0)
    assert len(walker.texts()) == 1
    assert walker.open("/start/").url == "/home/"
    consent = ApplicantConsent.objects.get()
    assert (consent.ip_address, "Fair Credit Reporting Act" in consent.text) == ("127.0.0.1", True)


def test_who_would_rather_type_can_at_every_step(walker: Walker) -> None:
    pages = [walker.open("/start/"), walker.ask_for_code(), walker.open("/start/bank/")]
    review = walker.open("/about-you/")
    home = walker.submit(review, **KYC)

    assert all("/about-you/" in page.links for page in pages)
    assert home.url == "/home/"
    assert KycProfile.objects.get().first_name == "Pat"


def test_what_is_missing_or_wrong_is_said_at_its_field(walker: Walker) -> None:
    page = walker.open("/start/")
    empty = walker.submit(page)
    young = walker.submit(page, phone_number=FINE, date_of_birth="2015-01-01", instructions="on")
    abroad = walker.submit(
        page, phone_number="+44 20 7946 0018", date_of_birth=BORN, instructions="on"
    )

    assert set(empty.errors) == {"phone_number", "date_of_birth", "instructions"}
    assert "at least 18" in young.errors["date_of_birth"]
    assert "US phone number" in abroad.errors["phone_number"]
    assert young.form_to().values["phone_number"] == FINE
    assert not walker.texts()


def test_wrong_codes_are_counted_and_then_another_way_is_shown(walker: Walker) -> None:
    page = walker.ask_for_code(ALWAYS_WRONG)
    malformed = walker.enter(page, "12345")
    first = walker.enter(page, WRONG)
    walker.enter(page, WRONG)
    last = walker.enter(page, WRONG)

    assert "six digits" in malformed.errors["verification_code"]
    assert "You have 2 tries left" in first.errors["verification_code"]
    assert last.url == "/start/bank/"
    assert "too many wrong codes" in last.text
    assert "/about-you/" in last.links
    assert PhoneSession.objects.get().attempts == 3


def test_another_text_waits_and_ends_the_code_before(walker: Walker) -> None:
    page = walker.ask_for_code()
    early = walker.submit(page, "/resend/")
    form = walker.open("/start/phone/")
    again = walker.submit(form, phone_number=FINE, date_of_birth=BORN, instructions="on")
    texts = len(walker.texts())
    walker.stage.advance(31)
    later = walker.submit(page, "/resend/")
    old = walker.enter(later)
    review = walker.enter(old, SECOND_CODE)

    assert "another text in" in early.text
    assert again.url == page.url
    assert texts == 1
    assert "a new code" in later.text
    assert "not the code" in old.text
    assert review.url == "/about-you/"
    assert len(walker.texts()) == 2


def test_nobody_agrees_to_a_new_text_by_asking_for_another_code(walker: Walker) -> None:
    asked = walker.ask_for_code()
    walker.stage.advance(301)  # that session is over; another one records what was agreed to
    Tenant.objects.filter(slug="stocksprout").update(display_name="Somebody Else Inc.")

    page = walker.submit(asked, "/resend/")

    assert "The text to agree to has changed" in page.text
    assert ApplicantConsent.objects.count() == 1
    assert len(walker.texts()) == 1
    assert page.url == "/start/phone/"


def test_leaving_and_coming_back_on_any_device_shows_the_right_step(walker: Walker) -> None:
    waiting = walker.ask_for_code()
    elsewhere = Walker(walker.stage, walker.parent).sign_in()
    there = elsewhere.open("/start/")
    elsewhere.enter(there)
    back = walker.open("/start/")
    twice = walker.enter(waiting)
    other_number = walker.open("/start/phone/")

    assert there.url == waiting.url
    assert back.url == "/about-you/"
    assert twice.url == "/about-you/"
    assert other_number.status == 200


@pytest.mark.parametrize(
    ("phone", "said"),
    [(UNKNOWN, "could not find your details"), (DOWN, "can not send texts")],
)
def test_who_is_not_found_or_not_reached_is_led_to_the_bank(
    walker: Walker, phone: str, said: str
) -> None:
    page = walker.ask_for_code(phone)
    if phone == UNKNOWN:
        page = walker.enter(page)

    assert page.url == "/start/bank/"
    assert said in page.text
    assert "/about-you/" in page.links
    assert walker.open("/start/").url == "/start/bank/"


def test_a_code_that_took_too_long_leads_back(walker: Walker) -> None:
    page = walker.ask_for_code()
    walker.stage.advance(301)

    late = walker.enter(page)
    seen = walker.open(page.url)

    assert late.url == seen.url == "/start/phone/"
    assert "ask for a new one" in late.text


def test_nobody_elses_session_is_found(walker: Walker, outsider: Walker) -> None:
    page = walker.ask_for_code()
    outsider.open("/start/")

    for path in (page.url, f"{page.url}resend/"):
        assert outsider.client.post(path, HTTP_X_CSRFTOKEN="").status_code == 403
        assert (
            sign_in(outsider.parent).post(path, {"verification_code": "123456"}).status_code == 404
        )
    assert sign_in(outsider.parent).get(page.url).status_code == 404
    assert PhoneSession.objects.get().attempts == 0
    assert Client().get(page.url).status_code == 302


def test_a_form_half_filled_in_is_kept_but_for_the_number(walker: Walker) -> None:
    page = walker.open("/about-you/")
    saved = walker.submit(page, **(without(KYC, "city") | {"later": "1", "phone": "wrong"}))
    back = walker.open("/start/").form_to()
    walker.submit(walker.open("/about-you/"), **KYC, later="1")
    whole = walker.open("/about-you/")

    assert saved.url == "/home/"
    assert not KycProfile.objects.exists()
    assert (back.values["first_name"], back.values["annual_income"]) == ("Pat", "90000")
    assert (back.values["ssn"], back.values["phone"], back.values["city"]) == ("", "", "")
    assert whole.form_to().values["city"] == "Denver"
    assert "you typed this" in whole.text


def test_a_refused_form_keeps_what_was_typed(walker: Walker) -> None:
    review = walker.enter(walker.ask_for_code())
    page = fill_in(walker, review, first_name="Robyn", postal_code="wrong")

    form = page.form_to()
    assert page.status == 422
    assert (form.values["first_name"], form.values["postal_code"]) == ("Robyn", "wrong")
    assert form.values["street1"] == "9 Vendor Way"


def test_plaids_number_is_used_once_and_shown_nowhere(walker: Walker) -> None:
    assert walker.pass_layer().status_code == 200
    review = walker.open("/start/")
    ssn = HeldSsn.objects.get().ssn
    halt("halt-accounts")
    refused = fill_in(walker, review, ssn="", street2="")
    kept = HeldSsn.objects.exists()
    resume("halt-accounts")
    choose = fill_in(walker, refused, ssn="")

    profile = KycProfile.objects.get(parent=walker.parent)
    assert f"ending in {ssn[-4:]} from Plaid" in review.text
    assert "from Plaid" in review.text
    assert (refused.status, kept) == (422, True)
    assert profile.ssn == ssn
    assert not HeldSsn.objects.exists()
    assert choose.url == "/banks/choose/", choose.errors
    assert not walker.texts()
    for page in walker.seen:
        assert ssn not in page.html
        assert f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}" not in page.html


def test_a_typed_number_is_taken_and_plaids_goes(walker: Walker) -> None:
    walker.pass_layer()

    fill_in(walker, walker.open("/start/"), ssn="123-45-6789")

    assert KycProfile.objects.get().ssn == "123456789"
    assert not HeldSsn.objects.exists()


def test_plaids_number_is_not_used_for_another_person(walker: Walker) -> None:
    walker.pass_layer()
    review = walker.open("/start/")

    refused = fill_in(walker, review, ssn="", date_of_birth="1981-02-03", first_name="Sam")
    taken = fill_in(walker, refused, ssn="123-45-6789", date_of_birth="1981-02-03")

    assert "came with another date of birth" in refused.errors["ssn"]
    assert taken.url == "/banks/choose/"
    assert KycProfile.objects.get().ssn == "123456789"
    assert not HeldSsn.objects.exists()


def test_a_correction_keeps_the_number_that_was_handed_in(walker: Walker) -> None:
    """Handed in by another way (the app) while Plaid's number is held here."""
    walker.pass_layer()
    make_known(walker.parent, ssn="123456789", last_name="NAME_NOT_MATCH")
    walker.stage.work()
    answers = KycAnswers.from_mapping(CAST | {"ssn": "", "city": "Boulder"})

    submit_answers(parent=walker.parent, answers=answers, at=walker.stage.now(), ip_address=None)

    profile = KycProfile.objects.get(parent=walker.parent)
    assert (profile.ssn, profile.city) == ("123456789", "Boulder")
    assert not HeldSsn.objects.exists()


def test_a_connected_account_is_linked_without_its_numbers(
    walker: Walker, outsider: Walker
) -> None:
    walker.pass_layer()
    choose = fill_in(walker, walker.open("/start/"), ssn="")
    account = choose.form_to().pick("account", "Checking ••0000")
    unsure = walker.submit(choose, account=account)
    walker.stage.work()
    make_known(outsider.parent, ssn="321456789")
    foreign = sign_in(outsider.parent).post("/banks/choose/", {"account": account})
    home = walker.submit(choose, account=account, authorization="on")
    again = walker.submit(choose, account=account, authorization="on")
    walker.stage.work()

    bank = BankAccount.objects.get()
    assert "authorization" in unsure.errors
    assert foreign.status_code == 422
    assert home.url == "/home/"
    assert again.status == 422
    assert (bank.parent, bank.source, bank.last4, bank.status) == (
        walker.parent, "PLAID", "0000", "ACTIVE",
    )  # fmt: skip


def test_a_connection_is_repaired_and_removed_by_its_owner_alone(
    walker: Walker, outsider: Walker
) -> None:
    walker.pass_layer()
    item = Applicant.objects.get(parent=walker.parent).items.order_by("created_at").first()
    assert item
    walker.stage.control("POST", f"plaid/items/{item.item_id}", {"error": "ITEM_LOGIN_REQUIRED"})
    walker.stage.advance(25 * 3600)
    walker.stage.work()
    item.refresh_from_db()
    page = walker.open("/banks/")
    remove = f"/banks/connections/{item.pk}/remove/"
    foreign = sign_in(outsider.parent).post(remove).status_code
    asked = walker.open(remove)
    removed = walker.submit(asked)

    assert f"Reconnect {item.institution_name}" in page.text
    assert "wants you to sign in again" in page.text
    assert foreign == 404
    assert "Plaid ends our access" in asked.text
    assert removed.url == "/banks/"
    assert remove not in removed.links


def test_the_script_is_answered_its_own_person_only(walker: Walker, outsider: Walker) -> None:
    walker.open("/start/phone/")
    started = walker.ask("/links/", kind="layer").json()
    outsider.open("/start/phone/")
    path = f"/links/{started['session']}/events/"

    left = walker.ask(path, name="EXIT").json()

    assert left == {"next": "/start/phone/"}
    assert outsider.ask(path, name="EXIT").status_code == 404
    assert Client().post(path).status_code == 401
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert walker.ask("/links/", kind="layer", item="nonsense").status_code == 404
    assert walker.ask("/links/finish/").status_code == 400
    nested = b"[" * 100_000 + b"]" * 100_000
    deep = sign_in(walker.parent).post("/links/", nested, content_type="application/json")
    assert deep.status_code == 400


def test_only_pages_with_plaids_script_let_it_in(walker: Walker, stage: Stage) -> None:
    def policy(path: str) -> str:
        return str(walker.client.get(path).headers["Content-Security-Policy"])

    def opener(path: str) -> str:
        return str(walker.client.get(path).headers["Cross-Origin-Opener-Policy"])

    for path in ("/start/phone/", "/start/bank/", "/banks/"):
        assert stage.box.url in policy(path)
        assert opener(path) == "same-origin-allow-popups"
    for path in ("/home/", "/about-you/", "/banks/new/"):
        assert opener(path) == "same-origin"
        assert "http" not in policy(path)
    assert all(not page.inline for page in walker.seen)


def test_the_audit_trail_tells_each_step_and_no_personal_data(walker: Walker) -> None:
    fill_in(walker, walker.enter(walker.ask_for_code()), first_name="Robyn")

    rows = AuditEntry.objects.all()
    verbs = {row.verb for row in rows}
    told = " ".join(f"{row.subject} {row.detail}" for row in rows)
    assert {"phone_session.code_sent", "phone_session.verified", "prefill.edited"} <= verbs
    for secret in ("5550100", "Robin", "Robyn", "Vendor", BORN, "newcomer@"):
        assert secret not in told


def test_a_member_of_a_company_finds_its_portal_in_the_menu(walker: Walker) -> None:
    from tenants.models import Membership, Role, Tenant

    before = walker.open("/home/").links
    company = Tenant.objects.create(slug="acme", name="Acme")
    Membership.objects.create(
        tenant=company, user=walker.parent.user, role=Role.DEVELOPER, created_at=walker.stage.now()
    )

    assert "/tenant/" not in before
    assert "/tenant/" in walker.open("/home/").links
    assert read(walker.client.get("/tenant/", follow=True)).url == "/tenant/acme/"
