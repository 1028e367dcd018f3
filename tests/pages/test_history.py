"""The pages about an account over time: history, papers, a check on demand."""

import re
from typing import Any

import pytest
import requests
from django.test import Client

from brokerage.models import AccountPaper
from core.models import AuditEntry
from tests.cast import Family
from tests.money.test_movements import act_for_company
from tests.pages.reading import read


@pytest.mark.slow
@pytest.mark.bought
def test_history_is_drawn_on_the_server_and_told_in_words(family: Family) -> None:
    act_for_company(family, type="CASH_DIVIDEND", amountPerShare="1.00")
    for _day in range(3):
        family.stage.go_to("next-market-close")
        family.stage.advance(3600)
        family.stage.work()

    page = read(family.client.get(f"/children/{family.child.pk}/history/?period=1M"))

    assert page.status == 200
    assert "The account is younger than this period" in page.text
    assert "Money put in since $50.00" in page.text
    assert re.search(r"Dividends received \$0\.\d\d", page.text)
    assert re.search(r'<polyline class="chart__value" points="0\.0,[\d., ]+"', page.html)
    assert re.search(r"<desc.*From November \d+, 2026 to", page.html)
    assert f"/children/{family.child.pk}/history/?period=1Y" in page.links
    assert page.inline == []
    assert f"/children/{family.child.pk}/history/" in read(child_page(family)).links


def test_without_money_there_is_no_line_yet(family: Family) -> None:
    page = read(family.client.get(f"/children/{family.child.pk}/history/?period=nonsense"))

    assert "Nothing to show yet" in page.text


def test_a_paper_opens_at_the_broker_by_a_fresh_link(family: Family) -> None:
    make_paper(family)

    page = read(family.client.get(f"/children/{family.child.pk}/papers/"))
    paper = AccountPaper.objects.get()
    answer = family.client.get(f"/papers/{paper.pk}/")

    assert "2026 Statement" in page.text
    assert answer.status_code == 302
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    file = requests.get(answer["Location"], timeout=10)
    assert file.content.startswith(b"%PDF")
    assert AuditEntry.objects.filter(verb="paper.opened").count() == 1


def test_a_broker_that_is_away_is_said_so_in_words(family: Family) -> None:
    make_paper(family)
    family.stage.fault(method="GET", path="*/statements/*", kind="status", status=500, times=9)

    answer = family.client.get(f"/papers/{AccountPaper.objects.get().pk}/", follow=True)

    assert "try again in a minute" in read(answer).text


@pytest.mark.parametrize("production", [True, False])
def test_in_production_only_a_safe_address_is_followed(
    family: Family, settings: Any, production: bool
) -> None:
    make_paper(family)
    settings.PRODUCTION = production

    answer = family.client.get(f"/papers/{AccountPaper.objects.get().pk}/")

    assert answer["Location"].startswith("/children/") == production


def test_a_stranger_opens_no_paper_and_asks_for_no_check(family: Family, stranger: Family) -> None:
    make_paper(family)
    paper = AccountPaper.objects.get()

    assert stranger.client.get(f"/papers/{paper.pk}/").status_code == 404
    assert stranger.client.post(f"/children/{family.child.pk}/check/").status_code == 404
    assert not AuditEntry.objects.filter(verb="paper.opened").exists()
    for page in ("history", "papers"):
        url = f"/children/{family.child.pk}/{page}/"
        assert stranger.client.get(url).status_code == 404
        assert Client().get(url).status_code == 302


def test_a_check_is_asked_for_by_a_button_and_not_twice(family: Family) -> None:
    form = read(child_page(family)).form_to("/check/")

    first = read(family.client.post(form.action, form.fill(), follow=True))
    second = read(family.client.post(form.action, form.fill(), follow=True))
    asked_at = family.account.sync_asked_at
    family.stage.advance(5)
    family.stage.work()

    assert "We are asking the broker" in first.text
    assert "We asked a moment ago" in second.text
    assert asked_at
    assert family.account.synced_at
    assert family.account.synced_at > asked_at
    assert family.client.get(form.action).status_code == 302


def child_page(family: Family) -> Any:
    return family.client.get(f"/children/{family.child.pk}/")


def make_paper(family: Family) -> None:
    path = f"accounts/{family.account.vendor_id}/papers"
    family.stage.control("POST", path, {"kind": "statement"})
    family.stage.go_to("next-market-close")
    family.stage.advance(3600)
    family.stage.work()
