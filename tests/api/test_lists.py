"""Long lists, by the API and by the pages: every row once, in parts, whatever comes meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Consent
from brokerage import queries
from brokerage.models import AccountPaper, Deposit, Instrument, Order
from core.paging import cut
from gifting.models import Contributor, Gift
from tests.api.calling import Caller
from tests.cast import Family
from tests.pages.reading import read

SIZES = [0, 1, 50, 51, 100, 101, 250]
OTHERS = [one for one in SIZES if one != 101]


@pytest.fixture(autouse=True)
def _patient_api(settings: Any) -> None:
    """Let one person ask as often as walking long lists takes."""
    rates = {"DEFAULT_THROTTLE_RATES": {"user": "60000/min"}}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | rates


def make_gifts(family: Family, number: int) -> None:
    """Give `number` gifts, always ten in the same moment."""
    at, giver = family.stage.now(), None
    giver = Contributor.objects.create(name="Grandma", email="g@family.example", created_at=at)
    Gift.objects.bulk_create(
        Gift(
            child=family.child,
            contributor=giver,
            instrument=Instrument.objects.get(symbol="DIS"),
            amount=Decimal(5),
            form_key=uuid4(),
            given_at=at + timedelta(seconds=n // 10),
            expires_at=at + timedelta(days=30),
        )
        for n in range(number)
    )


def make_deposits(family: Family, number: int) -> None:
    at = family.stage.now()
    consents = Consent.objects.bulk_create(
        Consent(parent=family.parent, kind="ACH", text="Debit it.", given_at=at)
        for _n in range(number)
    )
    Deposit.objects.bulk_create(
        Deposit(
            account=family.account,
            bank=family.bank,
            authorization=consents[n],
            amount=Decimal(5),
            created_at=at + timedelta(seconds=n // 10),
        )
        for n in range(number)
    )


def make_orders(family: Family, number: int) -> None:
    at, share = family.stage.now(), Instrument.objects.get(symbol="DIS")
    Order.objects.bulk_create(
        Order(
            account=family.account,
            placed_by=family.parent,
            instrument=share,
            amount=Decimal(5),
            created_at=at + timedelta(seconds=n // 10),
        )
        for n in range(number)
    )


def make_papers(family: Family, number: int) -> None:
    """Issue papers, every seventh without a day."""
    AccountPaper.objects.bulk_create(
        AccountPaper(
            account=family.account,
            kind="CONFIRMATION",
            vendor_id=f"paper-{n}-{uuid4()}",
            name=f"Confirmation {n}",
            on=None if n % 7 == 0 else date(2026, 1, 1) + timedelta(days=n // 10),
            noticed_at=family.stage.now(),
        )
        for n in range(number)
    )


@dataclass(frozen=True)
class Long:
    """A list that grows: how rows come, where they are told, and how a page names one."""

    make: Callable[[Family, int], None]
    model: type[Any]
    api: str
    name: str
    page: str
    link: str


LISTS = {
    "gifts": Long(make_gifts, Gift, "/api/gifts", "gifts", "/children/{}/gifts/", "/gifts/{}/"),
    "deposits": Long(
        make_deposits,
        Deposit,
        "/api/children/{}/deposits",
        "deposits",
        "/children/{}/add-money/",
        "/deposits/{}/",
    ),
    "orders": Long(
        make_orders,
        Order,
        "/api/children/{}/orders",
        "orders",
        "/children/{}/orders/",
        "/orders/{}/",
    ),
    "papers": Long(
        make_papers,
        AccountPaper,
        "/api/children/{}/statements",
        "statements",
        "/children/{}/papers/",
        "/papers/{}/",
    ),
}


def walk(caller: Caller, url: str, name: str) -> Iterator[list[str]]:
    """Follow `next` to the end; yield the ids of each part."""
    following: str | None = url
    while following:
        answer = caller.get(following)
        assert answer.status == 200, answer.body
        assert answer.body.keys() == {name, "next"}
        yield [row["id"] for row in answer.body[name]]
        following = answer.body["next"]


def turn(client: Client, url: str) -> Iterator[str]:
    """Follow "Show earlier ones" to the end; yield each page."""
    following: str | None = url
    while following:
        page = read(client.get(following))
        assert page.status == 200
        yield page.html
        following = next((link for link in page.links if "after=" in link), None)


def assert_all_once(long: Long, parts: list[list[str]]) -> None:
    told = [pk for part in parts for pk in part]
    assert len(told) == len(set(told))
    assert set(told) == {str(pk) for pk in long.model.objects.values_list("pk", flat=True)}


def assert_pages_show_all_once(long: Long, pages: list[str]) -> None:
    for pk in long.model.objects.values_list("pk", flat=True):
        assert sum(f'"{long.link.format(pk)}"' in html for html in pages) == 1


@pytest.mark.parametrize("name", LISTS)
def test_a_hundred_and_one_rows_are_all_told(name: str, family: Family) -> None:
    long, caller = LISTS[name], Caller(family.client)
    long.make(family, 101)

    parts = list(walk(caller, long.api.format(family.child.pk), long.name))
    pages = list(turn(family.client, long.page.format(family.child.pk)))

    assert [len(part) for part in parts] == [100, 1]
    assert_all_once(long, parts)
    assert len(pages) == 3
    assert_pages_show_all_once(long, pages)


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("number", OTHERS)
def test_any_number_of_rows_is_told(name: str, number: int, family: Family) -> None:
    long, caller = LISTS[name], Caller(family.client)
    long.make(family, number)
    url = long.api.format(family.child.pk)

    by_hundreds = list(walk(caller, url, long.name))
    by_sevens = list(walk(caller, f"{url}?limit=7", long.name))

    assert_all_once(long, by_hundreds)
    assert_all_once(long, by_sevens)
    assert max((len(part) for part in by_sevens), default=0) <= 7
    pages = list(turn(family.client, long.page.format(family.child.pk)))
    assert_pages_show_all_once(long, pages)


@pytest.mark.parametrize("name", LISTS)
def test_what_comes_while_one_reads_moves_nothing(name: str, family: Family) -> None:
    long, caller = LISTS[name], Caller(family.client)
    long.make(family, 31)
    known = {str(pk) for pk in long.model.objects.values_list("pk", flat=True)}

    parts = []
    for part in walk(caller, f"{long.api.format(family.child.pk)}?limit=10", long.name):
        parts += part
        family.stage.advance(60)
        long.make(family, 1)

    assert len(parts) == len(set(parts))
    assert known <= set(parts)


@pytest.mark.parametrize("name", LISTS)
def test_a_longer_list_costs_no_more_queries(name: str, family: Family) -> None:
    long, costs = LISTS[name], []
    urls = [long.api.format(family.child.pk), long.page.format(family.child.pk)]
    for number in (3, 120):
        long.make(family, number)
        for url in urls:
            with CaptureQueriesContext(connection) as asked:
                assert family.client.get(url).status_code == 200
            costs.append(len(asked))

    assert costs[:2] == costs[2:]


@pytest.mark.parametrize(
    ("rows", "by", "index"),
    [
        (lambda f: Gift.objects.filter(child=f.child), "given_at", "gift_by_child_newest"),
        (lambda f: Deposit.objects.filter(account=f.account), "created_at", "deposit_newest"),
        (lambda f: Order.objects.filter(account=f.account), "created_at", "order_newest"),
        (lambda f: queries.list_papers(f.account), "on", "account_paper_newest"),
    ],
    ids=["gifts", "deposits", "orders", "papers"],
)
def test_a_part_is_read_off_an_index(
    rows: Callable[[Family], Any], by: str, index: str, family: Family
) -> None:
    for long in LISTS.values():
        long.make(family, 12)
    first = cut(rows(family), by=by, size=5)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")

    with CaptureQueriesContext(connection) as asked:
        cut(rows(family), by=by, after=first.next, size=5)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked.captured_queries[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert index in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("name", LISTS)
def test_a_strangers_cursor_opens_nothing_of_theirs(
    name: str, family: Family, stranger: Family
) -> None:
    long = LISTS[name]
    long.make(stranger, 12)
    theirs = Caller(stranger.client).get(long.api.format(stranger.child.pk) + "?limit=5")

    cursor = theirs.body["next"].partition("?")[2]
    answer = Caller(family.client).get(f"{long.api.format(family.child.pk)}?{cursor}")

    assert answer.status == 200
    assert answer.body == {long.name: [], "next": None}


FORGED = [
    "nonsense",
    "W10",  # []
    "bnVsbA",  # null
    "WzEsMl0",  # [1,2]
    "WyIyMDI2LTExLTE2IiwiNyJd",  # ["2026-11-16","7"]
    "WyIyMDI2LTExLTE2VDEyOjAwOjAwIiwiN2UzYzRiMWEtNWQyZi00YzYwLTliMWUtMmE4ZjBjNmQ5ZTExIl0",  # naive
    "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwiN2UzYzRiMWEtNWQyZi00YzYwLTliMWUtMmE4ZjBjNmQ5ZTExIl0",
    "WyJcdTAwMDAiLCJcdTAwMDAiXQ",  # NULs
    "W1tbW1tb" * 400,
    "é",
]


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_nobody_made_is_refused_and_a_page_begins_at_its_top(
    name: str, family: Family
) -> None:
    long, caller = LISTS[name], Caller(family.client)
    long.make(family, 2)

    for cursor in FORGED:
        answer = caller.get(f"{long.api.format(family.child.pk)}?cursor={cursor}")
        page = read(family.client.get(f"{long.page.format(family.child.pk)}?after={cursor}"))

        assert answer.problem() == (400, "cursor"), cursor
        assert page.status == 200
        assert_pages_show_all_once(long, [page.html])


@pytest.mark.parametrize("name", LISTS)
def test_a_nul_in_a_cursor_is_refused_at_the_door(name: str, family: Family) -> None:
    long, caller = LISTS[name], Caller(family.client)

    for cursor in ("%00", "W10%00", "a%00b"):
        answer = caller.get(f"{long.api.format(family.child.pk)}?cursor={cursor}")
        page = read(family.client.get(f"{long.page.format(family.child.pk)}?after={cursor}"))

        assert answer.problem() == (400, "unusable_text"), cursor
        assert page.status == 400
        assert "Go back and try again" in page.text


def test_a_limit_that_is_none_is_refused(family: Family) -> None:
    for limit in ["0", "-1", "101", "1e1", "", "ten", "٣", "9" * 50]:
        answer = Caller(family.client).get(f"/api/gifts?limit={limit}")

        assert answer.problem() == (400, "invalid")
        assert list(answer.fields) == ["limit"]


def test_the_childs_page_shows_the_newest_gifts_and_leads_to_all(family: Family) -> None:
    make_gifts(family, 21)

    page = read(family.client.get(f"/children/{family.child.pk}/"))

    newest = Gift.objects.order_by("-given_at", "-pk").first()
    assert newest is not None
    assert f"/gifts/{newest.pk}/" in page.links
    assert sum(link.startswith("/gifts/") for link in page.links) == 20
    assert f"/children/{family.child.pk}/gifts/" in page.links


def test_all_gifts_of_a_strangers_child_are_nobodys(family: Family, stranger: Family) -> None:
    assert family.client.get(f"/children/{stranger.child.pk}/gifts/").status_code == 404


def test_the_way_back_leads_to_the_newest(family: Family) -> None:
    make_orders(family, 60)
    url = f"/children/{family.child.pk}/orders/"
    first = read(family.client.get(url))

    second = read(family.client.get(next(link for link in first.links if "after=" in link)))

    assert url in second.links
    assert "Show earlier ones" not in second.text
