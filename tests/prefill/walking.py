"""A parent on the way through the pages, with a phone and, if need be, Plaid's window."""

import re
from typing import Any

import requests

from accounts.models import Parent
from tests.cast import PASSWORD
from tests.pages.answers import KYC
from tests.pages.reading import Browser, Page
from tests.stage import Stage

FINE, ALWAYS_WRONG, UNKNOWN, DOWN = (f"(303) 555-01{end}" for end in ("00", "01", "04", "09"))
CODE, SECOND_CODE, WRONG = "123456", "234567", "111111"
BORN = "1980-02-03"
IN_LAYER = "+14155550011"  # everything, two banks
PERSON = {
    "phoneNumber": "+13035550100", "firstName": "Robin", "lastName": "Vendor",
    "emailAddress": "robin@vendor.example", "ssnLastFourDigits": "4321", "dob": BORN,
    "addressLine1": "9 Vendor Way", "city": "Boulder", "state": "CO", "zip": "80301",
}  # fmt: skip
LEFT_TO_ASK = {
    name: value
    for name, value in KYC.items()
    if name not in {"first_name", "last_name", "date_of_birth", "phone", "street1", "street2",
                    "city", "state", "postal_code"}
}  # fmt: skip


class Walker(Browser):
    """Somebody signed in, without JavaScript; `tell` and `ask` are what the script would send."""

    def __init__(self, stage: Stage, parent: Parent) -> None:
        super().__init__()
        self.stage = stage
        self.parent = parent

    def sign_in(self) -> "Walker":
        page = self.open("/account/login/")
        self.submit(page, "/login/", login=self.parent.user.email, password=PASSWORD)
        return self

    def ask_for_code(self, phone: str = FINE, born: str = BORN) -> Page:
        page = self.open("/start/")
        return self.submit(page, phone_number=phone, date_of_birth=born, instructions="on")

    def enter(self, page: Page, code: str = CODE) -> Page:
        return self.submit(page, page.url, verification_code=code)

    def ask(self, path: str, **body: Any) -> Any:
        """Send what the page's script sends; return the answer."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.seen[-1].html)
        headers = {"X-CSRFToken": token[1]} if token else {}
        return self.client.post(path, body, content_type="application/json", headers=headers)

    def pass_layer(self, phone: str = IN_LAYER) -> Any:
        """Share everything in Plaid's window; return the answer to the last request."""
        self.open("/start/phone/")
        started = self.ask("/links/", kind="layer").json()
        self._window("submit", started["token"], phone_number=phone)
        self._window("otp", started["token"], code=CODE)
        shared = self._window("finish", started["token"])
        answer = self.ask("/links/finish/", public_token=shared["public_token"])
        self.stage.work(rounds=3)  # should the banks' answers have taken their time
        return answer

    def _window(self, action: str, token: str, **body: Any) -> Any:
        address = f"{self.stage.box.url}/plaid-ui/{action}"
        answer = requests.post(address, json={"token": token} | body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def texts(self) -> list[Any]:
        """Return what was texted for us; Plaid texts its own codes."""
        return [text for text in self.stage.state()["texts"] if text["from"] != "Plaid"]


def fill_in(walker: Walker, page: Page, **changes: Any) -> Page:
    return walker.submit(page, page.url, **(LEFT_TO_ASK | changes))
