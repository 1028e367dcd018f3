"""Error pages tell nothing of anybody, and every answer carries the security headers."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from brokerage.models import Instrument
from tests.cast import PASSWORD, Family, make_parent, sign_in
from tests.pages.answers import KYC
from tests.pages.reading import Browser, read

ROOT = Path(__file__).parents[2]
PERSONAL = [
    "Pat", "Sunny", "Sample", "6789", "custodian@", "3035550123", "1 Sample Street",
    "Grandma", "grandma@family.example", "For you",
]  # fmt: skip


def assert_says_nothing_of_anybody(html: str) -> None:
    for word in PERSONAL:
        assert word not in html, word


def test_a_page_that_is_not_there_says_so(family: Family) -> None:
    page = read(family.client.get("/children/123-45-6789/Sunny/"))

    assert page.status == 404
    assert "There is nothing here" in page.text
    assert page.inline == []
    assert_says_nothing_of_anybody(page.html)


def test_a_form_of_another_site_is_refused(family: Family) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(family.parent.user)

    page = read(client.post("/about-you/", KYC))

    assert page.status == 403
    assert "Please send that once more" in page.text
    assert page.inline == []
    assert_says_nothing_of_anybody(page.html)


def test_a_fault_of_ours_tells_nothing_of_what_was_sent(family: Family, settings: Any) -> None:
    settings.GIFT_MIN = "broken"
    client = Client(raise_request_exception=False)
    sent = {
        "form_key": "7e3c4b1a-5d2f-4c60-9b1e-2a8f0c6d9e11",
        "instrument": str(Instrument.objects.get(symbol="DIS").pk),
        "quick": "50",
        "giver_name": "Grandma",
        "giver_email": "grandma@family.example",
        "message": "For you",
    }

    page = read(client.post(f"/g/{family.child.gift_code}/", sent))

    assert page.status == 500
    assert "Something went wrong on our side" in page.text
    assert page.inline == []
    assert_says_nothing_of_anybody(page.html)


def test_an_upload_too_large_is_refused_without_a_word_of_it(family: Family) -> None:
    body = "nickname=Sunny+Sample&account_number=" + "6789" * 70_000
    kind = "application/x-www-form-urlencoded"

    page = read(family.client.post("/banks/new/", body, content_type=kind))

    assert page.status == 400
    assert "That did not arrive properly" in page.text
    assert_says_nothing_of_anybody(page.html)


@pytest.mark.parametrize(
    "url", ["/", "/home/", "/nowhere/", "/api/children", "/admin/", "/healthy"]
)
def test_every_answer_is_private_and_framed_by_nobody(db: None, url: str) -> None:
    headers = sign_in(make_parent("custodian@family.example")).get(url).headers

    assert "no-store" in headers["Cache-Control"]
    assert "private" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("url", ["/", "/home/", "/nowhere/", "/admin/", "/api/docs"])
def test_the_content_policy_allows_nothing_inline(db: None, url: str) -> None:
    client = sign_in(make_parent("custodian@family.example"))

    policy = client.get(url).headers["Content-Security-Policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy


def test_cookies_are_closed_to_scripts(db: None) -> None:
    make_parent("custodian@family.example")
    browser = Browser()
    page = browser.open("/account/login/")
    browser.submit(page, login="custodian@family.example", password=PASSWORD)

    for name in ("sessionid", "csrftoken"):
        assert browser.client.cookies[name]["httponly"]
        assert browser.client.cookies[name]["samesite"] == "Lax"


def test_a_request_id_of_ours_is_on_every_answer(db: None) -> None:
    forged = Client().get("/", headers={"X-Request-Id": "a b\r\nSet-Cookie: x=1"})
    given = Client().get("/", headers={"X-Request-Id": "0123456789abcdef"})

    assert len(forged.headers["X-Request-Id"]) == 32
    assert given.headers["X-Request-Id"] == "0123456789abcdef"


def test_browsers_are_not_bound_to_https_on_a_developers_machine(db: None) -> None:
    assert "Strict-Transport-Security" not in Client().get("/", secure=True).headers


@pytest.mark.slow
def test_browsers_are_bound_to_https_in_production() -> None:
    """Start the site anew in production and ask for the home page, by TLS and without."""
    program = """
import django; django.setup()
from django.conf import settings
from django.test import Client
safe = Client(SERVER_NAME="localhost").get("/home/", secure=True)
plain = Client(SERVER_NAME="localhost").get("/home/")
print(safe.headers["Strict-Transport-Security"], plain.status_code, plain["Location"],
      settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, sep="|")
"""
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "stocksprout.settings",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",  # never reached
        "STOCKSPROUT_ENV": "production",
        "ALLOWED_HOSTS": "localhost",
        "SECRET_KEY": "x" * 50,
        "FERNET_KEY": "x" * 50,
        "BLIND_INDEX_KEY": "x" * 50,
    }

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=surroundings, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == (
        "max-age=31536000; includeSubDomains; preload|301|https://localhost/home/|True|True"
    )


@pytest.mark.parametrize(
    "path",
    ["/api/nowhere", "/api/portfolio/nobody", "/api/children/%ED%A0%80/orders"],
)
def test_a_program_that_asks_for_nothing_of_ours_gets_a_problem(db: None, path: str) -> None:
    answer = Client().get(path)

    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == {404: "not_found", 400: "unusable_text"}[answer.status_code]
