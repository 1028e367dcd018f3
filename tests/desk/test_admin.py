"""The compliance desk: who gets in, what they can read, and that they can change nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from django_q.models import OrmQ, Schedule, Task
from waffle.models import Flag, Sample, Switch

from accounts.models import User, UtmaRule
from brokerage.models import BrokerEvent
from core.models import AuditEntry, Heartbeat, VendorCircuit
from tests.cast import PASSWORD, Family
from tests.desk.rows import fill
from tests.desk.staff import EMAIL, at_the_desk, code_of, give_app, make_staff
from tests.pages.reading import Browser, Page, read

EDITABLE = {"waffle.Switch"}


@pytest.fixture
def desk(family: Family) -> Client:
    """Staff at the desk, with at least one row of every registered model."""
    assert family.purchase().ended_at
    family.client.get("/home/")
    at = family.stage.now()
    fill(family)
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": at})
    VendorCircuit.objects.update_or_create(vendor="drivewealth", defaults={"failures": 1})
    BrokerEvent.objects.create(
        event_id="e-1", type="kyc.updated", source=BrokerEvent.Source.RELAY,
        happened_at=at, received_at=at, payload="{}",
    )  # fmt: skip
    Group.objects.create(name="compliance")
    Flag.objects.create(name="a-flag")
    Sample.objects.create(name="a-sample", percent="0.0")
    Schedule.objects.create(func="core.tasks.sweep")
    OrmQ.objects.create(key="stocksprout", payload="", lock=at)
    for success in (True, False):
        Task.objects.create(
            id=f"{success}", name="n", func="core.tasks.sweep", success=success,
            started=at, stopped=at,
        )  # fmt: skip
    return at_the_desk()


def models() -> list[type[Model]]:
    return list(admin.site._registry)


def url_of(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_a_visitor_is_asked_to_sign_in(db: None) -> None:
    page = read(Client().get("/admin/core/auditentry/", follow=True))

    assert page.url == "/account/login/"


def test_a_parent_is_refused(family: Family) -> None:
    for url in ("/admin/", "/admin/accounts/kycprofile/", "/admin/login/"):
        assert family.client.get(url, follow=True).status_code == 403


def test_a_parent_with_a_second_factor_is_refused_too(family: Family) -> None:
    secret = give_app(family.parent.user)
    family.client.post("/account/2fa/reauthenticate/", {"code": code_of(secret)})

    assert family.client.get("/admin/", follow=True).status_code == 403


def test_staff_without_a_second_factor_have_to_set_it_up(db: None) -> None:
    make_staff()
    browser = Browser()

    asked = browser.submit(browser.open("/account/login/"), login=EMAIL, password=PASSWORD)
    page = browser.submit(asked, password=PASSWORD)

    assert asked.url == "/account/reauthenticate/"
    assert page.url == "/account/2fa/totp/activate/"
    assert "Turn on the second step" in page.text
    assert browser.open("/admin/core/auditentry/").url == "/account/2fa/totp/activate/"


def test_staff_get_in_once_it_is_set_up(db: None) -> None:
    make_staff()
    browser = Browser()
    asked = browser.submit(browser.open("/account/login/"), login=EMAIL, password=PASSWORD)
    setting_up = browser.submit(asked, password=PASSWORD)
    secret = re.findall(r'class="secret">(\w+)<', setting_up.html)[0]
    browser.submit(setting_up, code=code_of(secret))

    asked = browser.open("/admin/core/auditentry/")
    with time_machine.travel(now() + timedelta(seconds=31)):  # no code counts twice
        inside = browser.submit(asked, code=code_of(secret))

    assert asked.url == "/account/2fa/reauthenticate/"
    assert inside.url == "/admin/core/auditentry/"


def test_staff_sign_in_with_password_and_code(db: None) -> None:
    secret = give_app(make_staff())
    browser = Browser()

    asked = browser.submit(browser.open("/account/login/"), login=EMAIL, password=PASSWORD)
    before = browser.open("/admin/")
    browser.submit(browser.open(asked.url), code=code_of(secret))

    assert asked.url == "/account/2fa/authenticate/"
    assert before.url == "/account/2fa/authenticate/"
    assert "Audit entries" in browser.open("/admin/").text


def test_staff_do_not_get_in_with_a_wrong_code(db: None) -> None:
    secret = give_app(make_staff())
    browser = Browser()
    asked = browser.submit(browser.open("/account/login/"), login=EMAIL, password=PASSWORD)

    wrong = f"{(int(code_of(secret)) + 1) % 1_000_000:06d}"
    refused = browser.submit(asked, code=wrong)

    assert "Incorrect code" in refused.text
    assert browser.open("/admin/").url == "/account/2fa/authenticate/"


def test_a_password_alone_does_not_do(db: None) -> None:
    user = make_staff()
    give_app(user)
    client = Client()
    client.force_login(user)

    page = read(client.get("/admin/", follow=True))

    assert page.url == "/account/2fa/reauthenticate/"


def test_a_member_of_staff_who_left_does_not_get_in(db: None) -> None:
    client = at_the_desk()
    assert client.get("/admin/").status_code == 200

    User.objects.filter(email=EMAIL).update(is_active=False)

    assert read(client.get("/admin/", follow=True)).url == "/account/login/"


@pytest.mark.bought
def test_every_page_can_be_read_offers_no_change_and_shows_no_number_in_full(
    desk: Client, family: Family
) -> None:
    numbers = full_numbers(family)

    request = _request(desk)
    for model in models():
        rows = admin.site._registry[model].get_queryset(request)
        assert rows.exists(), f"no row of {model._meta.label}"
        for url in [
            url_of(model, "changelist"),
            *(url_of(model, "change", r.pk) for r in rows[:3]),
        ]:
            page = read(desk.get(url))
            assert page.status == 200, url
            assert [number for number in numbers if number in page.html] == [], url
            assert model._meta.label in EDITABLE or offers_no_change(page, model), url
        assert desk.get(url_of(model, "changelist"), {"q": "sample"}).status_code == 200, model


def full_numbers(family: Family) -> list[str]:
    """Return what the desk must not show."""
    return [
        "123456789", "123-45-6789", "234567891", "234-56-7891",  # SSNs
        "+13035550123", "3035550123", "3035550177", "gran@family.example",
        "1 Sample Street",
        "021000021", "000123456789", family.account.number,
        "1985-06-15", "June 15, 1985", "2019-04-01", "April 1, 2019",
        "grandma@family.example", "For you",
        family.child.gift_code, family.child.gifts.get().token,
        family.parent.user.password, Authenticator.objects.get().data["secret"],
    ]  # fmt: skip


def offers_no_change(page: Page, model: type[Model]) -> bool:
    """Say whether the page has neither a field but the search nor a link to add a row."""
    forms = [form for form in page.forms if "logout" not in form.action]
    fields = {name for form in forms for name in form.names}
    adds = [link for link in page.links if "/add/" in link and model_in(link, model)]
    return fields <= {"q", "o", "csrfmiddlewaretoken"} and not adds


def model_in(link: str, model: type[Model]) -> bool:
    return f"/{model._meta.app_label}/{model._meta.model_name}/" in link


@pytest.mark.bought
def test_nothing_can_be_added_changed_or_deleted(desk: Client) -> None:
    request = _request(desk)
    for model in models():
        if model._meta.label in EDITABLE:
            continue
        rows = admin.site._registry[model].get_queryset(request)
        pk, before = rows[0].pk, rows.count()
        marked = {"action": "delete_selected", "_selected_action": str(pk), "post": "yes"}
        refused = [
            desk.post(url_of(model, "add"), {}),
            desk.post(url_of(model, "change", pk), {"status": "APPROVED", "email": "x@y.example"}),
            desk.post(url_of(model, "delete", pk), {"post": "yes"}),
        ]
        desk.post(url_of(model, "changelist"), marked)
        assert [answer.status_code for answer in refused] == [403] * 3, model
        assert rows.count() == before, model


def test_no_action_of_a_package_is_left(db: None) -> None:
    """An action needs no right to change: one would verify an address, one call any function."""
    desk = at_the_desk()
    address = EmailAddress.objects.create(user=User.objects.get(), email="other@family.example")
    Task.objects.create(
        id="done", name="n", func="core.tasks.sweep", success=True, started=now(), stopped=now()
    )

    for model, action, pk in (
        ("account/emailaddress", "make_verified", address.pk),
        ("django_q/success", "resubmit_task", "done"),
    ):
        page = read(desk.get(f"/admin/{model}/"))
        desk.post(f"/admin/{model}/", {"action": action, "_selected_action": pk})
        assert action not in page.html

    address.refresh_from_db()
    assert not address.verified
    assert not OrmQ.objects.exists()


def test_staff_turn_a_kill_switch_on(db: None) -> None:
    desk, switch = at_the_desk(), Switch.objects.get(name="halt-gifts")
    url = url_of(Switch, "change", switch.pk)

    form = next(form for form in read(desk.get(url)).forms if "active" in form.names)
    desk.post(url, form.fill(active="on"))

    switch.refresh_from_db()
    assert switch.active
    assert AuditEntry.objects.filter(verb="switch.turned_on").exists()


def test_the_last_four_digits_are_shown(family: Family) -> None:
    desk = at_the_desk()

    assert "6789" in desk.get("/admin/accounts/kycprofile/").content.decode()
    assert "6789" in desk.get("/admin/brokerage/bankaccount/").content.decode()
    assert "••0001" in desk.get("/admin/brokerage/brokeraccount/").content.decode()


def test_the_states_ages_can_not_be_edited_by_hand(db: None) -> None:
    rule = UtmaRule.objects.get(state="NY")

    at_the_desk().post(url_of(UtmaRule, "change", rule.pk), {"status": "CONFIRMED", "age": "18"})

    rule.refresh_from_db()
    assert rule.status == "NEEDS_COUNSEL"


def _request(client: Client) -> Any:
    """Return a request of staff, as an admin page wants one."""
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return answer.wsgi_request
