"""`/api/v1/`: who gets in with which key, and what they see."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit, clock
from core.idempotency import idempotent
from core.models import AuditEntry
from tenants import secrets
from tenants.api.base import TenantAPI
from tenants.models import ApiKey, Scope, Tenant
from tenants.operations import revoke_key, rotate_key, suspend_tenant
from tests.api.calling import Caller
from tests.tenants.company import Company, server

TENANT, KEY = "/api/v1/tenant", "/api/v1/keys/current"
NOBODYS_SECRET = secrets.make_key("live").text


class CountedThing(TenantAPI):
    """Stands for what will be made over this API."""

    scopes = {"post": Scope.USERS_WRITE}  # noqa: RUF012

    @idempotent
    def post(self, request: Request) -> Response:
        entry = audit.record("thing.made", self.tenant, by=self.key, at=clock.now())
        return Response({"id": entry.pk, "by": entry.actor}, status=201)


urlpatterns = [
    path("api/v1/things", CountedThing.as_view()),
    path("", include("stocksprout.urls")),
]


def test_a_key_shows_its_own_company(acme: Company, rival: Company) -> None:
    rival.make_key()
    key, text = acme.make_key(mode="live")

    answer = server(text).get(TENANT)

    assert answer.status == 200
    assert answer.body == {
        "id": str(acme.tenant.pk), "slug": "acme", "name": "Acme", "mode": "live",
        "branding": {
            "company_name": "Acme", "logo_url": "",
            "primary_color": "#1d5c3c", "text_color": "#ffffff",
        },
        "settings": {
            "phone_verification": {"enabled": False, "method": "sms", "max_attempts": 3},
            "data_aggregation": {
                "enabled": False, "products": ["auth", "identity"], "country_codes": ["US"],
                "redirect_uris": [],
            },
        },
    }  # fmt: skip
    shown = server(text).get(KEY).body
    assert (shown["prefix"], shown["mode"]) == (key.prefix, "live")
    assert not {"digest", "form_key"} & shown.keys()
    assert text not in str(shown)


def test_the_other_header_does_as_well(acme: Company) -> None:
    _key, text = acme.make_key()

    assert Caller(Client(), {"X-API-Key": text}).get(KEY).status == 200
    both = Caller(Client(), {"X-API-Key": text, "Authorization": f"Bearer {text}"})
    assert both.get(KEY).status == 200
    differ = Caller(Client(), {"X-API-Key": text, "Authorization": f"Bearer {NOBODYS_SECRET}"})
    assert differ.get(KEY).problem() == (401, "two_keys")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authenticated"),
        ({"Authorization": "Basic YTpi"}, "not_authenticated"),
        ({"Authorization": "Bearer"}, "invalid_key"),
        ({"Authorization": "Bearer nonsense"}, "invalid_key"),
        ({"Authorization": f"Bearer {NOBODYS_SECRET}"}, "invalid_key"),
        ({"Authorization": f"Bearer {NOBODYS_SECRET[:-1]}"}, "invalid_key"),
        ({"X-API-Key": ""}, "invalid_key"),
        ({"X-API-Key": "ssk_live_\u00fc\x00" + "0" * 44}, "invalid_key"),
    ],
)
def test_who_has_no_key_of_ours_is_refused(db: None, headers: dict[str, str], code: str) -> None:
    answer = Caller(Client(), headers | {"X-Request-Id": "support-12345"}).get(TENANT)

    assert answer.problem() == (401, code)
    assert answer.body["request_id"] == "support-12345"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="StockSprout"'


def test_a_key_that_only_begins_like_ours_is_refused(acme: Company) -> None:
    _key, text = acme.make_key()
    body = text[:-6][:-1] + ("a" if text[-7] != "a" else "b")

    assert server(body + secrets.checksum(body)).get(KEY).problem() == (401, "invalid_key")


def test_a_signed_in_person_without_a_key_is_refused(acme: Company) -> None:
    client = acme.sign_in("tenant_admin")

    assert Caller(client).get(TENANT).problem() == (401, "not_authenticated")


def test_a_key_of_a_company_opens_nothing_of_the_parents_api(acme: Company) -> None:
    _key, text = acme.make_key()

    assert server(text).get("/api/children").status == 401


def test_a_revoked_key_is_refused_from_then_on(acme: Company) -> None:
    key, text = acme.make_key()
    assert server(text).get(KEY).status == 200

    revoke_key(member=acme.admin, key=key, at=clock.now())

    assert server(text).get(KEY).problem() == (401, "revoked_key")


def test_a_rotated_key_works_until_the_chosen_moment(acme: Company) -> None:
    old, text = acme.make_key(scopes=["phone"], mode="live")

    new, new_text = rotate_key(
        member=acme.admin, key=old, overlap=timedelta(hours=1), form_key=uuid4(), at=clock.now()
    )

    assert (new.name, new.mode, new.scopes) == (old.name, "live", ["phone"])
    for working in (text, new_text):
        assert server(working).get(KEY).status == 200
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert server(text).get(KEY).problem() == (401, "expired_key")
        assert server(new_text).get(KEY).status == 200


def test_a_suspended_company_is_refused(acme: Company) -> None:
    _key, text = acme.make_key()

    suspend_tenant(acme.tenant, by=acme.admin.user, reason="Unpaid", at=clock.now())

    assert server(text).get(KEY).problem() == (403, "tenant_suspended")


def test_a_key_without_the_scope_is_refused(acme: Company) -> None:
    _key, text = acme.make_key(scopes=["phone"])

    assert server(text).get(TENANT).problem() == (403, "insufficient_scope")
    assert server(text).get(KEY).status == 200


def test_an_unknown_address_and_method_are_problems_too(acme: Company) -> None:
    _key, text = acme.make_key()

    assert server(text).get("/api/v1/nowhere").problem() == (404, "not_found")
    assert server(text).post(TENANT, {}).problem() == (405, "method_not_allowed")
    assert Caller(Client()).get("/api/v1/nowhere").problem() == (401, "not_authenticated")


def test_use_is_noted_once_a_minute(acme: Company) -> None:
    key, text = acme.make_key()

    def used_after(seconds: int) -> Any:
        with time_machine.travel(begin + timedelta(seconds=seconds), tick=False):
            server(text).get(KEY)
        used = ApiKey.objects.get(pk=key.pk).last_used_at
        return used and used - begin

    begin = clock.now()
    assert used_after(0) == timedelta()
    assert used_after(59) == timedelta()
    assert used_after(60) == timedelta(seconds=60)


@pytest.mark.urls(__name__)
def test_a_repeated_request_is_done_once_also_with_the_rotated_key(
    acme: Company, rival: Company
) -> None:
    key, text = acme.make_key()
    repeat = {"Idempotency-Key": str(uuid4())}

    def send(secret: str, headers: dict[str, str]) -> Any:
        return Caller(Client(), {"X-API-Key": secret} | headers).post("/api/v1/things", {"a": 1})

    first = send(text, repeat)
    assert (first.status, first.body["by"]) == (201, f"tenants.apikey:{key.pk}")
    assert send(text, repeat).body == first.body
    _new, new_text = rotate_key(
        member=acme.admin, key=key, overlap=timedelta(1), form_key=uuid4(), at=clock.now()
    )
    replayed = send(new_text, repeat)
    assert (replayed.body, replayed.headers["Idempotent-Replayed"]) == (first.body, "true")
    others = [acme.make_key(mode="live")[1], rival.make_key()[1]]
    assert len({send(secret, repeat).body["id"] for secret in others} | {first.body["id"]}) == 3
    assert AuditEntry.objects.filter(verb="thing.made").count() == 3


@pytest.mark.urls(__name__)
def test_what_may_change_needs_its_scope(acme: Company) -> None:
    _key, text = acme.make_key(scopes=["users:read"])

    assert server(text).post("/api/v1/things", {}).problem() == (403, "insufficient_scope")
    assert not AuditEntry.objects.filter(verb="thing.made").exists()


def test_the_schema_is_apart_from_the_parents(db: None) -> None:
    def paths(url: str) -> Any:
        answer = Client().get(url, headers={"Accept": "application/vnd.oai.openapi+json"})
        return answer.json()["paths"].keys(), answer.json()

    tenants, schema = paths("/api/v1/schema")
    parents, _schema = paths("/api/schema")

    assert {TENANT, KEY} < set(tenants)
    assert all(url.startswith("/api/v1/") for url in tenants)
    assert not [url for url in parents if "/v1/" in url]
    assert {"bearer", "api_key"} == schema["components"]["securitySchemes"].keys()
    page = Client().get("/api/v1/docs").content.decode()
    assert "swagger-ui" in page
    assert "https://" not in page


def test_logo_and_name_follow_the_branding(acme: Company) -> None:
    _key, text = acme.make_key()
    Tenant.objects.filter(pk=acme.tenant.pk).update(display_name="Acme Kids")

    assert server(text).get(TENANT).body["branding"]["company_name"] == "Acme Kids"
