"""Pages for everybody, and what search engines and previews of pasted links are told."""

import re
import struct
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings as site
from django.test import Client

from accounts import documents
from tests.cast import Family
from tests.pages.reading import Browser, read

BOT = "Mozilla/5.0 (compatible; PreviewBot/1.0)"
SITE = "https://gifts.example"
PUBLIC = ["/", "/help/", "/contact/", "/agreements/", "/agreements/terms/", "/agreements/giving/"]
OF_THE_CHILD = ["Sunny", "Sample", "Pat", "50", "Disney", "DIS", "Grandma", "For you"]


class _Head(HTMLParser):
    """What a program that makes previews reads: the head's metas, title and links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self._in_title = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title"
        if tag == "meta" and "content" in given:
            self.said[given.get("property") or given.get("name", "")] = given["content"]
        elif tag == "link":
            self.links[given.get("rel", "")] = given.get("href", "")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.said["title"] = self.said.get("title", "") + data.strip()
            self._in_title = False


def preview(url: str) -> tuple[Any, _Head]:
    """Fetch a page as a program that makes previews does: no cookies, a name of its own."""
    answer = Client().get(url, headers={"User-Agent": BOT})
    return answer, _Head(answer.content.decode())


@pytest.mark.parametrize("path", PUBLIC)
def test_search_engines_may_list_what_is_nobodys(db: None, settings: Any, path: str) -> None:
    settings.SITE_URL = SITE

    answer, head = preview(path)

    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "all"
    assert head.said["robots"] == "index, follow"
    assert head.links["canonical"] == SITE + path
    assert len(head.said["description"]) > 30
    assert "Lax" in str(site.SESSION_COOKIE_SAMESITE)  # no cookie is set for a visitor
    assert "sessionid" not in answer.cookies


def test_everything_with_a_person_in_it_is_kept_out_of_search_engines(family: Family) -> None:
    gift = family.give()
    private = [
        "/home/", f"/children/{family.child.pk}/", f"/gifts/{gift.pk}/", "/banks/", "/about-you/",
        f"/g/{family.child.gift_code}/", f"/t/{gift.token}/", "/account/login/", "/api/children",
        "/nothing-here/", "/help/nothing/", "/agreements/nothing/",
    ]  # fmt: skip

    for path in private:
        answer = family.client.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow", path
        if b"<html" in answer.content:
            assert _Head(answer.content.decode()).said["robots"] == "noindex", path


def test_the_preview_of_a_pasted_link_says_a_gift_and_no_more(
    family: Family, settings: Any
) -> None:
    settings.SITE_URL = SITE
    gift = family.give("50.00", "DIS")

    for path in (f"/g/{family.child.gift_code}/", f"/t/{gift.token}/"):
        answer, head = preview(path)
        told = " ".join(head.said.values())
        assert answer.status_code == 200
        assert head.said["og:title"] == head.said["twitter:title"] == "A gift"
        assert head.said["title"] == "A gift · StockSprout"
        assert head.said["og:url"] == head.links["canonical"] == SITE + path
        assert head.said["twitter:card"] == "summary_large_image"
        for word in OF_THE_CHILD:
            assert not re.search(rf"\b{word}\b", told), word


def test_the_preview_of_a_closed_link_says_no_more_either(family: Family) -> None:
    type(family.child).objects.filter(pk=family.child.pk).update(control_age=1)

    answer, head = preview(f"/g/{family.child.gift_code}/")

    assert answer.status_code == 410
    assert head.said["og:title"] == "A gift"
    assert "Sunny" not in " ".join(head.said.values())


def test_the_previews_picture_is_a_real_one_at_a_full_address(
    family: Family, settings: Any
) -> None:
    settings.SITE_URL = SITE

    _answer, head = preview(f"/g/{family.child.gift_code}/")
    address = head.said["og:image"]
    picture = Path(site.BASE_DIR, "static", address.removeprefix(f"{SITE}/static/")).read_bytes()

    assert address == head.said["twitter:image"] == f"{SITE}/static/pictures/share.png"
    assert picture.startswith(b"\x89PNG\r\n")
    size = struct.unpack(">II", picture[16:24])
    assert size == (int(head.said["og:image:width"]), int(head.said["og:image:height"]))
    assert len(picture) < 300_000  # some programs take no more


def test_icons_are_there(db: None) -> None:
    _answer, head = preview("/")

    for rel in ("icon", "apple-touch-icon", "manifest"):
        assert Path(site.BASE_DIR, head.links[rel].lstrip("/")).is_file(), rel


def test_robots_are_let_in_where_a_header_tells_them_the_rest(db: None, settings: Any) -> None:
    settings.SITE_URL = SITE

    text = Client().get("/robots.txt").content.decode()
    closed = re.findall(r"Disallow: (\S+)", text)

    assert f"Sitemap: {SITE}/sitemap.xml" in text
    assert "/api/" in closed
    for path in ("/g/code/", "/t/token/", "/static/pictures/share.png", *PUBLIC):
        assert not any(path.startswith(one) for one in closed), path


def test_the_sitemap_names_the_public_pages_and_no_others(db: None, settings: Any) -> None:
    settings.SITE_URL = SITE

    tree = ET.fromstring(Client().get("/sitemap.xml").content)  # noqa: S314 (ours)
    found = [str(element.text) for element in tree.iter() if element.tag.endswith("loc")]

    assert set(PUBLIC) <= {address.removeprefix(SITE) for address in found}
    for address in found:
        answer = Client().get(address.removeprefix(SITE))
        assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (200, "all"), address


def test_every_page_leads_to_help_contact_and_agreements(family: Family) -> None:
    gift = family.give()
    pages = [
        read(family.client.get("/home/")), read(Client().get("/")),
        read(Client().get("/account/login/")), read(Client().get(f"/g/{family.child.gift_code}/")),
        read(Client().get(f"/t/{gift.token}/")), read(Client().get("/nothing-here/")),
        read(Client(enforce_csrf_checks=True).post("/account/login/")),
    ]  # fmt: skip

    for page in pages:
        for path in ("/help/", "/contact/", "/agreements/privacy/", "/agreements/terms/"):
            assert path in page.links, (page.url, path)
            assert Client().get(path).status_code == 200


def test_the_contact_page_has_an_address(db: None, settings: Any) -> None:
    settings.SUPPORT_EMAIL = "people@stocksprout.example"

    page = Browser().open("/contact/")

    assert "mailto:people@stocksprout.example" in page.links
    assert "people@stocksprout.example" in page.text
    assert page.inline == []


def test_help_tells_the_limits_that_hold(db: None, settings: Any) -> None:
    settings.GIFT_MAX, settings.DEPOSIT_DAY_MAX = "777.00", "4321.00"

    text = Browser().open("/help/").text

    assert "to $777.00 at a time" in text
    assert "up to $4,321.00 a day" in text


@pytest.mark.parametrize("slug", sorted(one.slug for one in documents.list_documents()))
def test_every_agreement_can_be_read(db: None, slug: str) -> None:
    page = Browser().open(f"/agreements/{slug}/")
    document = documents.get_document(slug)

    assert (page.status, page.inline) == (200, [])
    assert document.title in page.text
    assert document.version in page.text
    assert "Placeholder" in page.text
    assert document.blocks[-1].lines[-1].split("{")[0][:40] in page.text
    assert read(Client().get(f"/agreements/{slug}/{document.version}/")).status == 200
    assert Client().get(f"/agreements/{slug}/2020-01.00000000/").status_code == 404


def test_an_earlier_edition_stays_readable(db: None, tmp_path: Path, settings: Any) -> None:
    old = documents.get_document("terms")
    folder = tmp_path / "terms"
    folder.mkdir()
    was = (Path(settings.AGREEMENTS_FOLDER) / "terms" / f"{old.edition}.txt").read_text()
    (folder / f"{old.edition}.txt").write_text(was)
    (folder / "2027-03.txt").write_text(
        "title: Terms of use\nsummary: The rules.\nstatus: final\n\nOnly this.\n"
    )
    settings.AGREEMENTS_FOLDER = str(tmp_path)

    new, page = documents.get_document("terms"), Browser().open("/agreements/terms/")
    before = Browser().open(f"/agreements/terms/{old.version}/")

    assert new.version.startswith("2027-03.")
    assert "Only this." in page.text
    assert "Placeholder" not in page.text
    assert f"/agreements/terms/{old.version}/" in page.links
    assert "This is an earlier version." in before.text
    assert "The accounts at the broker" in before.text
    assert 'content="noindex"' in before.html


def test_a_sentence_that_says_write_to_us_leads_to_the_address(family: Family) -> None:
    from core.templatetags.show import with_contact

    text = with_contact("<b>Please write to us.</b> Or contact us.")

    assert text == (
        '&lt;b&gt;Please <a href="/contact/">write to us</a>.&lt;/b&gt; '
        'Or <a href="/contact/">contact us</a>.'
    )
