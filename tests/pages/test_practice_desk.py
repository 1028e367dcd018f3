"""The way to the practice broker's desk and back, while we practise; in production none."""

from typing import Any

import pytest
from django.test import Client

from brokerage.models import BrokerUser, Deposit, Order
from tests.cast import Family
from tests.desk.staff import give_app, make_staff

DESK = "http://127.0.0.1:8801/_sandbox/"
REAL = "https://bo-api.drivewealth.net"


def at(family: Family, kind: str, key: str, client: Client | None = None) -> Any:
    return (client or family.client).get(f"/practice/{kind}/{key}/")


@pytest.mark.bought
def test_a_row_of_the_desk_leads_to_our_page_about_it(family: Family, settings: Any) -> None:
    settings.PRACTICE_DESK_URL = DESK
    state = family.stage.state()
    order, deposit = Order.objects.get(), Deposit.objects.get()
    parent = BrokerUser.objects.get(parent=family.parent)
    child = BrokerUser.objects.get(child=family.child)

    for kind, row, target in (
        ("accounts", state["accounts"][0], f"/children/{family.child.pk}/"),
        ("deposits", state["deposits"][0], f"/deposits/{deposit.pk}/"),
        ("orders", state["orders"][0], f"/orders/{order.pk}/"),
        ("banks", state["bankAccounts"][0], "/banks/"),
        ("users", {"id": parent.vendor_id}, "/about-you/"),
        ("users", {"id": child.vendor_id}, f"/children/{family.child.pk}/account/"),
    ):
        answer = at(family, kind, row["id"])
        assert (answer.status_code, answer.headers["Location"]) == (302, target)
        assert family.client.get(target).status_code == 200


def test_a_stranger_and_nobody_get_nowhere(
    family: Family, stranger: Family, anyone: Client, settings: Any
) -> None:
    settings.PRACTICE_DESK_URL = DESK
    key = family.account.vendor_id

    assert at(family, "accounts", key, stranger.client).status_code == 404
    assert "/account/login/" in at(family, "accounts", key, anyone).headers["Location"]
    assert at(family, "accounts", "nothing").status_code == 404
    assert at(family, "pets", key).status_code == 404


def test_staff_are_led_to_the_compliance_desk(family: Family, settings: Any) -> None:
    settings.PRACTICE_DESK_URL = DESK
    staff, user = Client(), make_staff()
    give_app(user)
    staff.force_login(user)

    answer = at(family, "accounts", family.account.vendor_id, staff)

    assert (
        answer.headers["Location"] == f"/admin/brokerage/brokeraccount/{family.account.pk}/change/"
    )


@pytest.mark.parametrize(("desk", "broker"), [("", ""), (DESK, REAL)])
def test_without_a_desk_or_with_a_real_broker_there_is_no_way(
    family: Family, settings: Any, desk: str, broker: str
) -> None:
    settings.PRACTICE_DESK_URL = desk
    settings.DRIVEWEALTH_BASE_URL = broker or settings.DRIVEWEALTH_BASE_URL

    assert at(family, "accounts", family.account.vendor_id).status_code == 404
    assert DESK not in family.client.get("/").content.decode()


def test_the_banner_leads_to_the_desk_and_its_mail(anyone: Client, settings: Any, db: None) -> None:
    settings.PRACTICE_DESK_URL = DESK

    page = anyone.get("/").content.decode()

    assert f'href="{DESK}"' in page
    assert f'href="{DESK}outbox/"' in page
