"""What goes in and out, in camelCase. Money and quantities are decimal strings."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from accounts import spelling, validators
from accounts.api.agreements import AgreedVersionField
from accounts.api.fields import StateChoice
from accounts.models import STATES, Child
from accounts.operations import ChildDetails
from brokerage.models import BankAccount, BrokerAccount, Purchase
from brokerage.words.accounts import account_status
from core import clock
from core.api import PercentField, Shape, StoredDecimalField
from core.api_lists import PartOut
from gifting.folding import Same
from gifting.models import Gift

EXECUTION = {
    Purchase.Status.QUEUED: "pending",
    Purchase.Status.FUNDING: "funding",
    Purchase.Status.FUNDED: "ordering",
    Purchase.Status.ORDERING: "ordering",
    Purchase.Status.EXECUTED: "executed",
    Purchase.Status.FAILED: "failed",
    Purchase.Status.CANCELED: "failed",
    Purchase.Status.RETURNED: "failed",
}
# Our names of a child's details → the API's, for the fields of a refusal.
CHILD_FIELDS = {
    "account_kind": "accountType",
    "ages_confirmed": "agesConfirmed",
    "date_of_birth": "birthdate",
    "first_name": "firstName",
    "governing_state": "governingState",
    "last_name": "lastName",
}
OF_CUSTODIAL = ("ssn", "governingState", "agreeToUtma")
OF_TEEN = ("agreeToTeenTerms",)


def in_our_words(good: Mapping[str, Any]) -> dict[str, Any]:
    """Return a child's details as the operations take them."""
    kind = good.get("account_kind")
    return dict(good) | ({"account_kind": kind.upper()} if kind else {})


def _checked(clean: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return clean(*args, **kwargs)
    except DjangoValidationError as error:
        raise serializers.ValidationError(error.messages) from error


class ChildIn(serializers.Serializer[Any]):
    """A child to open an account for."""

    accountType = serializers.ChoiceField(choices=["custodial", "teen"], default="custodial")
    firstName = serializers.CharField(max_length=36)
    lastName = serializers.CharField(max_length=36)
    birthdate = serializers.DateField()
    ssn = serializers.CharField(max_length=11, write_only=True)
    governingState = StateChoice(choices=sorted(STATES))
    agreeToUtma = serializers.BooleanField()
    agreeToTeenTerms = serializers.BooleanField(required=False)
    agesConfirmed = serializers.BooleanField(
        default=False, help_text="The birthdays are right: another adult of the family, no parent"
    )
    agreedVersion = AgreedVersionField("UTMA", "TEEN")

    def get_fields(self) -> dict[str, Any]:
        """Ask for what the kind of account needs; where teen accounts are off, know of none."""
        fields: dict[str, Any] = super().get_fields()
        if not settings.TEEN_ACCOUNTS:
            del fields["accountType"], fields["agreeToTeenTerms"]
        given = getattr(self, "initial_data", None)
        if (
            settings.TEEN_ACCOUNTS
            and isinstance(given, dict)
            and given.get("accountType") == "teen"
        ):
            for name in OF_CUSTODIAL:
                del fields[name]
            for name in OF_TEEN:
                fields[name].required = True
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = self.initial_data.get("accountType", "custodial")
        if not settings.TEEN_ACCOUNTS and given != "custodial":
            raise serializers.ValidationError({"accountType": "There is no such account."})
        return attrs

    def validate_agreeToTeenTerms(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("The parent has to agree to the teen account.")
        return value

    def validate_firstName(self, value: str) -> str:
        name: str = _checked(spelling.clean_name, value)
        return name

    def validate_lastName(self, value: str) -> str:
        name: str = _checked(spelling.clean_name, value)
        return name

    def validate_birthdate(self, value: date) -> date:
        day: date = _checked(validators.clean_birth_date, value, today=clock.today())
        return day

    def validate_ssn(self, value: str) -> str:
        ssn: str = _checked(validators.clean_ssn, value)
        return ssn

    def validate_agreeToUtma(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("The parent has to agree to the custodial account.")
        return value

    def details(self) -> ChildDetails:
        data = self.validated_data
        return ChildDetails(
            data["firstName"],
            data["lastName"],
            data["birthdate"],
            data.get("ssn", ""),
            data.get("governingState", ""),
            Child.AccountKind(data.get("accountType", "custodial").upper()),
            ages_confirmed=data["agesConfirmed"],
        )


class ChildOut(Shape):
    """A child with its account; `accountStatus` is pending, approved or suspended.

    `controlAge` and `controlOn` are null for an account that stays the parent's.
    """

    id = serializers.UUIDField()
    firstName = serializers.CharField(source="first_name")
    lastName = serializers.CharField(source="last_name")
    giftLinkCode = serializers.CharField(source="gift_code")
    controlAge = serializers.IntegerField(source="control_age", allow_null=True)
    controlOn = serializers.DateField(source="control_on", allow_null=True)
    driveWealthAccountNo = serializers.SerializerMethodField()
    accountStatus = serializers.SerializerMethodField()

    def get_driveWealthAccountNo(self, child: Child) -> str | None:
        account = _account(child)
        return f"••{account.number[-4:]}" if account and account.number else None

    def get_accountStatus(self, child: Child) -> str:
        return account_status(_account(child))


class ChildrenOut(serializers.Serializer[Any]):
    children = ChildOut(many=True)


class AddedOut(serializers.Serializer[Any]):
    child = ChildOut()


def _account(child: Child) -> BrokerAccount | None:
    return getattr(child, "account", None)


class ApproveIn(serializers.Serializer[Any]):
    """`authorize` stands for the parent's agreement to the bank debit; `bankAccountId` may name
    another bank than the primary."""

    authorize = serializers.BooleanField()
    agreedVersion = AgreedVersionField("ACH")
    bankAccountId = serializers.PrimaryKeyRelatedField(
        queryset=BankAccount.objects.none(), required=False
    )

    def __init__(self, *args: Any, banks: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if banks is not None:
            self.fields["bankAccountId"].queryset = banks  # type: ignore[attr-defined]

    def validate_authorize(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("The parent has to authorize the bank debit.")
        return value


class GiftOut(serializers.Serializer[Any]):
    """`status` is the decision; `executionStatus` how buying goes, null before approval."""

    id = serializers.UUIDField()
    childId = serializers.UUIDField(source="child_id")
    fromName = serializers.CharField(source="contributor.name")
    symbol = serializers.CharField(source="instrument.symbol")
    amount = serializers.DecimalField(18, 2)
    message = serializers.CharField()
    givenAt = serializers.DateTimeField(source="given_at")
    status = serializers.SerializerMethodField()
    executionStatus = serializers.SerializerMethodField()

    def get_status(self, gift: Gift) -> str:
        return str(gift.status).lower()

    def get_executionStatus(self, gift: Gift) -> str | None:
        return EXECUTION[Purchase.Status(gift.purchase.status)] if gift.purchase else None


class GiftsOut(PartOut):
    gifts = GiftOut(many=True)


class OrderOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    driveWealthOrderId = serializers.CharField(source="vendor_id")
    status = serializers.CharField()
    shares = serializers.DecimalField(24, 8, source="quantity")
    cost = serializers.DecimalField(18, 2, source="net")


class ApprovedOut(serializers.Serializer[Any]):
    """`order` is null until the money has arrived; `moneyExpectedOn` says when that should be."""

    gift = GiftOut()
    order = OrderOut(allow_null=True)
    moneyExpectedOn = serializers.DateField(allow_null=True)


class CanceledOut(serializers.Serializer[Any]):
    gift = GiftOut()


class DeclineIn(serializers.Serializer[Any]):
    """`reason` is sent to the giver, word for word."""

    reason = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        trim_whitespace=True,
        help_text="Sent to the giver word for word: who gives reads it by e-mail and on the page",
    )


class DeclineAlikeIn(serializers.Serializer[Any]):
    """Which gifts are meant: those of the same e-mail address or of the same network, given up to
    `until`, the `givenAt` of the last one that was seen. `report`: take no more from the sender."""

    same = serializers.ChoiceField([same.value for same in Same])
    until = serializers.DateTimeField()
    report = serializers.BooleanField(default=False)


class DeclinedAlikeOut(serializers.Serializer[Any]):
    declined = serializers.IntegerField()


class HoldingOut(Shape):
    symbol = serializers.CharField()
    company = serializers.CharField()
    shares = StoredDecimalField(24, 8, source="quantity")
    averageCost = StoredDecimalField(18, 6, source="average_price", allow_null=True)
    currentValue = StoredDecimalField(18, 2, source="market_value")
    costBasis = StoredDecimalField(18, 2, source="cost_basis", allow_null=True)
    unrealizedGainLoss = StoredDecimalField(18, 2, source="unrealized_gain", allow_null=True)
    lastSyncedAt = serializers.DateTimeField(source="synced_at")


class PortfolioOut(Shape):
    """`totalGainLoss` is `totalValue` less `totalPutIn`; `totalGainLossPercent` is of the money at
    work. While it is being worked out what some shares cost, `beingWorkedOut` is true and
    `withoutSymbols` names them: their own cost is null, and the totals of cost and gain are of all
    others, or null where there are none. `givenBack` is no income: it lowered `totalCostBasis`."""

    child = ChildOut()
    holdings = HoldingOut(many=True)
    totalValue = StoredDecimalField(18, 2, source="figures.value")
    totalPutIn = StoredDecimalField(18, 2, source="figures.put_in")
    totalGainLoss = StoredDecimalField(18, 2, source="figures.gain")
    totalGainLossPercent = PercentField(source="figures.percent")
    totalCostBasis = StoredDecimalField(18, 2, source="figures.cost", allow_null=True)
    unrealizedGainLoss = StoredDecimalField(18, 2, source="figures.unrealized", allow_null=True)
    realizedGainLoss = StoredDecimalField(18, 2, source="figures.realized", allow_null=True)
    dividends = StoredDecimalField(18, 2, source="figures.dividends")
    givenBack = StoredDecimalField(18, 2, source="figures.given_back")
    withoutSymbols = serializers.ListField(
        child=serializers.CharField(), source="figures.without_symbols"
    )
    beingWorkedOut = serializers.BooleanField(source="figures.working_out")
    cashBalance = StoredDecimalField(18, 2, source="figures.cash")
    lastSyncedAt = serializers.DateTimeField(
        source="account.synced_at", allow_null=True, default=None
    )
    checkedAt = serializers.DateTimeField(
        source="account.checked_at", allow_null=True, default=None
    )
