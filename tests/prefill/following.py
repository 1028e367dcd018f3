"""A client that knows nothing of the ladder: it does what `next_step` says and looks again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.api.calling import Answer, Caller
from tests.prefill.banking import Window
from tests.prefill.cast import CODE, number
from tests.stage import Stage
from tests.tenants.company import Company, server

V1 = "/api/v1"
BORN, PHONE, LAYER_PHONE = "1988-07-04", number("42"), "+14155550011"
PERSON = {
    "phoneNumber": PHONE, "firstName": "Quincy", "lastName": "Mcallister", "dob": BORN,
    "emailAddress": "quincy@person.example", "ssnLastFourDigits": "7416",
    "addressLine1": "77 Quince Court", "city": "Trenton", "state": "NJ", "zip": "08608",
}  # fmt: skip
SECRETS = [PHONE[2:], BORN, "Quincy", "Mcallister", "quincy@", "Quince Court", "Leslie", "Knope",
           "Charleson", "Pawnee", LAYER_PHONE[2:]]  # fmt: skip
WORDS = {
    "first_name": "name", "middle_name": "name", "last_name": "name", "date_of_birth": "birth",
    "ssn_last4": "ssn", "email": "email", "phone_number": "phone",
}  # fmt: skip
GROUPS = {"addresses": "address", "financial_info": "money"}
A_WHILE = 301  # seconds, longer than a code lives
MOST_STEPS = 20
OVER = {"review", "type_it"}


@dataclass
class Follower:
    """A person with a phone at a company's client, in whose window Plaid's dialog opens.

    `steps` are the actions as they were told, one after another; `refusals` what was refused.
    """

    shop: Caller
    stage: Stage
    phone: str
    born: str
    steps: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    user: str = ""
    opened: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> Follower:
        answer = self.post("users", {})
        self.user = answer.body["user_id"]
        return self

    def follow(self) -> Follower:
        """Do what is said until there is a form to look at or to type, or nothing helps."""
        step = self.look()
        while step["action"] not in OVER and len(self.steps) < MOST_STEPS:
            answer = getattr(self, step["action"])(step)
            if answer.status == 429:
                self.stage.advance(A_WHILE)  # so that what is under way ends
            step = self.look()
        return self

    def look(self) -> Any:
        """Read the step anew; what is told again right after is one."""
        step = self.shop.get(f"{V1}/users/{self.user}").body["next_step"]
        if self.steps[-1:] != [step["action"]]:
            self.steps.append(step["action"])
        return step

    def post(self, path: str, body: Any) -> Answer:
        answer = self.shop.post(f"{V1}/{path}", body)
        if answer.status >= 400:
            self.refusals.append(answer.problem()[1])
            self.messages.append(answer.body["detail"])
        return answer

    # --- one for each action ----------------------------------------------------------------------

    def open_layer(self, _step: Any) -> Answer:
        self.opened = self.post("plaid/link-token", {"user_id": self.user}).body
        if "link_token" not in self.opened:
            return Answer(503, "", {}, {})
        return self._submit(phone_number=self.phone)

    def submit_date_of_birth(self, _step: Any) -> Answer:
        return self._submit(date_of_birth=self.born)

    def _submit(self, **typed: str) -> Answer:
        window, token = Window(self.stage.box), self.opened["link_token"]
        event = window.act("submit", token, **typed)["event"]
        told = {"session_id": self.opened["session_id"], "event_name": event}
        answer = self.post("plaid/events", told)
        if event != "LAYER_READY":
            return answer
        window.act("otp", token, code=CODE)
        return self._exchange(window.act("finish", token)["public_token"])

    def open_link(self, _step: Any) -> Answer:
        started = self.post("plaid/link-token", {"user_id": self.user})
        if started.status >= 400:
            return started
        return self._exchange(Window(self.stage.box).pass_link(started.body["link_token"]))

    def _exchange(self, public_token: str) -> Answer:
        told = {"user_id": self.user, "public_token": public_token}
        return self.post("plaid/exchange-token", told)

    def verify_phone(self, step: Any) -> Answer:
        version = self.shop.get(f"{V1}/phone/consent-text").body["text_version"]
        assert step["needs"] == ["date_of_birth", "instructions"]
        return self.post(
            "phone/verify",
            {
                "user_id": self.user,
                "phone_number": self.phone,
                "date_of_birth": self.born,
                "consent": {"accepted": True, "text_version": version},
            },
        )

    def enter_code(self, step: Any) -> Answer:
        """Type the newest code on the phone, or any; ask for another where that is said."""
        session = {"session_id": step["session_id"]}
        typed = self.texts("Spinwheel")[-1:] or ["000000"]
        answer = self.post("phone/confirm", session | {"verification_code": typed[0]})
        if answer.status == 409 and answer.body["code"] == "resend_code":
            self._wait_until(step["resend_at"])
            return self.verify_phone({"needs": ["date_of_birth", "instructions"]})
        if answer.status == 409 and answer.body["code"] == "code_expired":
            self._wait_until(step["resend_at"])
        return answer

    def _wait_until(self, moment: str) -> None:
        wait = (datetime.fromisoformat(moment) - self.stage.now()).total_seconds()
        self.stage.advance(max(wait, 0) + 1)

    # --- what came of it --------------------------------------------------------------------------

    def texts(self, sender: str = "") -> list[str]:
        """Return the codes on the phone, oldest first."""
        rows = [row for row in self.stage.state()["texts"] if row["to"] == self.phone]
        return [row["text"][:6] for row in rows if not sender or row["from"] == sender]

    def known(self) -> dict[str, str]:
        """Return what the form is filled with: by source the fields, in words."""
        form = self.shop.get(f"{V1}/prefill/{self.user}").body
        found: dict[str, set[str]] = {}
        for path, value in form["provenance"].items():
            group, _, name = path.partition(".")
            word = GROUPS.get(group) or WORDS[name]
            found.setdefault(value["source"], set()).add(word)
        return {source: " ".join(sorted(words)) for source, words in sorted(found.items())}


def begin(company: Company, stage: Stage, phone: str = PHONE) -> Follower:
    return Follower(server(company.make_key()[1]), stage, phone, BORN).begin()


def keyed(person: Follower, key: str = "") -> Caller:
    headers = person.shop.headers | {"Idempotency-Key": key or str(uuid4())}
    return Caller(person.shop.client, headers)


def text(person: Follower) -> str:
    """Have a code texted; return the session."""
    answer = person.verify_phone({"needs": ["date_of_birth", "instructions"]})
    session: str = answer.body["session_id"]
    return session


def pass_link(person: Follower, kind: str = "link") -> str:
    """Return the public token of a window that was passed."""
    started = person.post("plaid/link-token", {"user_id": person.user, "kind": kind}).body
    window, token = Window(person.stage.box), started["link_token"]
    return window.pass_link(token) if kind == "link" else window.pass_layer(token, LAYER_PHONE)


def exchange(person: Follower, public: str, caller: Caller | None = None) -> Answer:
    told = {"user_id": person.user, "public_token": public}
    return (caller or person.shop).post(f"{V1}/plaid/exchange-token", told)
