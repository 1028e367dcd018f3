"""Finding shares: what is found, in which order, for whom, and what it asks of the broker."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client

from brokerage import search
from brokerage.models import Instrument
from brokerage.operations import refresh_security
from brokerage.search import search_instruments
from gifting.models import Gift
from tests.cast import Family
from tests.pages.reading import Page, read
from tests.pages.test_give import offer


def find(text: str) -> list[str]:
    return [row.symbol for row in search_instruments(text).rows]


def look(client: Client, text: str) -> Page:
    return read(client.get("/shares/", {"q": text}))


FOUND = {
    "K": "K",  # the exact symbol before the many that begin so
    "ko": "KO",
    "coca": "KO",
    "COLA coca": "KO",
    "mcdonald's": "MCD",
    "amazon.com": "AMZN",
    "amaz": "AMZN",
    "walt dis": "DIS",
    "  Disney ": "DIS",
    "Johnson & Johnson": "JNJ",
    "nv": "NVDA",
    "hom": "HD",
    # Punctuation, capitals, accents, “and” and spaces do not matter.
    "mcdonalds": "MCD",
    "MCDONALD’S": "MCD",
    "mc donalds": "MCD",
    "procter and gamble": "PG",
    "procter & gamble": "PG",
    "Procter+Gamble": "PG",
    "at&t": "T",
    "AT and T": "T",
    "att": "T",
    "coca-cola": "KO",
    "cocacola": "KO",
    "the coca cola company": "KO",
    "jp morgan": "JPM",
    "home depot": "HD",
    "johnson and johnson": "JNJ",
    "BRKB": "BRK.B",
    "brk b": "BRK.B",
    "BRK-B": "BRK.B",
    "brk/b": "BRK.B",
    "berkshire hathaway class b": "BRK.B",
    "nestle": "NSRGY",
    "3m": "MMM",
    "3 M": "MMM",
    "lulu lemon": "LULU",
    # One slip in a longer word is forgiven.
    "proctor and gamble": "PG",
    "mcdonlads": "MCD",
    "Mc Donlds": "MCD",
    "starbuks": "SBUX",
    "nvidea": "NVDA",
    "lululemmon": "LULU",
    "disny": "DIS",
}
# What the practice broker's catalogue lacks.
MORE = {
    "PG": "Procter & Gamble Co.", "T": "AT&T Inc.", "BRK.B": "Berkshire Hathaway Inc. Class B",
    "NSRGY": "Nestlé S.A.", "MMM": "3M Company", "LULU": "Lululemon Athletica Inc.",
    "JPM": "JPMorgan Chase & Co.", "AB": "AllianceBernstein Holding", "DEN": "Disnex Energy",
}  # fmt: skip
NUL = "\0"  # refused at the door, as no text can hold it
JUNK = [
    "", "   ", "%", "_", "*", "'", "\\", NUL, "a' | 'bq", "!!!", ":*", "'; DROP TABLE x; --",
    "disney zzz", "(", ")))", "é" * 500, "🎁", "<->", "🎁 " * 100, "d_s", "and", "the & and",
    "dosnoy", "kp", "di*ey", "zisneyland",
]  # fmt: skip


def list_more(family: Family) -> None:
    """Have the catalogue list what people look for in more than one writing."""
    at = family.stage.now()
    for number, (symbol, name) in enumerate(MORE.items()):
        if not Instrument.objects.filter(symbol=symbol).exists():
            row = Instrument(
                symbol=symbol, name=name, kind="STOCK", status="ACTIVE",
                vendor_id=f"more-{number}", created_at=at, synced_at=at,
            )  # fmt: skip
            row.fold_name()
            row.save()


def test_what_people_type_finds_the_share(family: Family) -> None:
    list_more(family)

    assert {typed: (find(typed) or [""])[0] for typed in FOUND} == FOUND


def test_a_new_name_is_found_from_the_moment_the_broker_tells_it(family: Family) -> None:
    row = Instrument.objects.get(symbol="DIS")
    Instrument.objects.filter(pk=row.pk).update(name="Steamboat Works", words="", whole="")

    refresh_security(row, at=family.stage.now())

    assert find("walt disney")[0] == "DIS"
    assert find("steamboat") == []


def test_what_is_found_leads_to_the_ticket_with_the_company_chosen(family: Family) -> None:
    page = family.client.get("/shares/", {"q": "HSY"}).content.decode()
    address = f"/children/{family.child.pk}/orders/new/?symbol=HSY"

    assert f'href="{address}"' in page
    assert "Buy for Sunny" in page
    assert '<option value="HSY" selected>' in family.client.get(address).content.decode()


def test_junk_and_wildcards_find_nothing_and_break_nothing(family: Family) -> None:
    assert {junk: find(junk) for junk in JUNK} == {junk: [] for junk in JUNK}
    statuses = {junk: look(family.client, junk).status for junk in JUNK}
    assert statuses == {junk: 400 if junk == NUL else 200 for junk in JUNK}


def test_only_what_a_custodial_account_may_hold_is_found(family: Family, settings: Any) -> None:
    assert find("vanguard") == []
    Instrument.objects.filter(symbol="DIS").update(status="CLOSE_ONLY")
    Instrument.objects.filter(symbol="KO").update(status="HALTED")
    assert find("disney") == find("coca") == []

    settings.ALLOW_ETF = True
    assert find("vanguard") == ["VOO"]


def test_at_most_twenty_are_found_by_the_index(family: Family) -> None:
    at = family.stage.now()
    rows = [
        Instrument(
            symbol=f"QQ{number}", name=f"Quartz Number {number}", kind="STOCK", status="ACTIVE",
            vendor_id=f"q{number}", created_at=at, synced_at=at,
        )
        for number in range(300)
    ]  # fmt: skip
    for row in rows:
        row.fold_name()
    Instrument.objects.bulk_create(rows)

    assert len(find("quartz")) == 20
    assert len(find("quarzt")) == 20
    listed = search.list_allowed()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        by_word = listed.alias(text=search.TEXT).filter(text="quartz").explain()
        by_beginning = listed.filter(whole__startswith="quartzn").explain()
        by_spelling = listed.filter(spellings__overlap=["quarz"]).explain()
    assert "instrument_words" in by_word
    assert "instrument_whole" in by_beginning
    assert "instrument_spellings" in by_spelling


def test_prices_are_read_for_the_first_few_and_kept(family: Family) -> None:
    family.stage.work()
    before = family.stage.state()["calls"].get("GET /quotes", 0)

    page = look(family.client, "co")
    look(family.client, "co")

    assert family.stage.state()["calls"]["GET /quotes"] <= before + 2
    priced = Instrument.objects.filter(on_menu=False, price__isnull=False).count()
    assert 0 < priced <= 10
    assert "$" in page.text


def test_while_the_broker_is_away_shares_are_found_without_a_price(family: Family) -> None:
    family.stage.fault(method="GET", path="*/quotes*", kind="status", status=503, times=None)

    page = look(family.client, "uber")

    assert "Uber Technologies, Inc." in page.text
    assert "No price yet" in page.text


def test_a_visitor_is_asked_to_sign_in(family: Family) -> None:
    answer = Client().get("/shares/", {"q": "disney"})

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (
        302,
        "/account/login/",
    )


# --- the app ------------------------------------------------------------------------------------


def test_the_app_searches_and_reads_one(family: Family) -> None:
    found = family.client.get("/api/instruments/search", {"q": "spotify"}).json()
    one = family.client.get("/api/instruments/spot").json()

    assert found["instruments"][0]["symbol"] == one["symbol"] == "SPOT"
    assert (one["name"], one["kind"]) == ("Spotify Technology S.A.", "stock")
    assert float(one["price"]) > 0
    for symbol in ("VOO", "NOPE", "%"):
        assert family.client.get(f"/api/instruments/{symbol}").status_code == 404
    assert Client().get("/api/instruments/search", {"q": "x"}).status_code in (401, 403)


@pytest.mark.parametrize(
    "written", ["BRK.B", "brk.b", "BRK-B", "BRK/B", "brk b", "BRKB", "ＢＲＫ．Ｂ", " brkb "]
)
def test_a_symbol_is_one_however_it_is_written(family: Family, written: str) -> None:
    list_more(family)
    address = quote(written, safe="")

    one = family.client.get(f"/api/instruments/{address}")
    ticket = read(family.client.get(f"/children/{family.child.pk}/orders/new/?symbol={address}"))

    assert one.json()["symbol"] == "BRK.B"
    assert ticket.form_to().values["symbol"] == "BRK.B"


@pytest.mark.parametrize("written", ["BRK", "BRKA", "B", "BRK.BB", "...", "%00", "brk.b.c.d.e.f.g"])
def test_another_symbol_is_not_taken_for_it(family: Family, written: str) -> None:
    list_more(family)

    answer = family.client.get(f"/api/instruments/{quote(written, safe='')}")

    assert answer.status_code == 404 or answer.json()["symbol"] != "BRK.B"


def test_a_long_list_is_given_out_in_parts_to_its_end(family: Family) -> None:
    names = [f"ZZ{number:02d}" for number in range(45)]
    at = family.stage.now()
    for name in names:
        row = Instrument(
            symbol=name, name=f"Zebra {name}", kind="STOCK", status="ACTIVE", vendor_id=name,
            created_at=at, synced_at=at,
        )  # fmt: skip
        row.fold_name()
        row.save()
    url, found = "/api/instruments/search?q=zebra", []
    while url:
        answer = family.client.get(url).json()
        assert len(answer["instruments"]) <= 20
        found += [row["symbol"] for row in answer["instruments"]]
        url = answer["next"]
    page = look(family.client, "zebra")
    whole = look(family.client, "zz44")
    giver = read(Client().post(f"/g/{family.child.gift_code}/", offer(instrument="", find="zebra")))

    assert found == names
    assert "These are the first 20; there are more." in page.text
    assert "there are more" not in whole.text
    assert "There is more: type more letters" in giver.text
    wrong = family.client.get("/api/instruments/search?q=zebra&cursor=DIS")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "cursor")


# --- givers -------------------------------------------------------------------------------------


def test_a_giver_finds_another_company_and_nothing_typed_is_lost(family: Family) -> None:
    address = f"/g/{family.child.gift_code}/"
    typed = offer(instrument="", find="spotify", message="Sing!")

    page = Client().post(address, typed)
    body = page.content.decode()

    assert page.status_code == 200
    assert not Gift.objects.exists()
    assert "What we found for “spotify” stands first below." in body
    assert "Spotify Technology S.A." in body
    assert "Sing!" in body
    assert "grandma@family.example" in body
    chosen = Instrument.objects.get(symbol="SPOT").pk
    sent = read(
        Client().post(address, typed | {"instrument": chosen, "found_for": "spotify"}, follow=True)
    )
    assert Gift.objects.get().instrument.symbol == "SPOT"
    assert "/t/" in sent.url


def test_what_was_found_stays_chosen_when_something_else_is_wrong(family: Family) -> None:
    chosen = Instrument.objects.get(symbol="SPOT").pk

    page = Client().post(
        f"/g/{family.child.gift_code}/", offer(instrument=chosen, giver_email="nonsense")
    )

    assert page.status_code == 422
    assert f'value="{chosen}" checked' in page.content.decode()


def test_a_giver_who_finds_nothing_is_told_so(family: Family) -> None:
    page = Client().post(f"/g/{family.child.gift_code}/", offer(find="zzzzz"))

    assert "We found nothing for “zzzzz”." in page.content.decode()
    assert not Gift.objects.exists()


@pytest.mark.parametrize("symbol", ["VOO", "HALTED"])
def test_a_giver_can_not_send_what_the_account_may_not_hold(family: Family, symbol: str) -> None:
    Instrument.objects.filter(symbol="SPOT").update(symbol="HALTED", status="HALTED")
    share = Instrument.objects.get(symbol=symbol)

    page = Client().post(f"/g/{family.child.gift_code}/", offer(instrument=share.pk))

    assert page.status_code == 422
    assert not Gift.objects.exists()
