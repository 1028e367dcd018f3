"""What companies see in their portal, and staff at the desk."""

from uuid import uuid4

from django.urls import reverse

from brokerage.models import Case
from brokerage.operations import open_case
from core import clock
from tenants.operations import add_member
from tests.cast import Family
from tests.desk.staff import at_the_desk
from tests.looks.album import Album
from tests.pages.reading import read
from tests.tenants.company import EVERY_SCOPE, make_company


def run_a_company(album: Album) -> None:
    """See the portal, with forms filled in wrong and a key shown once."""
    acme = make_company("acme")
    admin = acme.sign_in("tenant_admin")
    album.get("keys, none yet", admin, acme.address())
    album.get("trying it, no key yet", admin, acme.address("try/"))
    album.get("a key to make", admin, acme.address("keys/new/"))
    album.post("a key to make, all of it empty", admin, acme.address("keys/new/"))
    new = {"name": "Checkout", "mode": "test", "scopes": EVERY_SCOPE, "form_key": uuid4()}
    album.post("a new key", admin, acme.address("keys/new/"), **new)
    key, _text = acme.make_key()
    album.get("keys", admin, acme.address())
    album.get("a key to rotate", admin, acme.address(f"keys/{key.pk}/rotate/"))
    album.get("a key to revoke", admin, acme.address(f"keys/{key.pk}/revoke/"))
    album.get("a company's settings", admin, acme.address("settings/"))
    album.post("a company's branding, wrong", admin, acme.address("settings/branding/"),
               display_name="", primary_color="red")  # fmt: skip
    album.post("a company's use, wrong", admin, acme.address("settings/use/"), country_codes="??")
    album.get("members", admin, acme.address("members/"))
    album.post("members, nobody of this name", admin, acme.address("members/"), email="x@y.example")
    album.get("members, as support sees them", acme.sign_in("support"), acme.address("members/"))
    trial = album.get("trying it", admin, acme.address("try/"))
    form = read(trial).form_to("/try/").fill()
    album.post("trying it, under way", admin, acme.address("try/"), **form)
    stranger = acme.sign_in("support")
    album.get("a page support may not open", stranger, acme.address("keys/new/"))
    other = make_company("globe")
    add_member(member=other.admin, email=acme.admin.user.email, role="support", at=clock.now())
    album.get("companies, two", acme.sign_in("tenant_admin"), "/tenant/")


def sit_at_the_desk(album: Album, family: Family) -> None:
    """See the desk: its index, a list, a row with its buttons, and a reason asked for."""
    case = open_case(
        Case.Kind.BREAK, family.account, summary="Books differ.", at=family.stage.now()
    )
    desk = at_the_desk()
    album.get("the desk", desk, "/admin/")
    for model in ("brokerage_case", "core_auditentry", "gifting_gift", "brokerage_bankaccount"):
        album.get(f"the desk, {model}s", desk, reverse(f"admin:{model}_changelist"))
    album.get("the desk, a case", desk, reverse("admin:brokerage_case_change", args=[case.pk]))
    album.get(
        "the desk, a reason", desk, reverse("admin:brokerage_case_act", args=[case.pk, "close"])
    )
