"""Another company on the platform: its developer makes a key, and its server fills a form."""

import re
import secrets
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import requests

from demo.person import Person
from demo.processes import Broken

if TYPE_CHECKING:
    from demo.play import Journey

SLUG, NAME = "company", "Sample Company"
DEVELOPER = "developer@company.example"
CUSTOMER = {"phone_number": "+12125550100", "date_of_birth": "1990-01-01"}


class Company:
    """One company, from signing up to its first form filled by `/api/v1/`."""

    def __init__(self, journey: "Journey") -> None:
        self.journey = journey
        self.developer = Person(journey.stack.site)
        self.password = secrets.token_urlsafe(12)
        self.key = ""

    def play(self) -> None:
        """Play every step.

        :raises Broken: a step did not happen
        """
        self.join()
        self.make_key()
        self.fill_form()

    def join(self) -> None:
        journey = self.journey
        self.developer.submit("/account/signup/", email=DEVELOPER, password1=self.password)
        link = journey.wait(
            "the developer's mail", lambda: journey.mail.link(DEVELOPER, "confirm-email")
        )
        self.developer.submit(link)
        journey.stack.manage("make_tenant", SLUG, NAME, DEVELOPER)

    def make_key(self) -> None:
        page = f"/tenant/{SLUG}/settings/"
        self.developer.submit(
            page, action=f"{page}use/", phone_enabled="on", aggregation_enabled="on",
            aggregation_products="auth identity layer",
        )  # fmt: skip
        scopes = ["phone", "plaid", "prefill", "users:read", "users:write"]
        answer = self.developer.submit(
            f"/tenant/{SLUG}/keys/new/", name="Server", mode="test", scopes=scopes
        )
        found = re.search(r"ssk_test_\w+", answer.text)
        if found is None:
            raise Broken("The portal shows no key.")
        self.key = found[0]
        self.journey.say("A company makes a key", f"{self.key[:17]}… in its portal")

    def fill_form(self) -> None:
        text = self.call("GET", "phone/consent-text")
        consent = {"accepted": True, "text_version": text["text_version"]}
        session = self.call("POST", "phone/verify", CUSTOMER | {"consent": consent})
        code = self.journey.text_to(CUSTOMER["phone_number"])
        self.call(
            "POST", "phone/confirm",
            {"session_id": session["session_id"], "verification_code": code},
        )  # fmt: skip
        form = self.call("GET", f"prefill/{session['user_id']}")
        sources = sorted({one["source"] for one in form["provenance"].values()})
        self.journey.say(
            "Its server fills a customer's form",
            f"{float(form['coverage']):.0%} of it, from {', '.join(sources)}",
        )

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the tenant API as the company's server does.

        :raises Broken: it refuses
        """
        answer = requests.request(
            method,
            f"{self.journey.stack.site}/api/v1/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid4())},
            timeout=30,
        )
        if not answer.ok:
            raise Broken(f"{path} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json()
