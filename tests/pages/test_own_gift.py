"""A gift with the own e-mail address: allowed, and called what it is, to the parent alone."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from brokerage.models import Instrument
from core import clock
from gifting.models import Gift
from gifting.operations import GiftOffer, give
from tests.cast import Family
from tests.pages.reading import read

OWN = "This is your own gift"


def offer(family: Family, email: str) -> Gift:
    gift = GiftOffer(
        instrument=Instrument.objects.get(symbol="DIS"),
        amount=Decimal("25.00"),
        giver_name="Pat",
        giver_email=email,
        message="",
        form_key=uuid4(),
    )
    return give(child=family.child, offer=gift, at=clock.now())


@pytest.mark.parametrize("own", [True, False])
def test_the_parent_reads_whether_it_is_their_own(family: Family, own: bool) -> None:
    email = family.parent.user.email.upper() if own else "grandma@family.example"
    gift = offer(family, email)
    family.stage.work(rounds=2)

    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    (letter,) = [one for one in mail.outbox if "gives Sunny" in one.subject]
    tracker = read(Client().get(f"/t/{gift.token}/", follow=True))

    assert (OWN in page.text, OWN in letter.body) == (own, own)
    assert tracker.status == 200
    assert OWN not in tracker.text
