"""The main job, played once: sign-up → KYC → account → gift → approval → ACH → order → position."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import requests

from demo.company import Company
from demo.person import Mailbox, Person
from demo.processes import Broken, Stack

T = TypeVar("T")
AMOUNT = Decimal("50.00")
SYMBOL = "DIS"
PARENT = "parent@family.example"
GIVER = "grandma@family.example"
PATIENCE = 60  # seconds to wait for the worker


@dataclass
class Journey:
    """What is known along the way."""

    stack: Stack
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    child_id: str = ""
    gift_link: str = ""
    track_link: str = ""

    def __post_init__(self) -> None:
        self.parent = Person(self.stack.site)
        self.giver = Person(self.stack.site)
        self.mail = Mailbox(self.stack.folder / "mail")
        self.company = Company(self)
        self.started = time.monotonic()

    def play(self) -> None:
        """Play every step; each says what really happened.

        :raises Broken: a step did not happen
        """
        self.sign_up()
        self.show_phone()
        self.be_known()
        self.add_child()
        self.link_bank()
        self.open_account()
        self.give()
        self.approve()
        self.move_money()
        self.buy()
        self.reconcile()
        self.company.play()

    # --- the steps ------------------------------------------------------------------------------

    def sign_up(self) -> None:
        self.parent.submit("/account/signup/", email=PARENT, password1=self.password)
        link = self.wait("the e-mail to confirm", lambda: self.mail.link(PARENT, "confirm-email"))
        self.parent.submit(link)
        self.say("A parent signs up", "e-mail confirmed by the link in the mail")

    def show_phone(self) -> None:
        self.order("spinwheel/people", PERSON)
        page = self.parent.submit(
            "/start/phone/", phone_number=PHONE, date_of_birth=PERSON["dob"], instructions="on"
        )
        code = self.text_to(PHONE)
        self.parent.submit(page.url, verification_code=code)
        self.say("A phone number fills the form", f"code {code} by text, {self.filled()} found")

    def be_known(self) -> None:
        self.parent.submit("/about-you/", **KYC)
        self.wait(
            "the identity check", lambda: "You are confirmed" in self.parent.open("/about-you/")
        )
        self.say("The broker knows the parent", "KYC approved")

    def add_child(self) -> None:
        page = self.parent.submit("/children/new/", **CHILD)
        self.child_id = page.url.rstrip("/").rsplit("/", 1)[-1]
        link = re.search(r'value="(http[^"]*/g/[^"]+)"', page.text)
        if link is None:
            raise Broken("The child's page shows no gift link.")
        self.gift_link = link[1]
        self.say("A child is added", "Colorado: control at 21")

    def link_bank(self) -> None:
        self.parent.submit("/banks/new/", **BANK)
        page = self.wait("the two small deposits", self.confirm_page)
        now = self.move_clock({"to": "next-banking-day"})
        self.say("… a banking day passes", now[:10])
        amounts = self.wait("the bank statement", self.statement)
        first, second = (line["amount"] for line in amounts)
        self.parent.submit(page, first=first, second=second)
        self.wait("the bank link", lambda: "badge--good" in self.parent.open("/banks/"))
        self.say("A bank is linked", f"account ••6789, two deposits of ${first} and ${second}")

    def open_account(self) -> None:
        def opened() -> bool:
            status: str = self.portfolio()["child"]["accountStatus"]
            return status == "approved"

        self.wait("the custodial account", opened)
        number = self.portfolio()["child"]["driveWealthAccountNo"]
        self.say("The custodial account is open", f"account {number} at DriveWealth")

    def give(self) -> None:
        companies = self.giver.choices(self.gift_link, "instrument")
        if not companies:
            raise Broken("The gift page offers no company.")
        page = self.giver.open(self.gift_link)
        chosen = re.search(rf'value="([0-9a-f-]{{36}})"(?:(?!<input).)*?{SYMBOL}<', page, re.DOTALL)
        if chosen is None:
            raise Broken(f"The gift page does not offer {SYMBOL}.")
        answer = self.giver.submit(
            self.gift_link,
            instrument=chosen[1],
            amount=AMOUNT,
            giver_name="Grandma",
            giver_email=GIVER,
            message="For your first piece of a castle.",
            confirm="1",
        )
        self.track_link = answer.url
        self.say(
            "Grandma gives, without an account", f"${AMOUNT} of {SYMBOL} through the gift link"
        )

    def approve(self) -> None:
        link = self.wait("the mail to the parent", lambda: self.mail.link(PARENT, "/gifts/"))
        bank = self.parent.choices(link, "bank")[0]
        self.parent.submit(link, action=f"{link}approve/", bank=bank, authorize="on")
        self.wait("the bank transfer", lambda: self.execution() == "funding")
        self.wait("the bank transfer to start", self.deposits)
        self.say("The parent approves", f"ACH debit of ${AMOUNT} authorized and sent")

    def move_money(self) -> None:
        for _day in range(8):
            if self.deposits()[0]["status"] == "SUCCESSFUL":
                break
            now = self.move_clock({"to": "next-banking-day"})
            self.say("… a banking day passes", now[:10])
        self.wait("the money", lambda: self.execution() in ("ordering", "executed"))
        self.say("The deposit has settled", f"${AMOUNT} in the child's account")

    def buy(self) -> None:
        self.wait("the order", lambda: self.broker()["orders"])
        if not self.clock()["marketOpen"]:
            opening = self.move_clock({"to": "next-market-open"})
            self.say("… the exchange opens", opening[:16].replace("T", " ") + " UTC")
        self.wait("the fill", lambda: self.execution() == "executed")
        order = self.broker()["orders"][0]
        self.say("A fractional order is filled", f"order {order['orderNo']}")

    def reconcile(self) -> None:
        self.wait("the reconciliation", lambda: self.portfolio()["checkedAt"])
        self.wait("the mail to Grandma", self.bought_mail)
        self.say("The position is back and reconciled", "Grandma has been told")

    # --- seeing and waiting -----------------------------------------------------------------------

    def portfolio(self) -> Any:
        return self.parent.ask(f"/api/portfolio/{self.child_id}")

    def execution(self) -> str:
        """Return how buying the gift's shares goes."""
        status: str = self.parent.ask("/api/gifts")["gifts"][0]["executionStatus"]
        return status

    def broker(self) -> Any:
        """Return what the broker holds, by its own control panel."""
        answer = requests.get(f"{self.stack.sandbox}/_sandbox/state", timeout=10)
        return answer.json(parse_float=Decimal)

    def statement(self) -> list[Any]:
        """Return what the parent reads in their bank's app."""
        lines: list[Any] = self.broker()["bankStatement"]
        return lines

    def confirm_page(self) -> str:
        """Return where the parent can name the two amounts, once they are sent."""
        link = re.search(r'href="(/banks/[^"]+/confirm/)"', self.parent.open("/banks/"))
        return link[1] if link else ""

    def filled(self) -> str:
        """Say how many of the form's lines are there before the parent types anything."""
        held = self.parent.held("/about-you/")
        found = [name for name in KNOWN if held.get(name)]
        if len(found) < len(KNOWN):
            raise Broken(f"The form lacks {set(KNOWN) - set(found)}.")
        return f"{len(found)} of {len(KNOWN) + 1} personal lines"

    def text_to(self, number: str) -> str:
        """Return the code in the newest text on a phone."""
        texts = [text["text"] for text in self.broker()["texts"] if text["to"] == number]
        code = re.search(r"\d{6}", texts[-1]) if texts else None
        if code is None:
            raise Broken(f"Nothing was texted to {number}.")
        return code[0]

    def deposits(self) -> list[Any]:
        rows: list[Any] = self.broker()["deposits"]
        return rows

    def bought_mail(self) -> bool:
        return any("has become" in text for text in self.mail.to(GIVER))

    def clock(self) -> Any:
        return requests.get(f"{self.stack.sandbox}/_sandbox/clock", timeout=10).json()

    def move_clock(self, order: dict[str, Any]) -> str:
        """Move the broker's clock, which the site follows; return the broker's time."""
        now: str = self.order("clock", order)["now"]
        return now

    def order(self, what: str, order: dict[str, Any]) -> Any:
        """Tell the sandbox's operator to do something.

        :raises Broken: it can not
        """
        answer = requests.post(f"{self.stack.sandbox}/_sandbox/{what}", json=order, timeout=60)
        if not answer.ok:
            raise Broken(f"The sandbox refuses {what}: {answer.text}")
        return answer.json()

    def wait(self, what: str, look: Callable[[], T]) -> T:
        """Look again and again until there is something to see.

        :raises Broken: nothing came in time
        """
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.stack.check_alive()
            if found := look():
                return found
            time.sleep(0.2)
        raise Broken(f"Waited {PATIENCE} s for {what}; it did not come. Logs: {self.stack.folder}")

    def say(self, title: str, text: str) -> None:
        seconds = time.monotonic() - self.started
        print(f"  {seconds:5.1f}s  {title:<38} {text}", flush=True)


PHONE = "+13035550123"
PERSON: dict[str, Any] = {
    "phoneNumber": PHONE,
    "firstName": "Pat",
    "lastName": "Sample",
    "emailAddress": PARENT,
    "ssnLastFourDigits": "6789",
    "dob": "1985-06-15",
    "addressLine1": "1 Sample Street",
    "city": "Denver",
    "state": "CO",
    "zip": "80202",
}
KNOWN = (
    "first_name", "last_name", "date_of_birth", "phone", "street1", "city", "state", "postal_code",
)  # fmt: skip
KYC: dict[str, Any] = {
    "ssn": "123-45-6789",
    "employment_status": "EMPLOYED",
    "employer": "Sample School",
    "industry": "EDUCATION",
    "position": "TEACHER",
    "annual_income": 90000,
    "net_worth": 150000,
    "liquid_net_worth": 40000,
    "investment_experience": "YEARS_1_2",
    "risk_tolerance": "MODERATE",
    "objective": "GROWTH",
    "e_sign": "on",
    "agreements": "on",
}
CHILD: dict[str, Any] = {
    "first_name": "Sunny",
    "last_name": "Sample",
    "date_of_birth": "2019-04-01",
    "ssn": "234-56-7891",
    "governing_state": "CO",
    "agree": "on",
}
BANK: dict[str, Any] = {
    "routing_number": "021000021",
    "account_number": "000123456789",
    "account_number_again": "000123456789",
    "account_type": "CHECKING",
    "nickname": "Household",
    "authorization": "on",
}
