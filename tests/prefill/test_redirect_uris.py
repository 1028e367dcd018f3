"""Where banks may lead the customers of a company back to: listed by staff, registered at Plaid."""

from core.models import AuditEntry
from prefill.models import Applicant, LinkSession
from tenants.models import Tenant, get_default_tenant
from tests.api.calling import Answer
from tests.desk.staff import at_the_desk
from tests.stage import Stage
from tests.tenants.company import Company, server

PAGE, OTHER = "https://shop.example/bank/", "https://shop.example/other/"
LINK_TOKEN = "/api/v1/plaid/link-token"
ACT = "/admin/tenants/tenant/%s/act/redirect-uris/"
UNUSABLE = [
    "http://shop.example/bank/",
    f"{PAGE}?a=1",
    f"{PAGE}#a",
    "https://user:pw@shop.example/",
    "javascript:alert(1)",
    "//shop.example/",
    "https://shop.example/" + "a" * 300,
    "\n".join(f"{PAGE}{number}" for number in range(21)),
]


def change_list(company: Company, text: str) -> str:
    """Change the list at the desk; return what staff read then."""
    asked = {"redirect_uris": text, "reason": "Asked for"}
    answer = at_the_desk().post(ACT % company.tenant.pk, asked, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def ask(company: Company, person: Applicant, redirect_uri: str, **more: str) -> Answer:
    _key, text = company.make_key()
    body = {"user_id": str(person.pk), "kind": "link", "redirect_uri": redirect_uri} | more
    return server(text).post(LINK_TOKEN, body)


def test_a_listed_address_is_sent_to_plaid_and_another_is_refused(
    acme: Company, rival: Company, person: Applicant, stage: Stage
) -> None:
    stage.control("POST", "plaid/redirect-uris", {"uri": PAGE})
    unlisted = ask(acme, person, PAGE)
    assert "The list is in force." in change_list(acme, f"{PAGE}\n\n  {PAGE} \n{OTHER}\n")
    listed, layer = ask(acme, person, PAGE), ask(acme, person, PAGE, kind="layer")
    bare = server(acme.make_key()[1]).post(LINK_TOKEN, {"user_id": str(person.pk), "kind": "link"})
    unregistered = ask(acme, person, OTHER)
    ours = ask(acme, person, "http://127.0.0.1:8000/links/back/")

    assert unlisted.problem() == ours.problem() == (400, "redirect_uri_unlisted")
    assert "not listed for your company" in unlisted.fields["redirect_uri"]
    assert (listed.status, layer.status, bare.status) == (200, 200, 200)
    told = [(row["kind"], row["redirectUri"]) for row in stage.state()["plaidLinks"]]
    assert told == [("link", PAGE), ("layer", PAGE), ("link", None)]
    assert bare.body["link_token"] != listed.body["link_token"]  # it would not lead back there
    assert unregistered.problem() == (400, "invalid")
    assert "Ask us to register it" in unregistered.fields["redirect_uri"]
    assert LinkSession.objects.count() == 3
    shown = server(acme.make_key()[1]).get("/api/v1/tenant").body["settings"]
    assert shown["data_aggregation"]["redirect_uris"] == [PAGE, OTHER]
    rival.tenant.refresh_from_db()
    assert rival.tenant.redirect_uris == []
    entry = AuditEntry.objects.get(verb="tenant.redirects_changed")
    assert entry.detail == {"reason": "Asked for", "uris": [PAGE, OTHER]}


def test_staff_list_only_what_plaid_can_lead_back_to(acme: Company) -> None:
    desk = at_the_desk()
    for text in UNUSABLE:
        answer = desk.post(
            ACT % acme.tenant.pk, {"redirect_uris": text, "reason": "x"}, follow=True
        )
        assert "The list is in force." not in answer.content.decode(), text

    assert Tenant.objects.get(pk=acme.tenant.pk).redirect_uris == []
    assert not AuditEntry.objects.filter(verb="tenant.redirects_changed").exists()


def test_our_own_pages_are_set_by_the_site(acme: Company) -> None:
    assert at_the_desk().get(ACT % get_default_tenant().pk).status_code == 404
