"""What people agree to can be read first, is kept by version, and can be ended."""

from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from accounts import documents
from accounts.models import Consent, Withdrawal
from brokerage.models import BankAccount, Case, Notice, Purchase
from core import clock
from core.models import AuditEntry
from prefill.models import Applicant, ApplicantConsent
from prefill.operations import get_own_applicant
from tests.cast import Family, make_known, make_parent, sign_in
from tests.pages.reading import Page, read
from tests.stage import Stage

SLUGS = {"E_SIGN": {"e-sign"}, "BROKER": {"broker", "market-data"}, "UTMA": {"custodial"}}


def post(client: Client, path: str, **sent: Any) -> Page:
    return read(client.post(path, sent, follow=True))


def bank_of(family: Family) -> BankAccount:
    return BankAccount.objects.get(pk=family.bank.pk)


def test_each_consent_names_the_versions_that_were_linked(family: Family) -> None:
    kept = Consent.objects.filter(parent=family.parent)

    for kind, slugs in SLUGS.items():
        consent = kept.get(kind=kind)
        assert set(consent.documents) == slugs
        for slug, version in consent.documents.items():
            page = read(Client().get(f"/agreements/{slug}/{version}/"))
            assert documents.get_document(slug).title in page.text
    link = kept.get(kind="BANK_LINK")  # the bank was linked by its numbers
    assert link.documents == {"bank-debits": documents.get_document("bank-debits").version}
    assert "Security, What you agreed to" in link.text
    entry = AuditEntry.objects.get(verb="consent.given", subject=f"accounts.consent:{link.pk}")
    assert entry.detail["bank-debits"] == link.documents["bank-debits"]


def test_who_signs_up_is_shown_the_terms_and_their_versions_are_kept(db: None) -> None:
    page = read(Client().get("/account/signup/"))
    answers = {"email": "new@family.example", "password1": "correct horse battery"}
    client = Client()
    client.post("/account/signup/", page.form_to().fill(**answers), REMOTE_ADDR="203.0.113.9")

    consent = Consent.objects.get(parent__user__email="new@family.example")

    assert {"/agreements/terms/", "/agreements/privacy/"} <= set(page.links)
    assert consent.kind == "TERMS"
    assert consent.documents == documents.name_versions(["terms", "privacy"])
    assert consent.ip_address == "203.0.113.9"
    assert "terms of use" in consent.text


def test_who_signs_up_in_the_app_agrees_to_the_same(db: None) -> None:
    told = Client().get("/api/agreements").json()
    Client().post(
        "/_allauth/app/v1/auth/signup",
        {"email": "app@family.example", "password": "correct horse battery"},
        content_type="application/json",
    )

    consent = Consent.objects.get(parent__user__email="app@family.example")

    by_slug = {one["slug"]: one["version"] for one in told["agreements"]}
    assert consent.documents == {slug: by_slug[slug] for slug in ("terms", "privacy")}


@pytest.mark.parametrize(
    ("path", "box", "slugs"),
    [
        ("/about-you/", "e_sign", {"e-sign", "broker", "market-data"}),
        ("/children/new/", "agree", {"custodial"}),
        ("/banks/new/", "authorization", {"bank-debits"}),
        ("/children/{child}/add-money/", "authorize", {"bank-debits"}),
        ("/gifts/{gift}/", "authorize", {"bank-debits"}),
        ("/g/{code}/", "", {"giving"}),
    ],
)
def test_what_a_box_agrees_to_is_linked_beside_it(
    family: Family, path: str, box: str, slugs: set[str]
) -> None:
    client = family.client
    if path == "/about-you/":
        client = sign_in(make_parent("new@family.example"))
    address = path.format(child=family.child.pk, gift=family.give().pk, code=family.child.gift_code)

    page = read(client.get(address))

    for slug in slugs:
        assert f"/agreements/{slug}/" in page.links, slug
    if box:
        form = next(form for form in page.forms if box in form.names)
        assert form.values["agreed_version"]


def test_agreement_to_a_text_that_changed_meanwhile_is_void(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    gift = family.give()
    form = read(family.client.get(f"/gifts/{gift.pk}/")).form_to("/approve/")
    sent = form.fill(authorize="on") | {"agreed_version": "of another day"}

    refused = read(family.client.post(f"/gifts/{gift.pk}/approve/", sent))
    gift.refresh_from_db()
    again = refused.form_to("/approve/").fill(authorize="on")
    family.client.post(f"/gifts/{gift.pk}/approve/", again)

    assert refused.status == 422
    assert "has changed" in refused.text
    assert gift.status == "PENDING"
    gift.refresh_from_db()
    assert gift.status == "APPROVED"


def test_the_app_is_told_the_versions_and_refused_an_outdated_one(family: Family) -> None:
    told = family.client.get("/api/agreements").json()
    gift = family.give()

    def approve(version: str) -> Any:
        return family.client.patch(
            f"/api/gifts/{gift.pk}/approve",
            {"authorize": True, "agreedVersion": version},
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )

    refused, taken = approve("2001-01"), approve(told["versions"]["authorize"])

    assert refused.status_code == 400
    assert "has changed" in refused.json()["fields"]["agreedVersion"]
    assert taken.status_code == 200
    assert told["supportEmail"] == "help@stocksprout.example"
    assert told["contactUrl"].endswith("/contact/")
    for one in told["agreements"]:
        assert Client().get("/agreements/" + one["url"].split("/agreements/")[1]).status_code == 200


def test_all_of_it_stands_on_one_page(family: Family) -> None:
    page = read(family.client.get("/agreed/"))
    security = read(family.client.get("/account/2fa/"))

    assert "/agreed/" in security.links
    for consent in Consent.objects.filter(parent=family.parent):
        assert " ".join(consent.text.split()) in page.text
        for slug, version in consent.documents.items():
            assert f"/agreements/{slug}/{version}/" in page.links


def test_many_agreements_have_pages(family: Family) -> None:
    for number in range(45):
        Consent.objects.create(
            parent=family.parent, kind="ACH", text=f"Debit number {number}.", given_at=clock.now()
        )
    seen, path = "", "/agreed/"
    for _round in range(5):
        page = read(family.client.get(path))
        seen += page.text
        older = [link for link in page.links if link.startswith("?page=")]
        path = f"/agreed/{older[-1]}" if older else path

    assert "Debit number 44." in seen
    assert "Debit number 0." in seen


def test_who_ends_electronic_records_signs_nothing_until_they_agree_again(
    family: Family, stage: Stage
) -> None:
    gift = family.give()
    asked = read(family.client.get("/agreed/electronic/end/"))
    ended = post(family.client, "/agreed/electronic/end/")

    form = read(family.client.get(f"/gifts/{gift.pk}/")).form_to("/approve/")
    refused = post(family.client, f"/gifts/{gift.pk}/approve/", **form.fill(authorize="on"))
    gift.refresh_from_db()

    assert "nothing can be signed here" in asked.text
    assert "Papers come by mail from now on." in ended.text
    assert "You ended electronic signatures" in refused.text
    assert gift.status == "PENDING"
    case = Case.objects.get(kind=Case.Kind.PAPER)
    assert (case.parent, case.status) == (family.parent, Case.Status.OPEN)
    assert AuditEntry.objects.filter(verb="consent.withdrawn").count() == 1
    mail.outbox.clear()
    stage.work()
    letters = [one for one in mail.outbox if "electronic records" in one.subject]
    assert [one.to for one in letters] == [[family.parent.user.email]]

    again = post(family.client, "/agreed/electronic/again/")
    post(family.client, f"/gifts/{gift.pk}/approve/", **form.fill(authorize="on"))
    gift.refresh_from_db()

    assert "You can sign here again." in again.text
    assert gift.status == "APPROVED"
    case.refresh_from_db()
    assert case.status == Case.Status.CLOSED


def test_ending_twice_changes_nothing_more(family: Family) -> None:
    for path in ("/agreed/electronic/end/", "/agreed/electronic/end/"):
        last = post(family.client, path)

    assert "You have ended this already." in last.text
    assert Withdrawal.objects.count() == 1


def test_nothing_else_can_be_signed_either(family: Family) -> None:
    post(family.client, "/agreed/electronic/end/")

    numbers = {
        "routing_number": "021000021", "account_number": "111222333",
        "account_number_again": "111222333", "account_type": "CHECKING", "authorization": "on",
    }  # fmt: skip
    bank = read(family.client.post("/banks/new/", numbers))
    money = read(family.client.get(f"/children/{family.child.pk}/add-money/"))
    sent = money.form_to().fill(amount="20", authorize="on")
    added = read(family.client.post(f"/children/{family.child.pk}/add-money/", sent))

    for page in (bank, added):
        assert page.status == 422
        assert "You ended electronic signatures" in page.text


def test_paper_copies_are_a_case_for_staff(family: Family) -> None:
    for _again in range(2):
        page = post(family.client, "/agreed/electronic/paper/")

    assert "A person here has them sent" in page.text
    assert Case.objects.get(kind=Case.Kind.PAPER).parent == family.parent


@pytest.mark.slow
def test_who_ends_the_bank_authorization_is_debited_no_more(
    family: Family, stranger: Family, stage: Stage
) -> None:
    waiting, sent = family.give("30.00"), family.give("40.00")
    started = family.approve(sent)
    stage.work()  # its transfer is under way
    queued = family.approve(waiting)

    page = post(family.client, "/agreed/debits/end/")
    mail.outbox.clear()
    stage.work()
    stage.advance(600)
    stage.work()
    stage.settle_ach()
    stage.work()
    started.refresh_from_db()
    queued.refresh_from_db()

    assert "Nothing more is debited from your banks." in page.text
    assert bank_of(family).status == BankAccount.Status.DISABLED
    assert "You ended the bank authorization" in bank_of(family).refusal
    assert started.status == Purchase.Status.EXECUTED
    assert queued.status == Purchase.Status.FAILED
    assert not queued.deposits.exclude(vendor_id="").exists()
    assert bank_of(stranger).status == BankAccount.Status.ACTIVE
    assert Withdrawal.objects.get().kind == "ACH"
    assert any("is debited no more" in one.subject for one in mail.outbox)
    assert "No bank is linked" not in page.text


def test_a_bank_is_debited_again_only_after_it_was_authorized_again(family: Family) -> None:
    post(family.client, "/agreed/debits/end/")
    gift = family.give()
    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    banks = read(family.client.get("/banks/"))
    before = Consent.objects.filter(parent=family.parent, kind="BANK_LINK").count()

    post(family.client, f"/banks/{family.bank.pk}/verify/")

    assert "Link your bank first" in page.text
    assert "may debit it by ACH" in banks.text
    assert Consent.objects.filter(parent=family.parent, kind="BANK_LINK").count() == before + 1


def test_without_a_bank_there_is_nothing_to_end(stage: Stage) -> None:
    client = sign_in(make_parent("new@family.example"))

    page = post(client, "/agreed/debits/end/")

    assert "No bank is linked" in page.text
    assert not Withdrawal.objects.exists()


def test_who_ends_the_written_instructions_has_deleted_what_was_found(stage: Stage) -> None:
    parent = make_parent("new@family.example")
    applicant = get_own_applicant(parent, at=clock.now())
    ApplicantConsent.objects.create(
        tenant_id=applicant.tenant_id, applicant=applicant, kind="WRITTEN_INSTRUCTIONS",
        text_version="2026-11.x", text="I give my written instructions.", given_at=clock.now(),
    )  # fmt: skip
    client = sign_in(parent)
    before = read(client.get("/agreed/"))

    after = post(client, "/agreed/details/end/")

    assert "I give my written instructions." in before.text
    assert "What we found about you is deleted." in after.text
    assert Applicant.objects.get(pk=applicant.pk).status == Applicant.Status.ERASED
    assert Withdrawal.objects.get().kind == "INSTRUCTIONS"
    assert "We keep nothing" in post(client, "/agreed/details/end/").text


def test_only_who_it_is_about_can_end_it(family: Family, stranger: Family) -> None:
    for path in ("electronic/end/", "debits/end/", "details/end/", "electronic/paper/"):
        answer = Client().post(f"/agreed/{path}")
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")
    post(stranger.client, "/agreed/debits/end/")

    assert bank_of(family).status == BankAccount.Status.ACTIVE
    assert not Withdrawal.objects.filter(parent=family.parent).exists()


def test_a_gift_keeps_which_notice_its_giver_was_shown(family: Family) -> None:
    gift = family.give()

    entry = AuditEntry.objects.get(verb="gift.given", subject=f"gifting.gift:{gift.pk}")

    assert entry.detail["notice"] == documents.get_document("giving").version


def test_handing_in_the_form_again_agrees_again(family: Family) -> None:
    post(family.client, "/agreed/electronic/end/")

    make_known(family.parent)

    assert "You agree to this already." in post(family.client, "/agreed/electronic/again/").text


def test_letters_are_sent_once(family: Family, stage: Stage) -> None:
    opened = Notice.objects.get(kind=Notice.Kind.ACCOUNT_OPENED)
    stage.work()
    stage.work()

    opened.refresh_from_db()
    sent = [one for one in mail.outbox if "account is open" in one.subject]

    assert opened.sent_at is not None
    assert len(sent) <= 1
