"""The outbox page: the practice mail as people read it, whatever was written into it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from sandbox.server import running

BACKEND = "django.core.mail.backends.filebased.EmailBackend"
SENDER = "StockSprout <hello@stocksprout.example>"


class Outbox:
    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = f"{url}/_sandbox/outbox/", folder

    def send(self, *mails: EmailMessage) -> None:
        """Send as the site does, into one file."""
        get_connection(BACKEND, file_path=str(self.folder)).send_messages(mails)

    def page(self, path: str = "") -> str:
        answer = requests.get(self.url + path, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.text

    def keys(self, path: str = "") -> list[str]:
        return re.findall(r'href="/_sandbox/outbox/([^"?]+)/"', self.page(path))

    def subjects(self, path: str = "") -> list[str]:
        found = re.findall(r'href="/_sandbox/outbox/[^"?]+/">([^<]+)<', self.page(path))
        return [html.unescape(text) for text in found]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    folder = tmp_path / "mail"
    with running(mail_folder=folder) as box:
        folder.mkdir()
        yield Outbox(box.url, folder)


def mail(subject: str, body: str, *to: str) -> EmailMessage:
    return EmailMessage(subject, body, SENDER, list(to) or ["parent@family.example"])


def test_mails_are_listed_newest_first_and_by_address(outbox: Outbox) -> None:
    outbox.send(mail("First", "a"), mail("Second", "b", "grandma@family.example"))
    outbox.send(mail("Third – “Größe”", "c", "Parent@family.example", "aunt@family.example"))

    assert set(outbox.subjects()) == {"First", "Second", "Third – “Größe”"}
    assert outbox.subjects()[-2:] != ["Third – “Größe”"]
    assert outbox.subjects("?to=grandma%40family.example") == ["Second"]
    assert set(outbox.subjects("?to=parent%40family.example")) == {"First", "Third – “Größe”"}
    assert "aunt@family.example" in outbox.page()
    assert outbox.subjects("?to=nobody%40family.example") == []


def test_the_newest_is_on_top(outbox: Outbox) -> None:
    late, early = mail("Late", "b"), mail("Early", "a")
    early.extra_headers["Date"] = "Mon, 16 Nov 2026 17:00:00 -0000"
    late.extra_headers["Date"] = "Mon, 16 Nov 2026 12:00:01 -0500"
    outbox.send(late, early)

    assert outbox.subjects() == ["Late", "Early"]


def test_a_links_of_a_mail_can_be_followed(outbox: Outbox) -> None:
    body = (
        "Confirm here: http://127.0.0.1:8000/account/confirm-email/Mg:1x_a-B/.\n"
        "Or (https://site.example/t/abc?a=1&b=2), thank you."
    )
    outbox.send(mail("Hello", body))
    (key,) = outbox.keys()

    text = outbox.page(f"{key}/")

    links = [html.unescape(link) for link in re.findall(r'<a href="(http[^"]+)" rel', text)]
    assert links == [
        "http://127.0.0.1:8000/account/confirm-email/Mg:1x_a-B/",
        "https://site.example/t/abc?a=1&b=2",
    ]
    assert "/_sandbox/outbox/?to=parent%40family.example" in text


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        'http://a.example/"onmouseover="alert(1)',
        "http://a.example/<script>alert(1)</script>",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "{{ 7 * 7 }}{% raw %}",
        "https://a.example/' autofocus onfocus='alert(1)",
    ],
)
def test_nothing_in_a_mail_acts_on_the_page(outbox: Outbox, evil: str) -> None:
    outbox.send(mail(evil.replace("\n", " "), evil, '"<b>x</b>" <x@family.example>'))
    (key,) = outbox.keys()

    for path in ("", f"{key}/"):
        text = outbox.page(path)
        assert "<script" not in text
        assert "<img" not in text
        assert "<b>" not in text
        assert not re.search(r"<[^>]* on\w+=", text)
        assert 'href="javascript' not in text
        assert 'href="data' not in text
    assert html.escape(evil).replace("&#x27;", "&#39;").split("http")[0] in text.replace(
        "&#34;", "&quot;"
    )
    policy = requests.get(outbox.url, timeout=5).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_a_mail_in_parts_or_broken_does_not_hide_the_others(outbox: Outbox) -> None:
    both = EmailMultiAlternatives("Both", "the text", SENDER, ["a@family.example"])
    both.attach_alternative("<p>the <b>html</b></p>", "text/html")
    outbox.send(both)
    only_html = mail("Html", "<p onclick=x>hi</p>")
    only_html.content_subtype = "html"
    outbox.send(only_html)
    (outbox.folder / "20261116-0.log").write_bytes(
        b"\xff\xfe no mail at all\n" + b"-" * 79 + b"\nSubject: cut"
    )
    (outbox.folder / "20261116-1.log").write_bytes(
        b'Content-Type: text/plain; charset="nonesuch"\nDate: never\nSubject: Odd\n\n\xff\n'
        + b"-" * 79 + b"\n"
    )  # fmt: skip

    keys = outbox.keys()
    pages = [outbox.page(f"{key}/") for key in keys]

    assert {"Both", "Html", "Odd"} <= set(outbox.subjects())
    assert any("the text" in page for page in pages)
    assert not any("<p onclick" in page for page in pages)
    assert "cut" not in outbox.subjects()  # still being written


@pytest.mark.parametrize("key", ["nothing", "..%2F..%2Fkeys.0", "20261116-0.99", "%00.0"])
def test_what_is_not_there_is_said_so(outbox: Outbox, key: str) -> None:
    answer = requests.get(f"{outbox.url}{key}/", timeout=5)

    assert answer.status_code == 404


def test_an_empty_outbox_and_one_nobody_named_say_so(outbox: Outbox) -> None:
    assert "No mail yet" in outbox.page()
    with running() as box:
        text = requests.get(f"{box.url}/_sandbox/outbox/", timeout=5).text
        assert "--mail-folder" in text
