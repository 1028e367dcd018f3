"""Client tokens: what a browser may do with one, for how long, and from where."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import structlog
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.errors import NotAllowed
from core.idempotency import idempotent
from core.models import AuditEntry
from core.sweeps import sweep_all
from tenants import secrets
from tenants.api.base import TenantAPI
from tenants.models import ApiKey, ClientToken, Scope
from tenants.operations import create_client_token, revoke_key, rotate_key, suspend_tenant
from tenants.walls import inside
from tests.api.calling import Caller
from tests.desk.leaks import dump_database, kept_logs
from tests.tenants.company import Company, server

ME, PEOPLE = "/api/v1/me", "/api/v1/people"


class Me(TenantAPI):
    """Stands for what a browser may do."""

    scope = Scope.PHONE

    def get(self, request: Request) -> Response:
        return Response({"only": self.only, "mode": self.key.mode})

    @idempotent
    def post(self, request: Request) -> Response:
        return Response({"made": uuid4()}, status=201)


class People(TenantAPI):
    """Stands for what only a server may do."""

    scope = Scope.USERS_READ

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [
    path("api/v1/me", Me.as_view()),
    path("api/v1/people", People.as_view()),
    path("", include("stocksprout.urls")),
]
pytestmark = pytest.mark.urls(__name__)


def make_token(key: ApiKey) -> tuple[ClientToken, str]:
    return create_client_token(key=key, subject=uuid4(), at=clock.now())


@pytest.mark.parametrize("mode", ["test", "live"])
def test_a_token_opens_what_a_browser_may_for_one_person(acme: Company, mode: str) -> None:
    key, text = acme.make_key(mode=mode)

    token, browsers = make_token(key)

    assert browsers.startswith(f"sct_{mode}_")
    answer = server(browsers).get(ME)
    assert answer.body == {"only": str(token.subject), "mode": mode}
    assert server(text).get(ME).body["only"] is None
    assert token.scopes == ["phone", "plaid", "prefill"]
    for closed in (PEOPLE, "/api/v1/tenant", "/api/v1/keys/current"):
        assert server(browsers).get(closed).problem() == (403, "insufficient_scope")
    entry = AuditEntry.objects.get(verb="client_token.created")
    assert entry.actor == f"tenants.apikey:{key.pk}"


def test_a_token_can_do_no_more_than_its_key(acme: Company) -> None:
    key, _text = acme.make_key(scopes=["prefill", "users:read"])
    token, browsers = make_token(key)

    assert token.scopes == ["prefill"]
    assert server(browsers).get(ME).problem() == (403, "insufficient_scope")
    with pytest.raises(NotAllowed):
        make_token(acme.make_key(scopes=["users:read"])[0])


def test_a_token_ends_after_half_an_hour_and_is_forgotten_in_time(acme: Company) -> None:
    key, _text = acme.make_key()
    _token, browsers = make_token(key)
    begin = clock.now()

    with time_machine.travel(begin + timedelta(minutes=29)):
        assert server(browsers).get(ME).status == 200
    with time_machine.travel(begin + timedelta(minutes=31)):
        assert server(browsers).get(ME).problem() == (401, "expired_token")
    sweep_all(begin + timedelta(hours=20))
    assert ClientToken.objects.exists()
    sweep_all(begin + timedelta(hours=26))
    assert not ClientToken.objects.exists()
    assert server(browsers).get(ME).problem() == (401, "invalid_key")


def test_a_token_dies_with_its_key(acme: Company, rival: Company) -> None:
    revoked, rotated, suspended = acme.make_key()[0], acme.make_key()[0], rival.make_key()[0]
    texts = [make_token(key)[1] for key in (revoked, rotated, suspended)]
    assert [server(text).get(ME).status for text in texts] == [200] * 3

    at = clock.now()
    revoke_key(member=acme.admin, key=revoked, at=at)
    rotate_key(member=acme.admin, key=rotated, overlap=timedelta(), form_key=uuid4(), at=at)
    suspend_tenant(rival.tenant, by=rival.admin.user, reason="Unpaid", at=at)

    assert [server(text).get(ME).problem() for text in texts] == [
        (401, "revoked_key"), (401, "expired_key"), (403, "tenant_suspended"),
    ]  # fmt: skip


def test_what_is_no_token_of_ours_is_refused(acme: Company) -> None:
    _token, text = make_token(acme.make_key()[0])
    other = text[:17] + secrets.make_key("test", kind=secrets.CLIENT_TOKEN).text[17:]
    body = text[:-7] + ("a" if text[-7] != "a" else "b")
    forged = body + secrets.checksum(body)
    as_key = "ssk" + text[3:-6]

    for wrong in (other, forged, as_key + secrets.checksum(as_key), text[:-1]):
        assert server(wrong).get(ME).problem() == (401, "invalid_key")


def test_tokens_count_in_their_keys_rate(acme: Company, settings: Any) -> None:
    settings.TENANT_API_RATE = "2/min"
    key, text = acme.make_key()
    callers = [server(made) for made in (make_token(key)[1], make_token(key)[1], text)]

    with time_machine.travel(clock.now().replace(second=10), tick=False):
        assert [caller.get(ME).status for caller in callers] == [200, 200, 429]


def test_a_persons_repeats_are_their_own(acme: Company) -> None:
    key, text = acme.make_key()
    repeat = {"Idempotency-Key": str(uuid4())}
    subject = uuid4()

    def send(secret: str) -> Any:
        return Caller(Client(), {"X-API-Key": secret} | repeat).post(ME, {}).body["made"]

    def make_for(person: Any) -> str:
        return create_client_token(key=key, subject=person, at=clock.now())[1]

    first = send(make_for(subject))
    assert send(make_for(subject)) == first
    assert len({first, send(make_for(uuid4())), send(text)}) == 3


def test_the_second_wall_hides_other_companies_tokens(acme: Company, rival: Company) -> None:
    for company in (acme, rival):
        make_token(company.make_key()[0])

    with inside(acme.tenant.pk):
        assert [token.tenant_id for token in ClientToken.objects.all()] == [acme.tenant.pk]


def test_the_token_is_in_no_table_and_in_no_log(acme: Company) -> None:
    with kept_logs() as logs:
        _token, text = make_token(acme.make_key()[0])
        server(text).get(f"/api/v1/{text}")
        structlog.get_logger("tests").info("refused", note=f"token {text}")

    secret = text[17:]
    assert "[API key]" in logs.getvalue()
    for trace in (dump_database(), logs.getvalue()):
        assert secret not in trace


def test_a_browser_may_ask_from_any_origin_without_cookies(acme: Company) -> None:
    _token, text = make_token(acme.make_key()[0])
    origin = {"Origin": "https://shop.example"}

    answer = Client().get(ME, headers=origin | {"Authorization": f"Bearer {text}"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    shown = answer.headers["Access-Control-Expose-Headers"]
    assert {"Retry-After", "RateLimit-Remaining", "X-Request-Id"} <= set(shown.split(", "))
    assert (
        Client().get("/healthy", headers=origin).headers.get("Access-Control-Allow-Origin") is None
    )
    assert "Access-Control-Allow-Origin" in Client().get(ME, headers=origin).headers


def test_a_preflight_costs_no_query(acme: Company) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    with CaptureQueriesContext(connection) as queries:
        answer = Client().options(ME, headers=asked)

    assert (answer.status_code, len(queries)) == (200, 0)
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "x-api-key", "content-type", "idempotency-key"} == set(allowed)
    elsewhere = Client().options("/api/children", headers=asked)
    assert "Access-Control-Allow-Origin" not in elsewhere.headers
