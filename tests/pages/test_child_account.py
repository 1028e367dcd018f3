"""A child's account: its own page, what the broker's statuses mean, siblings, and closing it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import Child
from accounts.operations import ChildDetails, add_child
from brokerage.models import BrokerAccount, BrokerUser, Case
from brokerage.operations import advance_broker_account, close_again
from core import clock
from core.models import AuditEntry
from tests.cast import Family, make_child, make_family, make_user
from tests.pages.reading import Page, read
from tests.stage import Stage


def look(family: Family) -> Page:
    return read(family.client.get(f"/children/{family.child.pk}/account/"))


def broker_sets(family: Family, status: str, reason: str = "") -> None:
    decision = {"status": status, "reason": reason, "comment": "Internal words."}
    family.stage.control("POST", f"accounts/{family.account.vendor_id}", decision)
    advance_broker_account(family.account.pk, at=family.stage.now())


def test_the_page_says_whose_it_is_and_until_when(family: Family) -> None:
    family.stage.work()
    child_page = read(family.client.get(f"/children/{family.child.pk}/"))

    page = look(family)

    assert f"/children/{family.child.pk}/account/" in child_page.links
    assert f"••{family.account.number[-4:]}" in page.text
    assert family.account.number not in page.html
    for fact in ("Sunny Sample", "You, until Sunny takes over at 21, on April 1, 2040", "$0.00"):
        assert fact in page.text
    assert "Identity confirmed The broker has confirmed who Sunny is." in page.text


@pytest.mark.parametrize(
    ("status", "reason", "ours", "badge", "said"),
    [
        ("OPEN_NO_NEW_TRADES", "COMPLIANCE_RESTRICTED", "NO_NEW_TRADES", "Buying paused", "safe"),
        ("FROZEN", "LEGAL_AML", "FROZEN", "Frozen", "nothing can be bought, sold or moved"),
        ("CLOSED", "ACCOUNT_TRANSFERRED", "CLOSED", "Closed", "Nothing can be bought"),
    ],
)
def test_a_restriction_is_explained_and_compliance_hears_of_it(
    family: Family, status: str, reason: str, ours: str, badge: str, said: str
) -> None:
    gift = family.give()

    broker_sets(family, status, reason)

    page, answer = (
        look(family),
        family.client.post(
            f"/gifts/{gift.pk}/approve/", {"bank": family.bank.pk, "authorize": "on"}, follow=True
        ),
    )
    (case,) = Case.objects.filter(kind="ACCOUNT")
    assert (family.account.status, family.account.status_reason) == (ours, reason)
    assert (case.account, case.parent) == (family.account, family.parent)
    assert reason in case.summary
    assert badge in page.text
    assert said in page.text
    for secret in (reason, "Internal words"):
        assert secret not in page.text + read(answer).text
    assert not family.account.purchases.exists()


def test_what_the_broker_lifts_is_open_again(family: Family) -> None:
    broker_sets(family, "FROZEN", "LEGAL_AML")

    broker_sets(family, "OPEN")

    assert family.account.status == "OPEN"
    assert "Shares can be bought in it." in look(family).text


@pytest.mark.slow
def test_siblings_have_accounts_of_their_own_and_one_in_trouble_holds_up_none(
    family: Family,
) -> None:
    rain = make_child(family.parent, ssn="345678912")
    troubled = add_child(
        parent=family.parent,
        details=ChildDetails("Storm", "SSN_NOT_MATCH", date(2015, 1, 2), "456789123", "CO"),
        at=clock.now(),
        ip_address=None,
    )
    family.stage.work()

    kept = BrokerAccount.objects.filter(custodian__parent=family.parent)
    assert {(a.child.first_name, a.status) for a in kept} == {
        ("Sunny", "OPEN"),
        ("Rain", "OPEN"),
        ("Storm", "INTENDED"),
    }
    assert [a.status for a in kept if a.child_id in (family.child.pk, rain.pk)] == ["OPEN", "OPEN"]
    users = BrokerUser.objects.filter(child__parent=family.parent)
    assert len({user.vendor_id for user in users}) == 3
    assert BrokerUser.objects.get(child=troubled).status == "NEEDS_INFO"
    assert family.buy().status == "EXECUTED"


class TestClosing:
    @pytest.fixture
    def grown(self, stage: Stage) -> Family:
        """A family whose child takes control in four days, in Virginia."""
        family = make_family(stage, "custodian@family.example")
        details = ChildDetails("Ash", "Sample", date(2008, 11, 20), "345678912", "VA")
        family.child = add_child(
            parent=family.parent, details=details, at=clock.now(), ip_address=None
        )
        stage.work()
        return family

    def close(self, family: Family) -> Page:
        url = f"/children/{family.child.pk}/account/close/"
        return read(family.client.post(url, follow=True))

    def test_before_the_day_of_control_it_is_refused(self, grown: Family) -> None:
        page = self.close(grown)

        assert "can not be closed before November 20, 2026, the day Ash takes control" in page.text
        assert "Close this account" not in look(grown).text
        assert grown.account.close_asked_at is None

    def test_from_that_day_on_an_empty_account_is_closed_once(self, grown: Family) -> None:
        grown.stage.set_clock(datetime(2026, 11, 20, 17, tzinfo=UTC))
        offer = read(grown.client.get(f"/children/{grown.child.pk}/account/close/"))

        asked, again = self.close(grown), self.close(grown)
        grown.stage.work()

        assert "closes it for good" in offer.text
        assert "Being closed" in asked.text
        assert "being closed already" in again.text
        assert grown.account.status == "CLOSED"
        assert self.at_broker(grown)["status"] == "CLOSED"
        assert AuditEntry.objects.filter(verb="account.close_asked").count() == 1
        assert not Case.objects.exists()
        assert "This account is closed." in look(grown).text

    def test_an_account_with_something_in_it_is_not_closed(self, grown: Family) -> None:
        grown.stage.set_clock(datetime(2026, 11, 20, 17, tzinfo=UTC))
        BrokerAccount.objects.filter(child=grown.child).update(cash="0.01")

        page = self.close(grown)

        assert "There is cash in this account" in page.text
        assert grown.account.close_asked_at is None

    def test_shares_and_purchases_under_way_stand_in_the_way(self, grown: Family) -> None:
        purchase = grown.approve(grown.give())
        grown.stage.set_clock(datetime(2026, 11, 20, 17, tzinfo=UTC))
        assert "still under way" in self.close(grown).text

        grown.stage.work()
        grown.stage.settle_ach()
        grown.stage.work()

        purchase.refresh_from_db()
        assert purchase.status == "EXECUTED"
        assert "There are shares in this account" in self.close(grown).text

    def test_what_the_broker_refuses_waits_until_it_was_looked_into(self, grown: Family) -> None:
        grown.stage.set_clock(datetime(2026, 11, 20, 17, tzinfo=UTC))
        grown.stage.fault(method="PATCH", path="*/accounts/*", kind="status", status=400, times=1)

        self.close(grown)
        grown.stage.work(rounds=3)
        case = Case.objects.get(kind="ACCOUNT")
        assert "Being closed" in look(grown).text
        grown.stage.advance(3700)
        grown.stage.work(rounds=3)
        assert grown.account.status == "OPEN"

        officer = make_user("officer@stocksprout.example")
        close_again(grown.account, by=officer, reason="It was theirs to fix.", at=grown.stage.now())
        grown.stage.work()

        assert "does not close" in case.summary
        assert grown.account.status == "CLOSED"

    def test_a_lost_answer_closes_it_all_the_same(self, grown: Family) -> None:
        grown.stage.set_clock(datetime(2026, 11, 20, 17, tzinfo=UTC))
        grown.stage.fault(method="PATCH", path="*/accounts/*", kind="drop-after", times=1)

        self.close(grown)
        grown.stage.work()

        assert grown.account.status == "CLOSED"

    def at_broker(self, family: Family) -> Any:
        rows = family.stage.state()["accounts"]
        return next(row for row in rows if row["accountNo"] == family.account.number)


class TestTeens:
    TEEN = {  # noqa: RUF012
        "first_name": "Robin",
        "last_name": "Sample",
        "date_of_birth": "2011-05-06",
        "agree": "on",
    }

    def test_while_they_are_off_nothing_of_them_is_seen(self, family: Family) -> None:
        page = read(family.client.get("/children/new/"))

        assert "teen" not in page.text.lower()
        assert family.client.get("/children/new/teen/").status_code == 404
        assert family.client.post("/children/new/teen/", self.TEEN).status_code == 404
        assert Child.objects.count() == 1

    def test_one_is_the_parents_own_second_account(self, family: Family, settings: Any) -> None:
        settings.TEEN_ACCOUNTS = True
        offer = read(family.client.get("/children/new/"))

        added = read(family.client.post("/children/new/teen/", self.TEEN, follow=True))
        family.stage.work()

        robin = Child.objects.get(first_name="Robin")
        account = BrokerAccount.objects.get(child=robin)
        assert "/children/new/teen/" in offer.links
        assert "takes over" not in added.text
        assert (account.status, account.kind) == ("OPEN", "TEEN")
        assert account.owner == account.custodian == BrokerUser.objects.get(parent=family.parent)
        assert not BrokerUser.objects.filter(child=robin).exists()
        assert (robin.ssn, robin.control_on) == ("", None)
        assert family.parent.consents.filter(kind="TEEN", text__contains="is mine").exists()
        page = read(family.client.get(f"/children/{robin.pk}/account/"))
        assert "You; Robin invests together with you" in page.text
        assert "You can close it at any time." in page.text

    def test_it_can_be_closed_at_any_time(self, family: Family, settings: Any) -> None:
        settings.TEEN_ACCOUNTS = True
        family.client.post("/children/new/teen/", self.TEEN)
        family.stage.work()
        robin = Child.objects.get(first_name="Robin")

        family.client.post(f"/children/{robin.pk}/account/close/")
        family.stage.work()

        assert BrokerAccount.objects.get(child=robin).status == "CLOSED"

    def test_only_teenagers_have_one(self, family: Family, settings: Any) -> None:
        settings.TEEN_ACCOUNTS = True

        for born, taken in {"2013-11-17": False, "2008-11-16": False, "2013-11-16": True}.items():
            answers = self.TEEN | {"date_of_birth": born}
            page = read(family.client.post("/children/new/teen/", answers))
            assert ("13 to 17" in page.errors.get("date_of_birth", "")) is not taken
            assert (page.status == 302) is taken

    def test_the_same_teenager_twice_is_refused(self, family: Family, settings: Any) -> None:
        settings.TEEN_ACCOUNTS = True
        family.client.post("/children/new/teen/", self.TEEN)

        page = read(family.client.post("/children/new/teen/", self.TEEN))

        assert "added this child already" in page.errors["first_name"]
