"""Whom the parent trusts, over the API: with the form, and by itself."""

import json

import pytest

from accounts.models import KycProfile, Parent, TrustedContact
from brokerage.api import examples
from core.models import AuditEntry
from tests.api.calling import Caller, sign_in_by_app
from tests.api.test_kyc_form import EMAIL, FORM, TRUSTED, URL, body_for, nothing_is_kept, questions
from tests.cast import make_parent
from tests.stage import Stage


@pytest.fixture
def parent(db: None) -> Parent:
    return make_parent(EMAIL)


@pytest.fixture
def phone(parent: Parent) -> Caller:
    return sign_in_by_app(EMAIL)


def test_somebody_is_named_whom_the_parent_trusts(phone: Caller) -> None:
    version = phone.get(FORM).body["trustedContact"]["disclosureVersion"]
    person = examples.TRUSTED_CONTACT_IN | {"disclosureVersion": version}

    for change, field in (
        ({"isAdult": False}, "isAdult"),
        ({"lastName": ""}, "lastName"),
        ({"phone": "", "email": ""}, "phone"),
        ({"email": "robin"}, "email"),
        ({"declined": True}, "declined"),
        ({"relationship": "PIRATE"}, "relationship"),
    ):
        refused = phone.post(URL, body_for(phone, trustedContact=person | change))
        assert refused.problem() == (400, "invalid")
        assert list(refused.fields) == [f"trustedContact.{field}"]
    assert nothing_is_kept()
    taken = phone.post(URL, body_for(phone, trustedContact=person))

    contact = TrustedContact.objects.get()
    assert taken.status == 201, taken.body
    assert (contact.full_name, contact.phone) == ("Robin Sample", "+13035550177")
    assert contact.disclosure_version == version


def test_the_trusted_contact_is_named_changed_and_removed_by_itself(phone: Caller) -> None:
    asked = phone.get(TRUSTED).body
    person = examples.TRUSTED_CONTACT_IN | {"disclosureVersion": asked["disclosureVersion"]}
    for change, code, field in (
        ({"firstName": ""}, "invalid", "firstName"),
        ({"phone": "", "email": ""}, "invalid", "phone"),
        ({"isAdult": False}, "invalid", "isAdult"),
        ({"declined": True}, "invalid", "declined"),
        ({"disclosureVersion": "2025-01.old"}, "consent_outdated", "disclosureVersion"),
    ):
        refused = phone.call("PUT", TRUSTED, json.dumps(person | change))
        assert (refused.problem(), list(refused.fields)) == ((400, code), [field])
    assert not TrustedContact.objects.exists()

    named = phone.call("PUT", TRUSTED, json.dumps(person))
    changed = phone.call("PUT", TRUSTED, json.dumps(person | {"email": ""}))
    removed, again = phone.call("DELETE", TRUSTED), phone.call("DELETE", TRUSTED)

    assert (asked["status"], asked["person"]) == ("not_asked", None)
    assert (named.status, named.body["status"]) == (200, "named")
    assert named.body["person"] == examples.TRUSTED_CONTACT_OUT["person"]
    assert changed.body["person"]["email"] is None
    assert (removed.body["status"], removed.body["person"]) == ("removed", None)
    assert again.body == removed.body
    verbs = AuditEntry.objects.filter(verb__startswith="trusted").order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == [
        "trusted_contact.named", "trusted_contact.changed", "trusted_contact.removed",
    ]  # fmt: skip


def test_only_the_version_of_the_disclosure_is_an_answer_too(phone: Caller) -> None:
    version = phone.get(FORM).body["trustedContact"]["disclosureVersion"]

    sent = phone.post(URL, body_for(phone, trustedContact={"disclosureVersion": version}))

    assert sent.status == 201
    assert TrustedContact.objects.get().status == "DECLINED"


def test_who_has_answered_whom_they_trust_is_not_asked_again(
    stage: Stage, parent: Parent, phone: Caller
) -> None:
    phone.post(URL, body_for(phone))
    KycProfile.objects.update(last_name="NAME_NOT_MATCH")
    stage.work()
    form = phone.get(FORM).body
    version = form["trustedContact"]["disclosureVersion"]

    person = examples.TRUSTED_CONTACT_IN | {"disclosureVersion": version}
    refused = phone.post(URL, body_for(phone, trustedContact=person))
    sent = phone.post(URL, body_for(phone, ssn=None))

    assert not [name for name in questions(form) if name.startswith("trustedContact")]
    assert (refused.problem(), list(refused.fields)) == ((400, "invalid"), ["trustedContact"])
    assert sent.status == 200
    assert KycProfile.objects.get().ssn == "123456789"
    assert TrustedContact.objects.get().status == "DECLINED"
