"""Every endpoint of `/api/v1/`, walked by all who must not get through.

A new endpoint without an entry here fails the first test.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.shortcuts import get_object_or_404
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core import clock
from prefill import queries
from prefill.models import Applicant, LinkSession, PhoneSession, PlaidItem
from tenants.api.base import METHODS
from tenants.models import ApiKey
from tenants.operations import create_client_token, revoke_key, suspend_tenant
from tenants.walls import inside
from tests.api.calling import Answer, Caller
from tests.prefill.people import fill_every_table
from tests.stage import Stage
from tests.tenants.company import EVERY_SCOPE, Company, server

CONSENT = {"accepted": True, "text_version": "any"}
PERSON = {"phone_number": "+12125550100", "date_of_birth": "1985-06-15", "consent": CONSENT}


@dataclass(frozen=True)
class Entry:
    """One method of one address. Names in braces stand for ids of an applicant's rows."""

    path: str
    scope: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def has_id(self) -> bool:
        texts = [self.path, *self.body.values()]
        return any("{" in text for text in texts if isinstance(text, str))

    @property
    def is_for_browsers(self) -> bool:
        return self.scope in {"phone", "plaid", "prefill"}

    def call(self, caller: Caller, method: str, ids: dict[str, str]) -> Answer:
        body = {
            name: value.format(**ids) if isinstance(value, str) else value
            for name, value in self.body.items()
        }
        path = f"/api/v1/{self.path.format(**ids)}"
        if method == "get":
            return caller.get(path)
        return caller.patch(path, body) if method == "patch" else _send(caller, method, path, body)


def _send(caller: Caller, method: str, path: str, body: dict[str, Any]) -> Answer:
    return caller.post(path, body) if method == "post" else caller.call(method.upper(), path)


LINK = {"user_id": "{user}", "kind": "link"}
EXCHANGE = {"user_id": "{user}", "public_token": "public-sandbox-1"}
ENTRIES = {
    ("v1-tenant", "get"): Entry("tenant", "tenant:read"),
    ("v1-current-key", "get"): Entry("keys/current"),
    ("v1-users", "post"): Entry("users", "users:write"),
    ("v1-user", "get"): Entry("users/{user}", "users:read"),
    ("v1-user", "patch"): Entry("users/{user}", "users:write", {"metadata": {"a": 1}}),
    ("v1-client-tokens", "post"): Entry("client-tokens", "", {"user_id": "{user}"}),
    ("v1-consent-text", "get"): Entry("phone/consent-text", "phone"),
    ("v1-verify-phone", "post"): Entry("phone/verify", "phone", {"user_id": "{user}"} | PERSON),
    ("v1-confirm-phone", "post"): Entry(
        "phone/confirm", "phone", {"session_id": "{phone}", "verification_code": "000000"}
    ),
    ("v1-phone-status", "get"): Entry("phone/status/{phone}", "phone"),
    ("v1-start-link", "post"): Entry("plaid/link-token", "plaid", LINK),
    ("v1-data-connect", "post"): Entry("data/connect", "plaid", LINK),
    ("v1-finish-link", "post"): Entry("plaid/exchange-token", "plaid", EXCHANGE),
    ("v1-data-exchange", "post"): Entry("data/exchange", "plaid", EXCHANGE),
    ("v1-link-event", "post"): Entry(
        "plaid/events", "plaid", {"session_id": "{link}", "event_name": "EXIT"}
    ),
    ("v1-accounts", "get"): Entry("plaid/accounts/{user}", "plaid"),
    ("v1-prefill", "get"): Entry("prefill/{user}", "prefill"),
    ("v1-prefill", "patch"): Entry(
        "prefill/{user}", "prefill", {"changes": {"personal_info.first_name": "Ann"}}
    ),
    ("v1-item", "delete"): Entry("plaid/items/{item}", "plaid"),
    ("v1-user", "delete"): Entry("users/{user}", "users:write"),
}
WITH_IDS = {key: entry for key, entry in ENTRIES.items() if entry.has_id}


def list_endpoints() -> set[tuple[str, str]]:
    """Return the name and method of all that is below `/api/v1/`, by the site's own addresses."""

    def walk(resolver: URLResolver, prefix: str) -> Any:
        for pattern in resolver.url_patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield path, pattern
            else:
                yield from walk(pattern, path)

    return {
        (pattern.name or path, method)
        for path, pattern in walk(get_resolver(), "")
        if path.startswith("api/v1/") and hasattr(pattern.callback, "view_class")
        for method in METHODS
        if hasattr(pattern.callback.view_class, method)
    }


@dataclass
class Cast:
    """acme's key and person; the same company's live person, another of acme's, and rival's."""

    key: ApiKey
    text: str
    mine: Applicant
    others: dict[str, Applicant]


@pytest.fixture
def cast(acme: Company, rival: Company) -> Cast:
    key, text = acme.make_key()
    people = {
        "another company": fill_every_table(rival.tenant, external_id="r-1"),
        "the other mode": fill_every_table(acme.tenant, "live", external_id="l-1"),
    }
    return Cast(key, text, fill_every_table(acme.tenant), people)


def ids_of(applicant: Applicant) -> dict[str, str]:
    rows: dict[str, Any] = {"phone": PhoneSession, "link": LinkSession, "item": PlaidItem}
    ids = {name: str(model.objects.get(applicant=applicant).pk) for name, model in rows.items()}
    return ids | {"user": str(applicant.pk)}


def walk(
    caller: Caller, ids: dict[str, str], entries: Any = None
) -> dict[tuple[str, str], tuple[int, str]]:
    """Call every entry; return what each answered, once sure that it is a problem."""
    found = (entries or ENTRIES).items()
    return {key: entry.call(caller, key[1], ids).problem() for key, entry in found}


def all_are(problem: tuple[int, str], entries: Any = None) -> Any:
    return dict.fromkeys(entries or ENTRIES, problem)


def fingerprint() -> str:
    """Return a hash of all rows that a request could have made or changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND (tablename LIKE"
            " 'prefill_%' OR tablename IN ('core_auditentry', 'core_idempotentrequest',"
            " 'tenants_clienttoken', 'core_vendorallowance', 'django_q_ormq')) ORDER BY 1"
        )
        hashes = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")  # noqa: S608
            hashes.append(f"{table} {cursor.fetchone()}")
    return "\n".join(hashes)


def test_every_endpoint_has_an_entry() -> None:
    unguarded = {("tenant-api-schema", "get"), ("tenant-api-docs", "get")}

    assert list_endpoints() - unguarded == set(ENTRIES)


def test_who_has_no_working_key_gets_nowhere(cast: Cast, acme: Company, rival: Company) -> None:
    ids = ids_of(cast.mine)
    revoked, revoked_text = acme.make_key()
    revoke_key(member=acme.admin, key=revoked, at=clock.now())
    _key, suspended = rival.make_key()
    suspend_tenant(rival.tenant, by=rival.admin.user, reason="Unpaid", at=clock.now())
    before = fingerprint()

    assert walk(Caller(Client()), ids) == all_are((401, "not_authenticated"))
    assert walk(server(revoked_text), ids) == all_are((401, "revoked_key"))
    assert walk(server(suspended), ids) == all_are((403, "tenant_suspended"))
    assert fingerprint() == before


def test_every_scope_opens_its_own_endpoints_only(cast: Cast, acme: Company) -> None:
    ids = ids_of(cast.mine)
    keys = {
        scope: server(acme.make_key(scopes=[other for other in EVERY_SCOPE if other != scope])[1])
        for scope in EVERY_SCOPE
    }
    before = fingerprint()

    for (name, method), entry in ENTRIES.items():
        if entry.scope:
            answer = entry.call(keys[entry.scope], method, ids)
            assert answer.problem() == (403, "insufficient_scope"), name

    assert fingerprint() == before


@pytest.mark.parametrize("whose", ["another company", "the other mode", "nobody"])
def test_ids_of_others_are_not_found(cast: Cast, whose: str) -> None:
    nobody = dict.fromkeys(("user", "phone", "link", "item"), str(uuid4()))
    ids = nobody if whose == "nobody" else ids_of(cast.others[whose])
    before = fingerprint()

    assert walk(server(cast.text), ids, WITH_IDS) == all_are((404, "not_found"), WITH_IDS)

    assert fingerprint() == before


def test_a_browser_touches_one_person_only(cast: Cast, acme: Company) -> None:
    _token, text = create_client_token(key=cast.key, subject=uuid4(), at=clock.now())
    ids = ids_of(cast.mine)
    for_browsers = {key: entry for key, entry in WITH_IDS.items() if entry.is_for_browsers}
    for_servers = {key: entry for key, entry in ENTRIES.items() if not entry.is_for_browsers}
    before = fingerprint()

    assert walk(server(text), ids, for_browsers) == all_are((404, "not_found"), for_browsers)
    assert walk(server(text), ids, for_servers) == all_are((403, "insufficient_scope"), for_servers)

    assert fingerprint() == before


def test_ids_of_two_of_ones_own_people_do_not_mix(cast: Cast, acme: Company) -> None:
    other = ids_of(cast.mine) | {"user": _make_user(cast)}
    mixed = {
        "repair": Entry("plaid/link-token", "", LINK | {"kind": "update", "item_id": "{item}"}),
        "repaired": Entry(
            "plaid/exchange-token", "", {"user_id": "{user}", "session_id": "{link}"}
        ),
    }
    before = fingerprint()

    for entry in mixed.values():
        assert entry.call(server(cast.text), "post", other).problem() == (404, "not_found")

    assert fingerprint() == before


def _make_user(cast: Cast) -> str:
    made: str = server(cast.text).post("/api/v1/users", {}).body["user_id"]
    return made


def test_the_second_wall_alone_holds_too(
    cast: Cast, acme: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if every door forgot whose rows it opens."""

    for name, model in (
        ("get_applicant_or_404", Applicant),
        ("get_phone_session_or_404", PhoneSession),
        ("get_link_session_or_404", LinkSession),
        ("get_item_or_404", PlaidItem),
    ):
        monkeypatch.setattr(queries, name, _open_door(model))
    theirs, mine = ids_of(cast.others["another company"]), ids_of(cast.mine)
    before = fingerprint()

    found = walk(server(cast.text), theirs, WITH_IDS)

    assert found == all_are((404, "not_found"), WITH_IDS)
    assert fingerprint() == before
    assert server(cast.text).get(f"/api/v1/users/{mine['user']}").status == 200
    with inside(acme.tenant.pk):
        for model in (Applicant, PhoneSession, LinkSession, PlaidItem):
            assert not model.objects.filter(tenant=rival.tenant).exists()


def _open_door(model: Any) -> Any:
    def door(_tenant_id: Any, _mode: str, pk: Any, *, only: Any = None) -> Any:
        return get_object_or_404(model, pk=pk)

    return door


@pytest.mark.slow
def test_all_of_it_opens_to_who_may(cast: Cast, stage: Stage) -> None:
    """So that the walks above do not fail to get through for another reason."""
    ids = ids_of(cast.mine)
    _token, browsers = create_client_token(key=cast.key, subject=cast.mine.pk, at=clock.now())

    for (name, method), entry in ENTRIES.items():
        callers = [server(cast.text)] + [server(browsers)] * entry.is_for_browsers
        if method == "delete":
            callers = callers[-1:]
        for caller in callers:
            answer = entry.call(caller, method, ids)
            assert answer.status not in {401, 403, 404, 405, 500}, (name, method, answer.body)
