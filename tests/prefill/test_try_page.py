"""The portal's page to try the SDK: who may, with which key, and what the page is let load."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from core import clock
from core.models import AuditEntry
from prefill.models import Applicant
from tenants.models import ClientToken
from tenants.operations import revoke_key, suspend_tenant
from tests.cast import make_user
from tests.pages.reading import Page, read
from tests.tenants.company import Company, make_company, server

SDK = Path(settings.BASE_DIR) / "static" / "sdk"
EXPORTED = re.compile(r"^export (?:declare )?(?:function|const|class) (\w+)", re.MULTILINE)


@pytest.fixture
def acme(db: None) -> Company:
    return make_company("acme")


def open_page(company: Company, role: str = "developer") -> Page:
    return read(company.sign_in(role).get(company.address("try/")))


def begin(company: Company, key: Any, role: str = "developer") -> Any:
    return company.sign_in(role).post(company.address("try/"), {"key": key.pk})


@pytest.mark.parametrize("role", ["tenant_admin", "developer", "support"])
def test_developers_and_administrators_may_and_are_offered_it(acme: Company, role: str) -> None:
    key, _text = acme.make_key()
    may = role != "support"

    portal = read(acme.sign_in(role).get(acme.address()))
    answers = [acme.sign_in(role).get(acme.address("try/")), begin(acme, key, role)]

    assert [answer.status_code for answer in answers] == ([200, 200] if may else [403, 403])
    assert ("Try it" in portal.text) == may
    assert Applicant.objects.count() == ClientToken.objects.count() == may


def test_a_stranger_and_another_company_find_nothing(acme: Company, anyone: Client) -> None:
    key, _text = acme.make_key()
    rival, stranger = make_company("rival"), Client()
    stranger.force_login(make_user("stranger@elsewhere.example"))

    for client in (stranger, rival.sign_in("developer")):
        assert client.get(acme.address("try/")).status_code == 404
        assert client.post(acme.address("try/"), {"key": key.pk}).status_code == 404
    assert "/account/login/" in anyone.get(acme.address("try/")).headers["Location"]
    stolen = begin(rival, key)

    assert stolen.status_code == 422
    assert not Applicant.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"mode": "live"}, {"scopes": ["prefill", "phone"]}, {"revoked": True}, None]
)
def test_only_a_working_sandbox_key_for_all_three_will_do(
    acme: Company, changes: dict[str, Any] | None
) -> None:
    asked = dict(changes or {})
    revoked = asked.pop("revoked", False)
    key = acme.make_key(**asked)[0] if changes is not None else None
    if revoked and key:
        revoke_key(member=acme.admin, key=key, at=clock.now())

    page = open_page(acme)
    answer = begin(acme, key) if key else None

    assert acme.address("keys/new/") in page.links
    assert "Begin" not in page.text
    assert answer is None or answer.status_code == 422
    assert not Applicant.objects.exists()


def test_a_suspended_company_tries_nothing(acme: Company) -> None:
    key, _text = acme.make_key()
    suspend_tenant(tenant=acme.tenant, reason="tests", by=acme.admin.user, at=clock.now())

    answer = begin(acme, key)

    assert answer.status_code == 422
    assert "Begin" not in open_page(acme).text
    assert not Applicant.objects.exists()


def test_the_page_gets_a_practice_person_and_a_token_for_them_alone(acme: Company) -> None:
    key, _text = acme.make_key()

    answer = begin(acme, key)

    page, applicant = read(answer), Applicant.objects.get()
    [token] = re.findall(r'data-token="(sct_test_\w+)"', page.html)
    assert (applicant.tenant, applicant.mode) == (acme.tenant, "test")
    assert ClientToken.objects.get().subject == applicant.pk
    assert server(token).get("/api/v1/tenant").status == 403
    assert "no-store" in answer.headers["Cache-Control"]
    assert AuditEntry.objects.filter(verb="applicant.made").count() == 1
    assert page.inline == []
    assert "+1 415 555 0011" in page.text


def test_only_this_page_may_load_plaid(acme: Company, settings: Any) -> None:
    settings.PLAID_SCRIPT_URL = "https://cdn.plaid.com/link/v2/stable/link-initialize.js"
    settings.PLAID = {"test": settings.PLAID["test"] | {"base_url": "https://sandbox.plaid.com"}}
    client = acme.sign_in("developer")

    mine, other = (client.get(acme.address(path)) for path in ("try/", "settings/"))

    policy = mine.headers["Content-Security-Policy"]
    assert "script-src 'self' https://cdn.plaid.com;" in policy
    assert "connect-src 'self' https://cdn.plaid.com https://sandbox.plaid.com" in policy
    assert "frame-src https://cdn.plaid.com" in policy
    assert "plaid" not in other.headers["Content-Security-Policy"]


def test_the_types_name_what_the_module_has() -> None:
    code, types = (SDK / "stocksprout.js").read_text(), (SDK / "stocksprout.d.ts").read_text()
    flow = code.split("class Flow {")[1]
    methods = set(re.findall(r"^  (\w+)\(.*\) \{$", flow, re.MULTILINE)) - {"constructor"}
    declared = types.split("interface PrefillFlow {")[1].split("\n}")[0]
    options = types.split("interface CommonOptions {")[1].split("/**\n * One person")[0]
    offered = set(re.findall(r"^  (\w+)(?:\?|: |\()", options, re.MULTILINE)) | {
        "token",
        "getToken",
    }

    assert (
        set(EXPORTED.findall(code)) == set(EXPORTED.findall(types)) == {"createPrefill", "VERSION"}
    )
    assert methods == set(re.findall(r"^  (\w+)\(", declared, re.MULTILINE))
    assert set(re.findall(r"#options\.(\w+)", code)) <= offered
    assert {name for name in offered if not re.search(rf"\b{name}\b", code)} == set()
    assert len(code.encode()) < 14 * 1024
    assert not re.search(r"\beval\(|console\.|Storage\b|innerHTML|\.style\b|cookie", code)
