"""What a parent agreed to, and ending it, over the API."""

from typing import Any
from uuid import uuid4

from django.test import Client

from accounts.models import Withdrawal
from brokerage.models import BankAccount, Case
from tests.cast import Family


def post(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(
        f"/api/consents/{path}",
        body or {},
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )


def test_all_of_it_is_told_with_its_versions(family: Family) -> None:
    told = family.client.get("/api/consents").json()

    assert told["signsElectronically"] is True
    kinds = {one["kind"]: one for one in told["consents"]}
    assert kinds["Custodial account"]["documents"].keys() == {"custodial"}
    assert "Transfers to Minors Act" in kinds["Custodial account"]["text"]


def test_each_agreement_that_can_be_ended_is_ended(family: Family, stranger: Family) -> None:
    ended = post(family.client, "end", {"what": "debits"})
    signed = post(family.client, "end", {"what": "eSign"})
    twice = post(family.client, "end", {"what": "eSign"})
    nothing = post(family.client, "end", {"what": "instructions"})
    unknown = post(family.client, "end", {"what": "everything"})

    assert ended.status_code == 200
    assert BankAccount.objects.get(pk=family.bank.pk).status == BankAccount.Status.DISABLED
    assert BankAccount.objects.get(pk=stranger.bank.pk).status == BankAccount.Status.ACTIVE
    assert signed.json()["signsElectronically"] is False
    assert (twice.status_code, twice.json()["code"]) == (409, "already_done")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_kept")
    assert unknown.status_code == 400
    assert Withdrawal.objects.filter(parent=family.parent).count() == 2
    assert not Withdrawal.objects.filter(parent=stranger.parent).exists()


def test_it_can_be_agreed_to_again_and_paper_asked_for(family: Family) -> None:
    post(family.client, "end", {"what": "eSign"})

    again, paper = post(family.client, "e-sign"), post(family.client, "paper")

    assert again.json()["signsElectronically"] is True
    assert paper.status_code == 204
    assert Case.objects.filter(kind=Case.Kind.PAPER, status="OPEN", parent=family.parent).exists()


def test_a_visitor_is_told_nothing(db: None) -> None:
    assert Client().get("/api/consents").status_code in {401, 403}
    assert post(Client(), "paper").status_code in {401, 403}
