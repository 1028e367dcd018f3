"""What a person agrees to before a code is texted: our text, and the vendor's prescribed notice."""

from __future__ import annotations

import re

from prefill.agreements import END_USER_AGREEMENT, get_written_instructions
from prefill.models import ApplicantConsent
from tests.prefill.walking import Walker
from tests.tenants.company import Company, server

PRESCRIBED = (
    "By clicking “{}” you agree to the Spinwheel End User Agreement, {}. Further, you are "
    "providing “written instructions” to Spinwheel Solutions, Inc. authorizing it to obtain your "
    "credit profile from any consumer reporting agency."
)


def test_the_page_shows_the_prescribed_notice_with_its_link_beside_the_button(
    walker: Walker,
) -> None:
    page = walker.open("/start/phone/").html
    shown = re.sub(r"<[^>]+>", "", page)

    assert f'href="{END_USER_AGREEMENT}"' in page
    assert "By clicking “Text me a code” you agree to the Spinwheel End User Agreement." in shown
    assert "any consumer reporting agency." in shown
    assert ">Text me a code</button>" in page
    assert "for nothing else" not in page


def test_what_was_shown_is_kept_word_for_word_with_its_version(walker: Walker) -> None:
    walker.ask_for_code()

    kept = ApplicantConsent.objects.get()
    assert PRESCRIBED.format("Text me a code", END_USER_AGREEMENT) in kept.text
    assert kept.text.startswith("I give StockSprout, and Spinwheel, which works for it,")
    assert kept.text_version == get_written_instructions(walker.parent.tenant)[0]


def test_companies_get_text_link_and_version(acme: Company) -> None:
    _key, secret = acme.make_key()
    told = server(secret).get("/api/v1/phone/consent-text").body

    assert PRESCRIBED.format("Continue", END_USER_AGREEMENT) in told["text"]
    assert told["links"] == [{"text": "Spinwheel End User Agreement", "url": END_USER_AGREEMENT}]
    assert told["links"][0]["text"] in told["text"]
    assert "for nothing else" not in told["text"]


def test_the_label_of_a_button_makes_no_other_version(acme: Company) -> None:
    one, other = (get_written_instructions(acme.tenant, label) for label in ("Go", "Continue"))

    assert one[0] == other[0]
    assert one[1] != other[1]
