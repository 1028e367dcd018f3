"""Deposits for mobile apps: money added outside gifts, and how all of it stands."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.agreements import AgreedVersionField
from accounts.api.views import ParentAPI
from accounts.models import Child
from accounts.pages import get_ip_address
from accounts.queries import get_child_or_404, list_children
from brokerage import operations, queries
from brokerage.deposit_forms import authorization_text
from brokerage.models import BankAccount, Deposit
from brokerage.operations.deposits import DepositRequest
from brokerage.words.deposits import explain_deposit, get_authorization
from core import clock
from core.api import AmountField
from core.api_checks import check_all, renamed
from core.api_lists import PART_PARAMETERS, PartOut, get_next, read_part
from core.idempotency import derive_key, idempotent_only

BANK_FIELD = {"bank": "bankAccountId"}


class DepositIn(serializers.Serializer[Any]):
    """`authorize` stands for the parent's agreement to the bank debit; `bankAccountId` may name
    another bank than the primary."""

    childId = serializers.PrimaryKeyRelatedField(queryset=Child.objects.none())
    bankAccountId = serializers.PrimaryKeyRelatedField(
        queryset=BankAccount.objects.none(), required=False
    )
    amount = AmountField(18, 2)
    authorize = serializers.BooleanField()
    agreedVersion = AgreedVersionField("ACH")

    def __init__(self, *args: Any, children: Any = None, banks: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if children is not None:
            self.fields["childId"].queryset = children  # type: ignore[attr-defined]
            self.fields["bankAccountId"].queryset = banks  # type: ignore[attr-defined]

    def validate_authorize(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("The parent has to authorize the bank debit.")
        return value


class DepositOut(serializers.Serializer[Any]):
    """`status` is intended, pending, on_hold, settled, failed or returned; `explanation` says it in
    plain words. `authorization` is what was agreed to, word for word."""

    id = serializers.UUIDField()
    childId = serializers.UUIDField(source="account.child_id")
    bankAccountId = serializers.UUIDField(source="bank_id")
    amount = serializers.DecimalField(18, 2)
    forGift = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()
    authorization = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    moneyExpectedOn = serializers.DateField(source="expected_on", allow_null=True)
    arrivedAt = serializers.DateTimeField(source="settled_at", allow_null=True)
    returnedAt = serializers.DateTimeField(source="returned_at", allow_null=True)
    returnCode = serializers.SerializerMethodField()

    def get_forGift(self, deposit: Deposit) -> bool:
        return deposit.purchase_id is not None

    def get_status(self, deposit: Deposit) -> str:
        return str(deposit.status).lower()

    def get_explanation(self, deposit: Deposit) -> str:
        return explain_deposit(deposit)

    def get_authorization(self, deposit: Deposit) -> str | None:
        consent = get_authorization(deposit)
        return consent.text if consent else None

    def get_returnCode(self, deposit: Deposit) -> str | None:
        return deposit.return_code or None


class DepositAnswer(serializers.Serializer[Any]):
    deposit = DepositOut()


class DepositsOut(PartOut):
    deposits = DepositOut(many=True)


class Deposits(ParentAPI):
    """Money added outside gifts."""

    @extend_schema(request=DepositIn, responses={201: DepositAnswer})
    @idempotent_only
    def post(self, request: Request) -> Response:
        """Debit the parent's bank into a child's account, once per `Idempotency-Key`."""
        banks = queries.list_usable_banks(self.parent)
        data = DepositIn(data=request.data, children=list_children(self.parent), banks=banks)
        check_all(data, self._check, BANK_FIELD)
        asked = data.validated_data
        child, bank = asked["childId"], asked.get("bankAccountId") or banks.first()
        wanted = DepositRequest(
            account=queries.get_account(child),
            bank=bank,
            amount=asked["amount"],
            authorization=authorization_text(child, [bank] if bank else [], asked["amount"]),
            form_key=derive_key(request, "deposit"),
            ip_address=get_ip_address(request),
        )
        with renamed(BANK_FIELD):
            deposit = operations.start_deposit(wanted, by=self.parent, at=clock.now())
        return Response(DepositAnswer({"deposit": deposit}).data, status=201)

    def _check(self, good: Mapping[str, Any]) -> None:
        if "childId" in good:
            operations.check_deposit(
                account=queries.get_account(good["childId"]),
                bank=good.get("bank"),
                amount=good.get("amount"),
                by=self.parent,
                at=clock.now(),
            )


class DepositsOfChild(ParentAPI):
    """All deposits into a child's account, gifts' too, newest first."""

    @extend_schema(responses=DepositsOut, parameters=PART_PARAMETERS)
    def get(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        part = read_part(request, queries.list_deposits(child), by="created_at")
        return Response(DepositsOut({"deposits": part.rows, "next": get_next(request, part)}).data)


class DepositStatus(ParentAPI):
    """How one deposit stands."""

    @extend_schema(responses=DepositAnswer)
    def get(self, request: Request, pk: UUID) -> Response:
        deposit = queries.get_deposit_or_404(self.parent, pk=pk)
        return Response(DepositAnswer({"deposit": deposit}).data)
