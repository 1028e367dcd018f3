"""Every action of a page has an endpoint for mobile apps, or a written reason why it has none."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

WRITES = ("post", "patch", "put", "delete")
# Faces of others: staff, companies, allauth's own pages and headless API, vendors' news.
OTHERS = ("admin/", "account/", "_allauth/", "tenant", "api/v1/", "api/webhooks/")

# Page action → the endpoints that do the same.
ENDPOINTS: dict[str, list[str]] = {
    "add-child": ["api-children"],
    "add-child-document": ["api-child-kyc-documents"],
    "add-id-document": ["api-kyc-documents"],
    "add-money": ["api-deposits"],
    "add-teen": ["api-children"],
    "agree-again": ["api-agree-again"],
    "approve-gift": ["api-approve-gift"],
    "ask-for-paper": ["api-ask-for-paper"],
    "cancel-gift": ["api-cancel-gift"],
    "cancel-order": ["api-cancel-order"],
    "choose-bank": ["api-choose-bank"],
    "check-now": ["api-sync-positions", "api-sync-orders"],
    "close-account": ["api-close-account"],
    "close-gift-link": ["api-close-gift-link"],
    "confirm-bank": ["api-confirm-bank"],
    "correct-child": ["api-child-kyc"],
    "decline-alike": ["api-decline-alike"],
    "decline-gift": ["api-decline-gift"],
    "end-debits": ["api-end-consent"],
    "end-e-sign": ["api-end-consent"],
    "end-instructions": ["api-end-consent"],
    "gift-links": ["api-gift-links"],
    "kyc": ["api-kyc", "api-kyc-spelling"],
    "link-bank": ["api-banks"],
    "make-bank-primary": ["api-primary-bank"],
    "pause-gift-link": ["api-pause-gift-link"],
    "place-order": ["api-orders"],
    "put-away": ["api-put-away"],
    "remove-bank": ["api-bank"],
    "remove-connection": ["api-connection"],
    "remove-trusted-contact": ["api-trusted-contact"],
    "replace-gift-link": ["api-replace-gift-link"],
    "resend-micro-deposits": ["api-resend"],
    "resume-gift-link": ["api-resume-gift-link"],
    "retry-gift": ["api-retry-gift"],
    "trusted-contact": ["api-trusted-contact"],
    "verify-bank-again": ["api-verify-bank"],
    "waiting-list": ["api-waiting-list"],
}
GIVERS = "givers have no account and no app: they come by the link in a message or a mail"
MAILED = "its address is in a mail, which opens in a browser"
PLAIDS = "Plaid's window opens on our pages alone; an app opens the page in a web view"
PHONE = "the way by phone quotes what is agreed to on our pages; an app opens them in a web view"
REASONS = {
    "choose-state": "asks an app's user nothing: ChildIn names the state, and refuses one not open",
    "confirm-giver": GIVERS,
    "confirm-waiting": MAILED,
    "finish-link": PLAIDS,
    "finish-repair": PLAIDS,
    "give": GIVERS,
    "leave-waiting": MAILED,
    "note-link-event": PLAIDS,
    "reopen-link": PLAIDS,
    "resend-code": PHONE,
    "resume": "leads one person to another device's browser",
    "start-code": PHONE,
    "start-elsewhere": "leads one person to another device's browser",
    "start-link": PLAIDS,
    "start-phone": PHONE,
}


def list_actions(patterns: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and path of everything that takes a write."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        path = before + str(one.pattern)
        if path.startswith(OTHERS):
            continue
        if not isinstance(one, URLPattern):
            yield from list_actions(one.url_patterns, path)
            continue
        view = getattr(one.callback, "view_class", None) or getattr(one.callback, "cls", None)
        if view and any(hasattr(view, method) for method in WRITES):
            yield one.name or path, path


def test_every_action_of_a_page_has_an_endpoint_or_a_reason() -> None:
    pages = {name for name, path in list_actions() if not path.startswith("api/")}

    assert pages - ENDPOINTS.keys() - REASONS.keys() == set(), "name an endpoint, or a reason"
    assert (ENDPOINTS.keys() | REASONS.keys()) - pages == set(), "no such page any more"
    assert not ENDPOINTS.keys() & REASONS.keys()


def test_every_endpoint_that_writes_is_an_action_of_a_page_too() -> None:
    endpoints = {name for name, path in list_actions() if path.startswith("api/")}
    named = {name for names in ENDPOINTS.values() for name in names}

    assert endpoints - named == set(), "an app alone could do it"
    assert named - endpoints == set(), "there is no such endpoint"
