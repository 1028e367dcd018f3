"""Bank accounts over the parents' API. Numbers come in and never go out."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import validators
from accounts.api.agreements import AgreedVersionField
from accounts.api.views import ParentAPI
from accounts.pages import get_ip_address
from brokerage import operations, queries
from brokerage.models import BankAccount
from brokerage.operations.banks import BankNumbers
from brokerage.words.banks import describe_verification
from core import clock
from core.api import AmountField, WholeNumberField
from core.api_checks import check_all, renamed
from core.idempotency import idempotent

STATUSES = {
    BankAccount.Status.INTENDED: "linking",
    BankAccount.Status.VERIFYING: "verifying",
    BankAccount.Status.HELD: "held",
    BankAccount.Status.ACTIVE: "active",
    BankAccount.Status.REFUSED: "refused",
    BankAccount.Status.DISABLED: "disabled",
    BankAccount.Status.REMOVED: "removed",
}
BANK_FIELDS = {"routing_number": "routingNumber", "account_number": "accountNumber"}


def _checked(clean: Any, value: str) -> str:
    try:
        text: str = clean(value)
    except DjangoValidationError as error:
        raise serializers.ValidationError(error.messages) from error
    return text


class BankIn(serializers.Serializer[Any]):
    """`authorize` stands for the parent's agreement that gifts they approve are debited here."""

    routingNumber = serializers.CharField(max_length=20, write_only=True)
    accountNumber = serializers.CharField(max_length=30, write_only=True)
    accountType = serializers.ChoiceField(choices=BankAccount.Kind.values)
    nickname = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="The parent's own word for it; our staff and the broker can read it too",
    )
    authorize = serializers.BooleanField()
    agreedVersion = AgreedVersionField("ACH")

    def validate_routingNumber(self, value: str) -> str:
        return _checked(validators.clean_routing_number, value)

    def validate_accountNumber(self, value: str) -> str:
        return _checked(validators.clean_account_number, value)

    def validate_authorize(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("The parent has to authorize debits of this account.")
        return value

    def numbers(self) -> BankNumbers:
        data = self.validated_data
        return BankNumbers(
            data["routingNumber"],
            data["accountNumber"],
            data["accountType"],
            " ".join(data.get("nickname", "").split()),
        )


class ConfirmIn(serializers.Serializer[Any]):
    """The two amounts in either order. `triesLeft` as last told makes a repeat count once."""

    amounts = serializers.ListField(
        child=AmountField(
            max_digits=3, decimal_places=2, min_value=Decimal("0.01"), max_value=Decimal("0.99")
        ),
        min_length=2,
        max_length=2,
    )
    triesLeft = WholeNumberField(required=False)

    def validate_amounts(self, value: list[Decimal]) -> list[Decimal]:
        if value[0] == value[1]:
            raise serializers.ValidationError("The two amounts are not the same.")
        return value

    def cents(self) -> tuple[int, int]:
        first, second = (int(amount * 100) for amount in self.validated_data["amounts"])
        return first, second


class VerificationOut(serializers.Serializer[Any]):
    """How the two small deposits stand; `expectedOn` is null until they are sent."""

    triesLeft = serializers.IntegerField(source="tries_left")
    expectedOn = serializers.DateField(source="expected_on", allow_null=True)
    expiresAt = serializers.DateTimeField(source="expires_at", allow_null=True)
    canConfirm = serializers.BooleanField(source="can_confirm")
    canResend = serializers.BooleanField(source="can_resend")


class BankOut(serializers.Serializer[Any]):
    """A bank account by its last four digits. `note` is a sentence for the parent, or empty."""

    id = serializers.UUIDField()
    accountType = serializers.ChoiceField(choices=BankAccount.Kind.values, source="kind")
    last4 = serializers.CharField()
    nickname = serializers.CharField()
    bankName = serializers.CharField(source="bank_name")
    status = serializers.SerializerMethodField()
    isPrimary = serializers.BooleanField(source="is_primary")
    note = serializers.SerializerMethodField()
    verification = serializers.SerializerMethodField()

    def get_status(self, bank: BankAccount) -> str:
        return STATUSES[BankAccount.Status(bank.status)]

    def get_note(self, bank: BankAccount) -> str:
        return str(describe_verification(bank, at=clock.now()))

    @extend_schema_field(VerificationOut(allow_null=True))
    def get_verification(self, bank: BankAccount) -> Any:
        progress = queries.get_verification(bank, at=clock.now())
        return VerificationOut(progress).data if progress else None


class BanksOut(serializers.Serializer[Any]):
    bankAccounts = BankOut(many=True)


class OneBankOut(serializers.Serializer[Any]):
    bankAccount = BankOut()


class BankAccounts(ParentAPI):
    """The parent's bank accounts, the primary first."""

    @extend_schema(responses=BanksOut)
    def get(self, request: Request) -> Response:
        return Response(BanksOut({"bankAccounts": queries.list_banks(self.parent)}).data)

    @extend_schema(request=BankIn, responses={201: OneBankOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Link a bank account; two small deposits are sent to it, to be confirmed."""
        data = BankIn(data=request.data)
        check = partial(operations.check_numbers, self.parent, at=clock.now())
        check_all(data, check, BANK_FIELDS)
        with renamed(BANK_FIELDS):
            bank = operations.link_bank(
                parent=self.parent,
                numbers=data.numbers(),
                at=clock.now(),
                ip_address=get_ip_address(request),
            )
        return Response(OneBankOut({"bankAccount": bank}).data, status=201)


class OneBank(ParentAPI):
    """One of the parent's own bank accounts."""

    def find(self, pk: UUID) -> BankAccount:
        return queries.get_bank_or_404(self.parent, pk=pk)

    def show(self, pk: UUID) -> Response:
        return Response(OneBankOut({"bankAccount": self.find(pk)}).data)


class RemoveBank(OneBank):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Stop using a bank account; refused while money from it is under way."""
        operations.remove_bank(bank=self.find(pk), by=self.parent, at=clock.now())
        return Response(status=204)


class ConfirmBank(OneBank):
    @extend_schema(request=ConfirmIn, responses=OneBankOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """Name the two amounts; three wrong tries refuse the account.

        No `Idempotency-Key` here: it would take a wrong try back. A repeat of the right answer
        changes nothing.
        """
        data = ConfirmIn(data=request.data)
        data.is_valid(raise_exception=True)
        operations.confirm_bank(
            bank=self.find(pk),
            cents=data.cents(),
            by=self.parent,
            at=clock.now(),
            tries_left=data.validated_data.get("triesLeft"),
        )
        return self.show(pk)


class ResendMicroDeposits(OneBank):
    @extend_schema(request=None, responses=OneBankOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Have two new amounts sent for those that did not come or have expired."""
        operations.resend_micro_deposits(bank=self.find(pk), by=self.parent, at=clock.now())
        return self.show(pk)


class VerifyBankAgain(OneBank):
    @extend_schema(request=None, responses=OneBankOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Link a disabled account anew; the answer is the new link, with an id of its own."""
        bank = operations.verify_bank_again(
            bank=self.find(pk),
            by=self.parent,
            at=clock.now(),
            ip_address=get_ip_address(request),
        )
        return self.show(bank.pk)


class MakeBankPrimary(OneBank):
    @extend_schema(request=None, responses=OneBankOut)
    @idempotent
    def patch(self, request: Request, pk: UUID) -> Response:
        """Have gifts paid from this account unless another one is chosen."""
        operations.make_primary(bank=self.find(pk), by=self.parent, at=clock.now())
        return self.show(pk)
