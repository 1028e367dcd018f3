"""The fixed cast. Everybody reaches their state through operations and the practice broker."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import requests
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from waffle.models import Switch

from accounts.models import Child, Parent, User
from accounts.operations import ChildDetails, KycAnswers, add_child, create_parent, submit_kyc
from brokerage.models import BankAccount, BrokerAccount, Instrument, Purchase
from brokerage.operations import advance_bank, advance_micro_deposits, confirm_bank, link_bank
from brokerage.operations.banks import BankNumbers
from core import clock
from gifting.models import Gift
from gifting.operations import GiftOffer, approve_gift, authorization_text, give
from tenants.models import get_default_tenant
from tests.stage import Stage

PASSWORD = "correct horse battery"

KYC: dict[str, Any] = {
    "first_name": "Pat",
    "last_name": "Sample",
    "date_of_birth": date(1985, 6, 15),
    "ssn": "123456789",
    "phone": "+13035550123",
    "street1": "1 Sample Street",
    "street2": "",
    "city": "Denver",
    "state": "CO",
    "postal_code": "80202",
    "employment_status": "EMPLOYED",
    "employer": "Sample Works",
    "industry": "EDUCATION",
    "position": "TEACHER",
    "annual_income": 90000,
    "net_worth": 150000,
    "liquid_net_worth": 40000,
    "investment_experience": "YEARS_1_2",
    "risk_tolerance": "MODERATE",
    "objective": "GROWTH",
    "works_at_broker": False,
    "director_of": "",
    "politically_exposed": "",
}


@dataclass(frozen=True)
class Keys:
    """What one needs to meet a family again."""

    parent: UUID
    child: UUID
    bank: UUID
    session: str


@dataclass
class Family:
    """A parent with one child, signed in."""

    stage: Stage
    parent: Parent
    child: Child
    bank: BankAccount
    client: Client

    @property
    def account(self) -> BrokerAccount:
        return BrokerAccount.objects.get(child=self.child)

    @property
    def keys(self) -> Keys:
        session = self.client.session.session_key
        assert session is not None
        return Keys(self.parent.pk, self.child.pk, self.bank.pk, session)

    def purchase(self) -> Purchase:
        """Return the one purchase that was made for the child."""
        return self.account.purchases.get()

    def give(self, amount: str = "50.00", symbol: str = "DIS") -> Gift:
        """Have a grandparent give through the link."""
        offer = GiftOffer(
            instrument=Instrument.objects.get(symbol=symbol),
            amount=Decimal(amount),
            giver_name="Grandma",
            giver_email="grandma@family.example",
            message="For you",
            form_key=uuid4(),
        )
        return give(child=self.child, offer=offer, at=clock.now())

    def approve(self, gift: Gift) -> Purchase:
        """Approve a gift and return its purchase."""
        approved = approve_gift(
            gift=gift,
            by=self.parent,
            bank=self.bank,
            authorization=authorization_text(gift, [self.bank]),
            at=clock.now(),
            ip_address="127.0.0.1",
        )
        assert approved.purchase is not None
        return approved.purchase

    def buy(self, amount: str = "50.00", symbol: str = "DIS") -> Purchase:
        """Bring a gift all the way to shares."""
        purchase = self.approve(self.give(amount, symbol))
        self.stage.work()
        self.stage.settle_ach()
        self.stage.work()
        purchase.refresh_from_db()
        return purchase


def make_user(email: str) -> User:
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def make_parent(email: str) -> Parent:
    """Sign somebody up, e-mail verified, who lives in Colorado."""
    parent = create_parent(user=make_user(email), tenant=get_default_tenant(), at=clock.now())
    Parent.objects.filter(pk=parent.pk).update(state="CO")
    parent.state = "CO"
    return parent


def sign_in(parent: Parent) -> Client:
    client = Client()
    client.force_login(parent.user)
    return client


def make_known(parent: Parent, **changes: Any) -> None:
    """Hand in the parent's KYC form."""
    answers = KycAnswers.from_mapping(KYC | changes)
    submit_kyc(parent=parent, answers=answers, at=clock.now(), ip_address="127.0.0.1")


def make_child(parent: Parent, *, ssn: str = "234567891", born: date = date(2019, 4, 1)) -> Child:
    """Add a child: Sunny, then siblings of other names."""
    names = ("Sunny", "Rain", "Storm", "Breeze")
    name = names[parent.children.count() % len(names)]
    details = ChildDetails(name, "Sample", born, ssn, "CO")
    return add_child(parent=parent, details=details, at=clock.now(), ip_address="127.0.0.1")


def make_unconfirmed_bank(parent: Parent, *, number: str = "000123456789") -> BankAccount:
    """Link a bank by its numbers and have the two small amounts sent."""
    numbers = BankNumbers("021000021", number, "CHECKING", "Household")
    bank = link_bank(parent=parent, numbers=numbers, at=clock.now())
    advance_micro_deposits(bank.micro_deposits.get().pk, at=clock.now())
    return BankAccount.objects.get(pk=bank.pk)


def make_bank(parent: Parent, *, number: str = "000123456789") -> BankAccount:
    """Link a bank by its numbers and name the amounts that came."""
    bank = make_unconfirmed_bank(parent, number=number)
    cents = amounts_sent(bank)
    confirm_bank(bank=bank, cents=cents, by=parent, at=clock.now())
    advance_bank(bank.pk, at=clock.now())
    return BankAccount.objects.get(pk=bank.pk)


def amounts_sent(bank: BankAccount) -> tuple[int, int]:
    """Return, in cents, the last two amounts that reached this account, as its bank knows."""
    sandbox = settings.MICRO_DEPOSITS_URL.removesuffix("/bank")
    state = requests.get(f"{sandbox}/_sandbox/state", timeout=10)
    orders = state.json(parse_float=Decimal)["microDeposits"]
    order = [row for row in orders if row["account"].endswith(bank.last4)][-1]
    first, second = (int(amount * 100) for amount in order["amounts"])
    return first, second


def wrong_cents(bank: BankAccount) -> tuple[int, int]:
    """Return two amounts that were not sent to this account."""
    first, second = amounts_sent(bank)
    return (1, 2) if {first, second} != {1, 2} else (3, 4)


def make_family(
    stage: Stage, email: str, *, ssn: str = "123-45-6789", child_ssn: str = "234-56-7891"
) -> Family:
    """Open everything a gift needs."""
    parent = make_parent(email)
    make_known(parent, ssn=ssn.replace("-", ""))
    child = make_child(parent, ssn=child_ssn.replace("-", ""))
    stage.work(rounds=1)  # the broker is asked for the custodian; enough to link a bank
    bank = make_bank(parent)
    stage.work()
    bank.refresh_from_db()
    return Family(stage, parent, child, bank, sign_in(parent))


def meet(stage: Stage, keys: Keys) -> Family:
    """Return a family that is there already, its parent signed in."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = keys.session
    return Family(
        stage,
        Parent.objects.select_related("user").get(pk=keys.parent),
        Child.objects.get(pk=keys.child),
        BankAccount.objects.get(pk=keys.bank),
        client,
    )


def halt(name: str) -> None:
    """Turn a kill switch on, as staff would."""
    switch, _created = Switch.objects.update_or_create(name=name, defaults={"active": True})
    switch.flush()


def resume(name: str) -> None:
    """Turn a kill switch off again."""
    switch, _created = Switch.objects.update_or_create(name=name, defaults={"active": False})
    switch.flush()
