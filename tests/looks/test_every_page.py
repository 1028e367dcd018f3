"""Every page in every state: sound to axe-core, readable in the dark, with large text, on a phone.

A page of the URL conf that no scene reaches fails here too.
"""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser

from tests.browser.conftest import browser, chromium  # noqa: F401 (fixtures)
from tests.looks.album import Album, Sight
from tests.looks.eyes import DESK, NARROW, PHONE, Eyes, Found

ELSEWHERE = ("api/", "_allauth/", "admin/", "healthy")  # programs' addresses; the desk is Django's
# Pages nobody sees, each with the reason.
NOT_SEEN = dict.fromkeys(
    [
        "agree-again", "ask-for-paper", "cancel-gift", "cancel-order", "change-role", "check-now",
        "make-bank-primary", "pause-gift-link", "put-away", "remove-member",
        "remove-trusted-contact", "resume-gift-link",
        "resend-code", "resend-micro-deposits", "retry-gift", "verify-bank-again",
    ],
    "a button: a GET leads back to the page it stands on",
) | {
    "account_confirm_login_code": "no codes by mail are sent for signing in",
    "account_set_password": "everybody has a password from the start",
    "mfa_download_recovery_codes": "a file of plain text",
    "find-practice": "leads on to another page",
    "robots": "a file for search engines",
    "sitemap": "a file for search engines",
    "open-paper": "leads to the broker's file",
    "start": "leads to the step that is next",
}  # fmt: skip
# Of Django's own desk, which staff see on wide screens.
DJANGOS = [
    "region", "landmark-unique", "heading-order", "scope-attr-valid", "empty-table-header",
    "target-size", "link-in-text-block",
]  # fmt: skip


FIRST_MET = {
    "landing", "account_signup", "account_login", "home", "kyc", "add-child", "child", "gift",
    "banks", "give", "track-gift",
}  # fmt: skip


def list_pages() -> Iterator[str]:
    """Name every address of the URL conf that answers a GET with a page."""

    def walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
        for one in resolver.url_patterns:
            path = before + str(one.pattern)
            if path.startswith(ELSEWHERE):
                continue
            if isinstance(one, URLResolver):
                yield from walk(one, path)
            else:
                yield path, one

    for path, one in walk(get_resolver()):
        view = getattr(one.callback, "view_class", None)
        if view is None or hasattr(view, "get"):
            yield one.name or path


def is_desk(sight: Sight) -> bool:
    return sight.page.startswith("admin:")


def check_soundness(eyes: Eyes, sight: Sight, found: Found) -> None:
    """Ask axe-core about everything once, in daylight, and hear the console."""
    found.add(sight, "axe", eyes.ask_axe(ignore=DJANGOS if is_desk(sight) else []))
    found.add(sight, "console", [] if is_desk(sight) else eyes.complaints)


def check_room(eyes: Eyes, sight: Sight, found: Found) -> None:
    """Look at it on a narrow phone, and with text of twice the size on a phone."""
    if is_desk(sight):
        return
    eyes.see_at(width=NARROW)
    found.add(sight, "320 px", eyes.find_wider())
    eyes.see_at(width=PHONE, zoom=200)
    found.add(sight, "390 px, text twice as large", eyes.find_wider() + eyes.find_broken())


@pytest.mark.browser
def test_every_page_is_reached_and_those_met_first_are_sound_and_have_room(
    album: Album,
    browser: Browser,  # noqa: F811
) -> None:
    pages = set(list_pages())
    assert pages - album.pages - NOT_SEEN.keys() == set()
    assert NOT_SEEN.keys() - (pages - album.pages) == set(), "seen, or gone: no exception any more"

    eyes, found = Eyes(browser), Found()
    chosen = [sight for sight in album.choose_one_each() if sight.page in FIRST_MET]
    assert {sight.page for sight in chosen} == FIRST_MET
    for sight in chosen:
        eyes.look(sight, width=PHONE)
        check_soundness(eyes, sight, found)
        check_room(eyes, sight, found)

    assert not found.lines, found.tell()


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_state_is_sound_by_day_and_night(album: Album, browser: Browser, width: int) -> None:  # noqa: F811
    eyes, found = Eyes(browser), Found()
    for sight in album.sights.values():
        eyes.look(sight, width=width)
        check_soundness(eyes, sight, found)
        eyes.see_at(width=width, scheme="dark")
        found.add(sight, "dark", [] if is_desk(sight) else eyes.ask_axe(only=["color-contrast"]))
        eyes.see_at(width=width)
        found.add(sight, f"{width} px", [] if is_desk(sight) else eyes.find_wider())
        if width == PHONE:
            check_room(eyes, sight, found)

    assert not found.lines, found.tell()
