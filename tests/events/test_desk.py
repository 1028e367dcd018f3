"""Events on the compliance desk."""

import time

import pytest
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import PASSWORD
from tests.events.sender import Sender
from tests.stage import Stage


@pytest.fixture
def officer() -> Client:
    """Staff whose session has passed a second factor."""
    client = Client()
    user = User.objects.create_superuser("officer@desk.example", PASSWORD)
    client.force_login(user)
    session = client.session
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session.save()
    return client


def test_compliance_reads_when_and_how_an_event_ended_but_not_what_it_said(
    stage: Stage, sender: Sender, officer: Client
) -> None:
    event = sender.tell("users.created", {"userID": "nobody", "email": "pat@family.test"})
    stage.work(2)

    rows = officer.get(reverse("admin:brokerage_brokerevent_changelist"))
    row = officer.get(reverse("admin:brokerage_brokerevent_change", args=[event.pk]))

    for page in (rows, row):
        assert page.status_code == 200
        assert event.event_id in page.content.decode()
        assert "no row of ours has this id" in page.content.decode()
        assert "pat@family.test" not in page.content.decode()
        assert "payload" not in page.content.decode().lower()


def test_nobody_changes_an_event_at_the_desk(stage: Stage, sender: Sender, officer: Client) -> None:
    event = sender.tell("users.created", {"userID": "nobody"})
    address = reverse("admin:brokerage_brokerevent_change", args=[event.pk])

    assert officer.post(address, {"status": "DONE"}).status_code == 403
    event.refresh_from_db()
    assert event.status == "RECEIVED"
