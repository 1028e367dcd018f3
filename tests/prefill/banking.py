"""A person with Plaid's window in front of them, and Plaid's webhooks on their way to us."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from django.test import Client

from accounts.models import KycProfile
from core import clock
from prefill.models import Applicant, PlaidItem, Rung
from prefill.operations import finish_link, make_applicant, start_link
from prefill.operations.link_ends import FinishedLink
from sandbox.server import Box
from tenants.models import Tenant, get_default_tenant
from tests.sandbox.plaids import Ear
from tests.stage import Stage

ADDRESS = "/api/webhooks/plaid/test"
EVERYTHING, ONE_BANK, NOBODY = "+14155550011", "+14155550015", "+14155550000"
PLATYPUS, GINGHAM = "ins_109508", "ins_109509"
Json = Any


@dataclass
class Window:
    """Plaid's dialog, as the person uses it; how it talks to Plaid is the sandbox's own."""

    box: Box

    def act(self, action: str, token: str, **body: Json) -> Json:
        url = f"{self.box.url}/plaid-ui/{action}"
        return requests.post(url, json={"token": token} | body, timeout=10).json()

    def pass_layer(self, token: str, phone: str = EVERYTHING, birth: str = "") -> str:
        event = self.act("submit", token, phone_number=phone)["event"]
        if event == "LAYER_NOT_AVAILABLE" and birth:
            event = self.act("submit", token, date_of_birth=birth)["event"]
        assert event == "LAYER_READY"
        assert "identity" in self.act("otp", token, code="123456")
        return str(self.act("finish", token)["public_token"])

    def pass_link(
        self, token: str, bank: str = PLATYPUS, owner: str = "", username: str = "user_good",
        only: str = "",
    ) -> str:  # fmt: skip
        login = {"username": username, "password": "pass_good", "institution_id": bank}
        login["owner"] = owner
        accounts = self.act("login", token, **login)["accounts"]
        ids = [row["account_id"] for row in accounts if only in ("", row["subtype"])]
        return str(self.act("finish", token, account_ids=ids)["public_token"])


def now() -> datetime:
    return clock.now()


def make_tenant_with_banks() -> Tenant:
    """Return our own tenant, with all that Plaid offers it."""
    tenant = get_default_tenant()
    tenant.aggregation_enabled = True
    tenant.aggregation_products = ["layer", "auth", "identity", "transactions"]
    tenant.save()
    return tenant


def make_person(tenant: Tenant | None = None, **about: Json) -> Applicant:
    tenant = tenant or make_tenant_with_banks()
    return make_applicant(tenant=tenant, mode="test", by="tests", at=now(), **about)


def finish(person: Applicant, token: str) -> Any:
    return finish_link(applicant=person, public_token=token, by="tests", at=now())


def start(person: Applicant, kind: str | None = None, **more: Any) -> Any:
    return start_link(applicant=person, kind=kind, by="tests", at=now(), **more)


def layer(stage: Stage, person: Applicant, phone: str = EVERYTHING, **more: Any) -> Any:
    token = Window(stage.box).pass_layer(start(person, "layer").link_token, phone, **more)
    return finish(person, token)


def rungs(person: Applicant) -> dict[str, str]:
    return dict(Rung.objects.filter(applicant=person).values_list("name", "state"))


def link(stage: Stage, person: Applicant, bank: str = PLATYPUS, **login: str) -> FinishedLink:
    started = start_link(applicant=person, kind="link", by="tests", at=now())
    known = KycProfile.objects.filter(parent=person.parent_id).first()
    owner = known.full_name if known else ""  # who has told us their name signs in at their bank
    login = {"owner": owner} | login
    token = Window(stage.box).pass_link(started.link_token, bank, **login)
    return finish_link(applicant=person, public_token=token, by="tests", at=now())


def link_one(stage: Stage, person: Applicant, bank: str = PLATYPUS, **login: str) -> PlaidItem:
    (item,) = link(stage, person, bank, **login).items
    return item


def vendor_items(stage: Stage) -> Json:
    """Return Plaid's own list of the Items it holds."""
    return [row for row in stage.state()["plaidItems"] if not row["removed"]]


def deliver(ear: Ear, count: int) -> list[tuple[str, int]]:
    """Hand the webhooks that Plaid sent to the site, once `count` are here in all; answer how."""
    told = []
    for signature, body in ear.wait_for(count)[ear.passed_on :]:
        told.append((json.loads(body)["webhook_code"], post(signature, body).status_code))
    ear.passed_on = count
    return told


def post(signature: str, body: bytes, address: str = ADDRESS, **more: Json) -> Any:
    return Client().post(
        address, body, content_type="application/json", headers={"Plaid-Verification": signature},
        **more,
    )  # fmt: skip
