"""Sessions in the browser: who ends one, what comes of it once, and what Plaid being away means."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from core.errors import DomainError, Invalid, NotNow
from core.models import AuditEntry
from prefill.ladder import next_step
from prefill.models import LinkSession, PlaidItem, RawImport, Rung
from prefill.operations import (
    VendorAway,
    erase_applicant,
    finish_repair,
)
from tests.prefill.banking import (
    GINGHAM,
    ONE_BANK,
    Window,
    finish,
    link,
    link_one,
    make_person,
    make_tenant_with_banks,
    now,
    rungs,
    start,
    vendor_items,
)
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

EXCHANGE = "/plaid/item/public_token/exchange"
SESSION_GET = "/plaid/user_account/session/get"


def test_the_same_token_again_brings_the_same_banks(stage: Stage) -> None:
    person = make_person()
    token = Window(stage.box).pass_link(start(person, "link").link_token)

    first, second = finish(person, token), finish(person, token)

    assert [item.pk for item in first.items] == [item.pk for item in second.items]
    assert first.session.pk == second.session.pk
    assert PlaidItem.objects.count() == 1
    assert AuditEntry.objects.filter(verb="link.finished").count() == 1
    assert rungs(person) == {"LINK": "DONE"}


def test_a_token_of_the_other_window_is_understood(stage: Stage) -> None:
    person = make_person()
    by_layer = start(person, "layer").link_token
    start(person, "link")

    done = finish(person, Window(stage.box).pass_layer(by_layer))

    assert done.session.kind == "layer"
    assert len(done.items) == 2
    assert LinkSession.objects.get(kind="link").status == "CREATED"


@pytest.mark.parametrize("path", [EXCHANGE, SESSION_GET])
def test_a_lost_answer_means_connecting_once_more(stage: Stage, path: str) -> None:
    person = make_person()
    kind = "link" if path == EXCHANGE else "layer"
    window = Window(stage.box)

    def pass_it() -> str:
        token = start(person, kind).link_token
        return window.pass_link(token) if kind == "link" else window.pass_layer(token, ONE_BANK)

    stage.fault(kind="drop-after", path=path, times=1)
    token = pass_it()
    with pytest.raises(VendorAway, match="once more"):
        finish(person, token)
    with pytest.raises(NotNow) as used:
        finish(person, token)
    assert used.value.code == "connect_again"
    assert not PlaidItem.objects.exists()

    for _time in range(2):
        finish(person, pass_it())

    assert PlaidItem.objects.count() == 1
    stage.work()
    assert PlaidItem.objects.get().superseded is None


def test_nobody_finishes_anothers_session(stage: Stage) -> None:
    tenant = make_tenant_with_banks()
    person, stranger = make_person(tenant), make_person(tenant)
    token = Window(stage.box).pass_link(start(person, "link").link_token)

    with pytest.raises(NotNow) as refused:
        finish(stranger, token)
    assert refused.value.code == "no_session"
    item = finish(person, token).items[0]
    start(stranger, "link")
    with pytest.raises(NotNow) as refused:
        finish(stranger, token)
    assert refused.value.code == "connect_again"
    assert not stranger.items.exists()
    with pytest.raises(Invalid):
        start(stranger, item=item)
    with pytest.raises(Invalid):
        finish(person, "x" * 300)


def test_the_same_bank_again_is_the_same_row(stage: Stage) -> None:
    person = make_person()
    first = link_one(stage, person)
    accounts = set(first.accounts.values_list("pk", flat=True))
    stage.advance(70)
    stage.work()
    moved = first.accounts.all()[0].transactions.count()
    assert moved > 10

    again = link_one(stage, person)
    other = link_one(stage, person, GINGHAM)
    stage.advance(70)
    stage.work()

    assert again.pk == first.pk
    assert again.item_id != first.item_id
    assert set(again.accounts.values_list("pk", flat=True)) == accounts
    assert set(PlaidItem.objects.values_list("pk", flat=True)) == {first.pk, other.pk}
    assert {row["id"] for row in vendor_items(stage)} == {again.item_id, other.item_id}
    assert first.accounts.all()[0].transactions.count() == moved
    assert not PlaidItem.objects.get(pk=first.pk).superseded
    assert AuditEntry.objects.filter(verb="item.relinked").count() == 1


def test_a_bank_whose_reading_failed_at_first_is_still_no_second_row(stage: Stage) -> None:
    person = make_person()
    first = link_one(stage, person)
    stage.fault(kind="html", path="/plaid/accounts/get", status=500, times=1)

    (fresh,) = link(stage, person).items
    assert (fresh.pk != first.pk, fresh.imported_at) == (True, None)
    stage.work()

    assert list(PlaidItem.objects.values_list("pk", flat=True)) == [first.pk]
    assert len(vendor_items(stage)) == 1


def test_reconnecting_mends_also_what_was_never_broken(stage: Stage) -> None:
    person = make_person()
    item = link_one(stage, person)
    window = Window(stage.box)
    for error in ("ITEM_LOGIN_REQUIRED", ""):
        if error:
            stage.control("POST", f"plaid/items/{item.item_id}", {"error": error})
            stage.work()
            PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
            stage.work()
            item.refresh_from_db()
            assert (item.status, item.error_code) == ("NEEDS_USER", error)
            assert next_step(person, at=now()).action == "reconnect"
        started = start(person, item=item)
        if error:
            with pytest.raises(NotNow) as still:
                finish_repair(session=started.session, by="tests", at=now())
            assert still.value.code == "needs_user"
            window.pass_link(started.link_token)
        for _time in range(2):
            (mended,) = finish_repair(session=started.session, by="tests", at=now()).items
        assert (mended.pk, mended.status, mended.error_code) == (item.pk, "ACTIVE", "")
        item.refresh_from_db()


def test_where_plaid_is_away_the_ladder_goes_on(stage: Stage) -> None:
    person = make_person()
    stage.fault(kind="html", path="/plaid/session/token/create", status=502, times=1)

    with pytest.raises(VendorAway) as away:
        start(person)

    assert (away.value.status, away.value.code) == (503, "vendor_unavailable")
    row = Rung.objects.get(applicant=person)
    assert (row.name, row.state, row.reason) == ("LAYER", "CLOSED", "vendor_down")
    assert next_step(person, at=now()).action != "open_layer"


@pytest.mark.parametrize("off", ["tenant", "settings", "product"])
def test_what_the_tenant_has_not_is_refused(stage: Stage, settings: Any, off: str) -> None:
    person = make_person()
    if off == "tenant":
        person.tenant.aggregation_enabled = False
    elif off == "product":
        person.tenant.aggregation_products = ["auth"]
    else:
        from prefill.gateway import get_bank_linker

        settings.PLAID = {"test": settings.PLAID["test"] | {"secret": ""}}
        get_bank_linker.cache_clear()

    with pytest.raises(NotNow) as refused:
        start(person, "layer")

    assert refused.value.code == "aggregation_unavailable"


def test_two_tabs_at_once_end_in_one_exchange(live_stage: Stage) -> None:
    person = make_person()
    token = Window(live_stage.box).pass_layer(start(person, "layer").link_token)
    live_stage.fault(kind="delay", path=SESSION_GET, seconds=0.5, times=1)

    def tab(_number: int) -> Any:
        try:
            done = finish(person, token)
            return sorted(str(item.pk) for item in done.items)
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(tab, range(3)))

    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 2
    assert PlaidItem.objects.count() == 2
    assert AuditEntry.objects.filter(verb="link.finished").count() == 1
    assert live_stage.box.world.calls[f"POST {SESSION_GET}"] == 1


def test_somebody_erased_during_the_exchange_leaves_nothing_here_or_there(
    live_stage: Stage,
) -> None:
    person = make_person()
    token = Window(live_stage.box).pass_link(start(person, "link").link_token)
    live_stage.fault(kind="delay-after", path=EXCHANGE, seconds=1.0, times=1)

    def tab() -> str:
        try:
            finish(person, token)
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(tab)
        while not LinkSession.objects.filter(status="FINISHING").exists():
            assert not answer.done()
        erase_applicant(person, by="tests", at=now())

    assert answer.result() == "user_erased"
    assert PlaidItem.objects.get().status == "REMOVED"
    live_stage.work()
    assert vendor_items(live_stage) == []
    assert PlaidItem.objects.get().access_token is None
    assert not RawImport.objects.exists()
