"""The portal: what each role sees and does there, and what stays shut."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from core import clock
from core.models import AuditEntry
from tenants.models import ApiKey, Membership, Role, Tenant
from tenants.operations import change_role, reinstate_tenant, suspend_tenant
from tests.cast import make_user
from tests.desk.staff import at_the_desk
from tests.pages.reading import read
from tests.tenants.company import Company, make_company

KEY_FORM: dict[str, Any] = {"name": "Checkout", "mode": "test", "scopes": ["tenant:read", "phone"]}
BRANDING: dict[str, Any] = {
    "display_name": "Acme Kids", "logo_url": "https://acme.example/logo.svg",
    "primary_color": "#103050", "text_color": "#FFFFFF",
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "phone_enabled": "on", "phone_method": "sms", "phone_max_attempts": 5,
    "aggregation_enabled": "on", "aggregation_products": "auth, identity transactions",
    "country_codes": "us CA",
}  # fmt: skip

SEES = ["", "settings/", "members/"]
# What is sent where, and which roles may: 302 or, where a secret is shown, 200.
ACTS: dict[str, tuple[dict[str, Any], int, set[str]]] = {
    "keys/new/": (KEY_FORM, 200, {"tenant_admin", "developer"}),
    "keys/{key}/rotate/": ({"overlap": "24"}, 200, {"tenant_admin", "developer"}),
    "keys/{key}/revoke/": ({}, 302, {"tenant_admin", "developer"}),
    "settings/branding/": (BRANDING, 302, {"tenant_admin"}),
    "settings/use/": (SETTINGS, 302, {"tenant_admin"}),
    "members/": ({"email": "new@acme.example", "role": "support"}, 302, {"tenant_admin"}),
    "members/{member}/role/": ({"role": "developer"}, 302, {"tenant_admin"}),
    "members/{member}/remove/": ({}, 302, {"tenant_admin"}),
}


def send(client: Client, company: Company, act: str, key: ApiKey) -> Any:
    path = act.format(key=key.pk, member=company.members["support"].pk)
    return client.post(company.address(path), ACTS[act][0] | {"form_key": uuid4()})


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("act", ACTS)
def test_each_role_does_what_the_table_says(acme: Company, role: str, act: str) -> None:
    make_user("new@acme.example")
    key, _text = acme.make_key()
    before = AuditEntry.objects.count()

    answer = send(acme.sign_in(role), acme, act, key)

    _form, done, who = ACTS[act]
    assert answer.status_code == (done if role in who else 403)
    assert AuditEntry.objects.count() == before + (role in who)


@pytest.mark.parametrize("role", Role.values)
def test_each_role_reads_all_and_is_offered_what_it_may(acme: Company, role: str) -> None:
    acme.make_key()
    client = acme.sign_in(role)

    pages = {path: read(client.get(acme.address(path))) for path in SEES}

    assert {page.status for page in pages.values()} == {200}
    assert "Checkout server" in pages[""].text
    assert ("Make a key" in pages[""].text) == (role != "support")
    assert ("Save the branding" in pages["settings/"].text) == (role == "tenant_admin")
    assert ("Add them" in pages["members/"].text) == (role == "tenant_admin")
    form = client.get(acme.address("keys/new/"))
    assert form.status_code == (403 if role == "support" else 200)


def test_another_company_is_not_found(acme: Company, rival: Company) -> None:
    key, _text = acme.make_key()
    theirs, _text = rival.make_key()
    outsider, stranger = rival.sign_in("tenant_admin"), Client()
    stranger.force_login(make_user("stranger@elsewhere.example"))

    for client in (outsider, stranger):
        for path in SEES:
            assert client.get(acme.address(path)).status_code == 404
        for act in ACTS:
            assert send(client, acme, act, key).status_code == 404
    for act in ("keys/{key}/rotate/", "keys/{key}/revoke/"):
        assert send(outsider, rival, act, key).status_code == 404
    for word in ("role", "remove"):
        path = rival.address(f"members/{acme.admin.pk}/{word}/")
        assert outsider.post(path, {"role": "support"}).status_code == 404
    assert stranger.get("/tenant/").status_code == 404
    assert ApiKey.objects.filter(revoked_at=None, expires_at=None).count() == 2
    assert theirs.works_at(clock.now())


def test_a_visitor_is_asked_to_sign_in(acme: Company) -> None:
    key, _text = acme.make_key()

    answers = [Client().get(acme.address(path)) for path in SEES]
    answers += [send(Client(), acme, act, key) for act in ACTS]

    for answer in answers:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/?next=/tenant/")


def test_a_key_is_made_shown_once_rotated_and_revoked(acme: Company) -> None:
    client = acme.sign_in("developer")
    empty = read(client.get("/tenant/", follow=True))
    assert (empty.url, "No keys yet" in empty.text) == (acme.address(), True)
    form = read(client.get(acme.address("keys/new/"))).form_to()
    asked: dict[str, Any] = {**form.fill(name="Checkout"), "scopes": ["phone", "plaid"]}
    page = read(client.post(acme.address("keys/new/"), asked))
    again = read(client.post(acme.address("keys/new/"), asked))
    listed = read(client.get(acme.address()))

    assert page.inline == []
    text = re.findall(r"ssk_test_[0-9A-Za-z]{46}", page.html)[0]
    assert (again.status, "made already" in again.text) == (422, True)
    assert text not in listed.html
    assert text[:17] in listed.text
    key = ApiKey.objects.get()
    rotate = acme.address(f"keys/{key.pk}/rotate/")
    asked = dict(read(client.get(rotate)).form_to().fill(overlap="1"))
    assert "ssk_test_" in read(client.post(rotate, asked)).html
    assert "rotated or revoked already" in read(client.post(rotate, asked)).text
    assert "Being replaced" in read(client.get(acme.address())).text
    done = read(client.post(acme.address(f"keys/{key.pk}/revoke/"), follow=True))
    assert "The key is revoked." in done.text
    assert ApiKey.objects.get(pk=key.pk).revoked_at


def test_branding_and_settings_are_kept(acme: Company) -> None:
    client = acme.sign_in("tenant_admin")

    client.post(acme.address("settings/branding/"), BRANDING)
    client.post(acme.address("settings/use/"), SETTINGS)

    tenant = Tenant.objects.get(pk=acme.tenant.pk)
    assert (tenant.shown_name, tenant.text_color) == ("Acme Kids", "#ffffff")
    assert (tenant.phone_enabled, tenant.phone_method, tenant.phone_max_attempts) == (
        True, "sms", 5,
    )  # fmt: skip
    assert tenant.aggregation_products == ["auth", "identity", "transactions"]
    assert tenant.country_codes == ["US", "CA"]
    shown = read(client.get(acme.address("settings/"))).form_to("use").values
    assert shown["aggregation_products"] == "auth, identity, transactions"
    entries = AuditEntry.objects.filter(verb__in=["tenant.branded", "tenant.configured"])
    assert entries.count() == 2
    client.post(acme.address("settings/use/"), SETTINGS)
    assert entries.count() == 2


def test_phone_calls_are_offered_to_who_has_them_only(acme: Company, settings: Any) -> None:
    def ways(slug: str = "settings/") -> set[str]:
        page = client.get(acme.address(slug)).content.decode()
        return {way for way in ("sms", "voice", "both") if f'value="{way}"' in page}

    def choose(way: str) -> int:
        given = SETTINGS | {"phone_method": way}
        return client.post(acme.address("settings/use/"), given).status_code

    client = acme.sign_in("tenant_admin")
    before, refused = ways(), choose("voice")
    Tenant.objects.filter(pk=acme.tenant.pk).update(phone_method="voice")
    kept, saved, back = ways(), choose("voice"), choose("sms")
    settings.PHONE_METHODS = ["sms", "voice"]

    assert (before, refused) == ({"sms"}, 422)
    assert (kept, saved, back) == ({"sms", "voice"}, 302, 302)
    assert ways() == {"sms", "voice", "both"}
    assert choose("both") == 302


@pytest.mark.parametrize(
    ("act", "field", "value", "said"),
    [
        ("branding", "logo_url", "http://acme.example/a.png", "https://"),
        ("branding", "logo_url", "javascript:alert(1)", "valid URL"),
        ("branding", "primary_color", "red", "six signs"),
        ("branding", "text_color", "#1a3a5a", "Hard to read"),
        ("use", "phone_max_attempts", 6, "less than or equal to 5"),
        ("use", "phone_max_attempts", 0, "greater than or equal to 1"),
        ("use", "phone_method", "pigeon", "choose one of these"),
        ("use", "aggregation_products", "auth, accounts", "Accounts come with every link"),
        ("use", "aggregation_products", "", "at least one product"),
        ("use", "country_codes", "US, XX", "does not work in XX"),
    ],
)
def test_what_can_not_be_is_said_beside_its_field(
    acme: Company, act: str, field: str, value: Any, said: str
) -> None:
    given = (BRANDING if act == "branding" else SETTINGS) | {field: value}

    page = read(acme.sign_in("tenant_admin").post(acme.address(f"settings/{act}/"), given))

    assert page.status == 422
    assert said in page.errors[field]
    unchanged = Tenant.objects.get(pk=acme.tenant.pk)
    assert (unchanged.display_name, unchanged.phone_enabled) == ("", False)
    typed = page.form_to(act).values
    assert typed["display_name" if act == "branding" else "country_codes"] == str(
        given["display_name" if act == "branding" else "country_codes"]
    )


def test_the_last_administrator_stays(acme: Company) -> None:
    client, me = acme.sign_in("tenant_admin"), acme.admin.pk
    for act in (f"members/{me}/remove/", f"members/{me}/role/"):
        page = read(client.post(acme.address(act), {"role": "support"}, follow=True))
        assert "needs an administrator" in page.text
    path = acme.address(f"members/{acme.members['developer'].pk}/role/")
    client.post(path, {"role": "tenant_admin"})

    left = client.post(acme.address(f"members/{me}/remove/"))

    assert left.headers["Location"] == "/home/"
    assert client.get(acme.address()).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_administrators_can_not_remove_each_other_at_once() -> None:
    acme = make_company("acme")
    other = acme.members["developer"]
    change_role(member=acme.admin, colleague=other, role="tenant_admin", at=clock.now())
    pairs = [("tenant_admin", other), ("developer", acme.admin)]
    doors = [(acme.sign_in(role), colleague) for role, colleague in pairs]

    def remove(door: tuple[Client, Membership]) -> int:
        try:
            return door[0].post(acme.address(f"members/{door[1].pk}/remove/")).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(remove, doors))

    assert statuses in ([302, 404], [302, 302])
    assert Membership.objects.filter(tenant=acme.tenant, role="tenant_admin").count() == 1


def test_adding_somebody_unknown_or_twice_is_told(acme: Company) -> None:
    client = acme.sign_in("tenant_admin")

    for email, said in (
        ("nobody@far.example", "Nobody has signed up"),
        ("SUPPORT@acme.example", "a member already"),
    ):
        page = read(client.post(acme.address("members/"), {"email": email, "role": "support"}))
        assert (page.status, said in page.errors["email"]) == (422, True)
    assert Membership.objects.count() == 3


def test_in_a_suspended_company_nothing_can_be_changed(acme: Company) -> None:
    key, _text = acme.make_key()
    suspend_tenant(acme.tenant, by=acme.admin.user, reason="Unpaid", at=clock.now())
    client = acme.sign_in("tenant_admin")
    before = AuditEntry.objects.count()

    for act in ACTS:
        send(client, acme, act, key)

    assert AuditEntry.objects.count() == before
    page = read(client.get(acme.address()))
    assert ("is suspended" in page.text, "Make a key" in page.text) == (True, False)
    reinstate_tenant(acme.tenant, by=acme.admin.user, reason="Paid", at=clock.now())
    assert "Make a key" in read(client.get(acme.address())).text


def test_who_works_for_two_companies_chooses(acme: Company, rival: Company) -> None:
    client = rival.sign_in("support")
    user = rival.members["support"].user
    acme.sign_in("tenant_admin").post(
        acme.address("members/"), {"email": user.email, "role": "developer"}
    )

    page = read(client.get("/tenant/"))

    assert {acme.address(), rival.address()} <= set(page.links)


def test_staff_read_all_but_hashes_and_suspend(acme: Company) -> None:
    key, _text = acme.make_key()
    desk = at_the_desk()

    shown = desk.get(f"/admin/tenants/apikey/{key.pk}/change/").content.decode()
    desk.post(f"/admin/tenants/tenant/{acme.tenant.pk}/act/suspend/", {"reason": "Stolen keys"})

    assert key.prefix in shown
    assert key.digest not in shown
    assert str(key.form_key) not in shown
    assert Tenant.objects.get(pk=acme.tenant.pk).status == "SUSPENDED"
    assert AuditEntry.objects.get(verb="tenant.suspended").detail["reason"] == "Stolen keys"
    default = Tenant.objects.get(slug="stocksprout")
    path = f"/admin/tenants/tenant/{default.pk}/act/suspend/"
    assert desk.post(path, {"reason": "By mistake"}).status_code == 404


def test_the_command_makes_a_company_of_who_has_signed_up(db: None, capsys: Any) -> None:
    make_user("boss@new.example")

    call_command("make_tenant", "new-co", "New Co", "boss@new.example")

    assert "/tenant/new-co/" in capsys.readouterr().out
    assert Membership.objects.get().role == "tenant_admin"
    for wrong in (
        ("new-co", "Again", "boss@new.example"),
        ("other", "Other", "nobody@new.example"),
        ("no good", "Other", "boss@new.example"),
    ):
        with pytest.raises(CommandError):
            call_command("make_tenant", *wrong)
    assert Tenant.objects.count() == 2


def test_more_keys_than_a_page_holds_are_all_shown(acme: Company) -> None:
    for _n in range(51):
        acme.make_key()
        ApiKey.objects.update(revoked_at=clock.now())
    client = acme.sign_in("developer")

    first = read(client.get(acme.address()))
    second = read(client.get(next(link for link in first.links if "after=" in link)))

    both = first.html + second.html
    assert [both.count(key.prefix) for key in ApiKey.objects.all()] == [1] * 51
    assert "Show earlier ones" not in second.text
