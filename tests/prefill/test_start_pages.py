"""From a phone number to a form filled in: the parents' pages, without JavaScript."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import KycProfile
from core.models import AuditEntry
from prefill.models import ApplicantConsent, FieldTally, PhoneSession
from tenants.models import Tenant
from tests.cast import sign_in
from tests.pages.answers import KYC, without
from tests.pages.reading import read
from tests.prefill.walking import (
    ALWAYS_WRONG,
    BORN,
    DOWN,
    FINE,
    SECOND_CODE,
    UNKNOWN,
    WRONG,
    Walker,
    fill_in,
)


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
