"""Every sentence that promises something, or sends people somewhere, has its deed.

A new one fails here until an entry names what is done: a page, a mail, an operation, a button at
the desk. An entry without a sentence fails too.
"""

import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.template.loader import get_template
from django.urls import get_resolver

from brokerage.models import Case, Letter, Notice
from brokerage.words.notices import _WORDS
from gifting.models import Note
from tests.pages.reading import Browser
from tests.promises import PROMISE, collect

OPS = "code:brokerage.operations:"
WRITE = "desk:brokerage.Case:write"
# What a sentence says, by a part of it -> where it is done.
DEEDS: list[tuple[str, list[str]]] = [
    # --- people who write to us, and whom we write to
    (r"we look at it with you", ["url:contact", WRITE]),
    (r"[Tt]ell us and your bank|tell us when somebody", ["url:contact"]),
    (r"a person reads it|We answer by e-mail", ["url:contact", WRITE]),
    (r"[Aa]sk us (to|for)|ask us to list", ["url:contact"]),
    (r"We will tell you when it is", ["notice:ACCOUNT_OPENED"]),
    (r"We will write to you", ["letter:CHECK"]),
    (r"look into it and write to you|and writes to you|write to you if we need|why, and write", [
        WRITE]),
    (r"StockSprout writes to you", ["notice:FROM_STAFF", WRITE]),
    (r"A person here asks|a person here (asks|looks)|looking at it", [
        "case:ACCOUNT", "case:IDENTITY"]),
    (r"We write to you about this gift only", [
        "note:GIVEN_GIVER", "note:BOUGHT_GIVER", "note:DECLINED_GIVER"]),
    (r"^We write to$", ["note:GIVEN_GIVER"]),
    (r"write about each of your gifts", ["note:GIVEN_GIVER", "url:confirm-giver"]),
    (r"once we open accounts in|Have us write to you once|one mail once yours is open", [
        "desk:accounts.UtmaRule:tell-waiting", "url:waiting-list"]),
    (r"Nothing else is ever sent there|Shall we forget your address", ["url:leave-waiting"]),
    (r"a reason we look into|We look into it", ["case:RETURN_RISK", WRITE]),
    (r"until then we keep it", ["code:brokerage.operations:tell_contact"]),
    (r"^You get an e-mail", ["letter:CHECK", "note:FAILED_PARENT",
                             "template:brokerage/email/deposit_ended.txt"]),
    (r"link to choose a new one", ["template:account/email/password_reset_key_message.txt"]),
    (r"we send (you a new one|another)", ["template:account/email/email_confirmation_message.txt"]),
    (r"call this person|write to this person|[Ww]hom may we call|we may call", [
        "desk:accounts.TrustedContact:read", "url:trusted-contact"]),
    # --- what can be ended, removed or taken back
    (r"paper copies|ha(ve|s) them sent|send papers to you by mail|charge nothing for them", [
        "url:ask-for-paper", "case:PAPER", "notice:E_SIGN_ENDED"]),
    (r"withdraw this at any time|end this agreement|Agree to them again|can be ended", [
        "url:end-e-sign", "url:agree-again", "url:consents"]),
    (r"bank authorization|end all debits|end the authorization", [
        "url:end-debits", "url:remove-bank"]),
    (r"See every agreement you gave|listed under Security|asked to agree to", [
        "url:consents", "url:agreements"]),
    (r"can be canceled on its page|take your approval back", ["url:cancel-gift"]),
    (r"remove the connection|removed the connection", ["url:remove-connection"]),
    (r"trusted contact can be removed|remove the person|name somebody whenever", [
        "url:remove-trusted-contact", "url:trusted-contact"]),
    (r"close it at any time", ["url:close-account"]),
    (r"Neither you nor the parent|Can I take it back", ["url:decline-gift"]),
    # --- pages that are named
    (r"under Statements and tax forms", ["url:papers"]),
    (r"under About you", ["url:kyc"]),
    (r"second step under Security", ["url:mfa_activate_totp"]),
    (r"Email addresses\.", ["url:account_email"]),
    (r"amounts under Banks", ["url:banks", "url:confirm-bank"]),
    (r"finish later|[Cc]ome back whenever|begin once more", ["url:kyc", "url:start"]),
    (r"link, and a square", ["url:start-elsewhere"]),
    # --- what we do and never do with data and money
    (r"two deposits of|two amounts did we send|tell us their amounts|send two new ones", [
        OPS + "advance_micro_deposits", "url:confirm-bank"]),
    (r"keep no copy: once the broker", [OPS + "advance_id_document"]),
    (r"never show it again|[Nn]ever a Social Security number|stay empty", [
        "code:accounts.forms:SecretInput"]),
    (r"store it encrypted|We encrypt the numbers", ["code:core.fields:EncryptedCharField"]),
    (r"keep nothing that Plaid", ["url:end-instructions"]),
    (r"so we do not debit", ["notice:BANK_ENDED"]),
    (r"We write again once it is known", ["notice:ACTION_SETTLED"]),
    (r"do not show a gain or a loss that is none", ["code:brokerage.figures:Figures"]),
    (r"never debited under these names", [OPS + "refuse_owner"]),
    (r"ask you for no card|ask for no card", ["code:gifting.cards:how_paid"]),
    (r"Later the gifts you approve", ["url:approve-gift"]),
    (r"giver never sees|Never what is in the account", ["code:gifting.cards:gift_head"]),
    (r"ask Plaid, which many banks", ["url:start-phone"]),
    (r"number (ending|you typed)", ["code:accounts.forms:KycForm"]),
    (r"send codes by text", ["url:start-code"]),
    # --- companies' keys
    (r"[Rr]evoke|revoked|^Never used|show it once|keep no copy and can not show", [
        "url:revoke-key"]),
    # --- no promise: a fact, or a word that only looks like one
    (r"we ask about you|What we ask for|Why we ask|need to send|never ask for them", ["fact"]),
    (r"never see your password|show it to nobody else|sell nothing of it", ["fact"]),
    (r"worth less later|try again later|later one, or none|what came later", ["fact"]),
    (r"we do not open accounts|We do not open accounts|we ask this before|ask again later", [
        "fact"]),
    (r"look in again later", ["fact"]),
    (r"We do not know|do not open teen|it never got it|what we asked|whom we asked", ["fact"]),
    (r"will end the connection soon|ends soon|asked a moment ago", ["fact"]),
    (r"takes text, never bytes|as nothing else|REVOKE ALL|A field we do not know", ["fact"]),
    (r"we take the caller's|withdrawn at the bank|Withdrawn at the bank", ["fact"]),
]  # fmt: skip


# Where people are sent to write to us, the page of contact is the deed of these words alone: what
# else such a sentence promises needs an entry of its own.
WRITE_TO_US = re.compile(
    r"\b((please )?(write to|contact) us( at\b|:)?|writ(e|ing) to us)\b:?", re.IGNORECASE
)


def has_no_deed(sentence: str) -> bool:
    """Say whether something a sentence promises is done nowhere."""
    rest = WRITE_TO_US.sub(" ", sentence)
    return bool(PROMISE.search(rest)) and not any(re.search(part, rest) for part, _deeds in DEEDS)


@pytest.mark.slow
def test_every_promise_has_a_deed() -> None:
    bare = {sentence: where for sentence, where in collect().items() if has_no_deed(sentence)}

    assert bare == {}, "name the deed in DEEDS, or say what is true instead"
    assert CHECKS["url"]("contact")


@pytest.mark.parametrize(
    "sentence",
    [
        "Write to us and we refund you within a day.",
        "Please contact us: we will send your shares to another broker.",
        "If it is wrong, write to us, and we delete it at once.",
    ],
)
def test_being_told_to_write_covers_no_other_promise(sentence: str) -> None:
    assert has_no_deed(sentence)


def test_no_entry_outlives_its_sentence() -> None:
    sentences = list(collect())

    for part, _deeds in DEEDS:
        assert any(re.search(part, sentence) for sentence in sentences), part


@pytest.mark.parametrize("deed", sorted({deed for _part, deeds in DEEDS for deed in deeds}))
def test_the_deed_is_there(deed: str) -> None:
    kind, _colon, name = deed.partition(":")

    assert CHECKS[kind](name), deed


def _has_url(name: str) -> bool:
    return name in get_resolver().reverse_dict


def _has_code(name: str) -> bool:
    module, _colon, attribute = name.partition(":")
    return hasattr(importlib.import_module(module), attribute)


def _has_button(name: str) -> bool:
    label, _colon, action = name.partition(":")
    desk: Any = admin.site._registry[apps.get_model(label)]
    return action in {one.name for one in desk.get_desk_actions()}


CHECKS: dict[str, Callable[[str], Any]] = {
    "url": _has_url,
    "code": _has_code,
    "desk": _has_button,
    "case": lambda name: name in Case.Kind.values,
    "letter": lambda name: name in Letter.Kind.values,
    "note": lambda name: get_template(f"gifting/email/{name.lower()}.txt") and name in Note.Kind,
    "notice": lambda name: Notice.Kind(name) in _WORDS,
    "template": lambda name: bool(get_template(name)),
    "fact": lambda _name: True,
}


def test_every_kind_of_notice_has_its_words() -> None:
    assert set(_WORDS) == set(Notice.Kind)


@pytest.mark.parametrize(
    "sentence",
    [
        "We will let you know as soon as we can.", "You can change this later under Security.",
        "Withdraw it whenever you like.", "Nobody sees your answers.", "Please contact us.",
        "We delete it after a year.", "You get an e-mail when it is there.", "Ask us for a copy.",
    ],
)  # fmt: skip
def test_a_new_promise_would_be_found(sentence: str) -> None:
    assert PROMISE.search(sentence)


def test_whoever_is_told_to_write_finds_the_address(db: None) -> None:
    page = Browser().open("/contact/")

    assert any(link.startswith("mailto:") for link in page.links)
