"""The practice desk as a browser shows it: one tap, and back to where one was."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sandbox.server import running
from tests.browser.conftest import Window
from tests.sandbox.partner import Partner

pytestmark = pytest.mark.browser
MAIL = (
    b'Content-Type: text/plain; charset="utf-8"\nSubject: Hello\nTo: parent@family.example\n'
    b"Date: Mon, 16 Nov 2026 17:00:00 -0000\n\nGo to http://127.0.0.1:9/t/abc/.\n"
)


@pytest.mark.daily(1)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_tap_does_what_it_says(browser: Browser, tmp_path: Path, width: int, scheme: Any) -> None:
    (tmp_path / "1.log").write_bytes(MAIL + b"-" * 79 + b"\n")
    with running(mail_folder=tmp_path, site_url="http://127.0.0.1:9") as box:
        partner = Partner(box)
        partner.funded_family("40.00")
        size: Any = {"width": width, "height": 844}
        window = Window(browser, box.url, viewport=size, color_scheme=scheme)

        page = window.open("/_sandbox/")
        assert window.fits()
        page.get_by_role("button", name="Return it with R01").click()
        expect(page.get_by_role("button", name="Return it with R01")).to_have_count(0)
        assert page.url.endswith("/_sandbox/#deposits")
        assert partner.state()["deposits"][0]["status"] == "RETURNED"

        page.get_by_role("link", name="Mail it sent").click()
        assert window.fits()
        page.get_by_role("link", name="Hello").click()
        link = page.get_by_role("link", name="http://127.0.0.1:9/t/abc/")
        expect(link).to_have_attribute("href", "http://127.0.0.1:9/t/abc/")
        assert window.fits()
        assert window.complaints == []
