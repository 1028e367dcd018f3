"""Banks connected by Plaid over the parents' API: looked at, chosen from, and ended.

Plaid's own window opens on our pages (`/banks/`), which an app shows in a web view.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.agreements import AgreedVersionField
from accounts.api.views import ParentAPI
from accounts.pages import get_ip_address
from brokerage.api.bank_accounts import OneBankOut
from brokerage.connections import (
    Ending,
    describe_ending,
    get_item_or_404,
    link_connected_account,
    list_choices,
    list_items,
    remove_connection,
)
from brokerage.models import BankAccount
from brokerage.under_way import UnderWay, describe_end
from brokerage.words.banks import describe_item
from core import clock
from core.idempotency import idempotent_in_steps
from prefill.models import PlaidItem

STATUSES = {
    PlaidItem.Status.ACTIVE: "connected",
    PlaidItem.Status.NEEDS_USER: "reconnect",
    PlaidItem.Status.REVOKED: "ended",
}


class ConnectionOut(serializers.Serializer[Any]):
    """A login at a bank. `note` is a sentence for the parent about what is wrong, or empty."""

    id = serializers.UUIDField()
    bankName = serializers.CharField(source="institution_name")
    status = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=list(STATUSES.values())))
    def get_status(self, item: PlaidItem) -> str:
        return STATUSES[PlaidItem.Status(item.status)]

    def get_note(self, item: PlaidItem) -> str:
        return describe_item(item)[1]


class ChoiceOut(serializers.Serializer[Any]):
    """A connected account that can be chosen to pay. `title` tells it from the others."""

    id = serializers.UUIDField(source="account.pk")
    connectionId = serializers.UUIDField(source="account.item_id")
    accountType = serializers.SerializerMethodField()
    last4 = serializers.CharField(source="account.mask")
    title = serializers.CharField(source="label")

    @extend_schema_field(serializers.ChoiceField(choices=BankAccount.Kind.values))
    def get_accountType(self, choice: Any) -> str:
        return str(choice.account.subtype).upper()


class ConnectionsOut(serializers.Serializer[Any]):
    connections = ConnectionOut(many=True)
    choices = ChoiceOut(many=True)


class UnderWayOut(serializers.Serializer[Any]):
    """Money under way. `canBeStopped` is false once its bank has been asked for it; `note` says
    what becomes of it when the connection is removed."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    what = serializers.CharField()
    canBeStopped = serializers.SerializerMethodField()
    expectedOn = serializers.DateField(source="expected_on", allow_null=True)
    note = serializers.SerializerMethodField()

    def get_canBeStopped(self, row: UnderWay) -> bool:
        return not row.is_asked

    def get_note(self, row: UnderWay) -> str:
        return describe_end(row, must_arrive=bool(self.context.get("must_arrive")))


class EndingOut(serializers.Serializer[Any]):
    """What removing the connection would mean now.

    `stopsDebitsOf` are the bank accounts not debited any more, `paysThen` the one that pays for
    gifts then, null where none is left. With `mustArriveFirst` it can not be removed yet;
    `removableFrom` tells when, where that is known.
    """

    canRemove = serializers.SerializerMethodField()
    removableFrom = serializers.DateField(source="free_on", allow_null=True)
    mustArriveFirst = serializers.SerializerMethodField()
    underWay = UnderWayOut(many=True, source="goes_on")
    stopsDebitsOf = serializers.SerializerMethodField()
    paysThen = serializers.SerializerMethodField()

    def get_canRemove(self, ending: Ending) -> bool:
        return not ending.waits

    @extend_schema_field(UnderWayOut(many=True))
    def get_mustArriveFirst(self, ending: Ending) -> Any:
        return UnderWayOut(ending.waits, many=True, context={"must_arrive": True}).data

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_stopsDebitsOf(self, ending: Ending) -> list[UUID]:
        return [bank.pk for bank in ending.banks]

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_paysThen(self, ending: Ending) -> UUID | None:
        return ending.others[0].pk if ending.others else None


class OneConnectionOut(serializers.Serializer[Any]):
    connection = ConnectionOut()
    removing = EndingOut()


class ChooseIn(serializers.Serializer[Any]):
    """`authorize` stands for the parent's agreement that gifts they approve are debited here."""

    choiceId = serializers.UUIDField()
    authorize = serializers.BooleanField()
    agreedVersion = AgreedVersionField("ACH")

    def validate_authorize(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("The parent has to authorize debits of this account.")
        return value


class Connections(ParentAPI):
    """The banks a parent is connected to, and the accounts that can be chosen to pay."""

    @extend_schema(operation_id="connections_list", responses=ConnectionsOut)
    def get(self, request: Request) -> Response:
        told = {"connections": list_items(self.parent), "choices": list_choices(self.parent)}
        return Response(ConnectionsOut(told).data)


class OneConnection(ParentAPI):
    @extend_schema(responses=OneConnectionOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show a connection, and what removing it would mean now."""
        item = get_item_or_404(self.parent, pk=pk)
        told = {"connection": item, "removing": describe_ending(self.parent, item)}
        return Response(OneConnectionOut(told).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """End a connection. What its bank was not asked for yet is not taken from it any more.

        409 `money_under_way` while a transfer that would fail with it is on its way.
        """
        item = get_item_or_404(self.parent, pk=pk)
        remove_connection(parent=self.parent, item=item, at=clock.now())
        return Response(status=204)


class ChooseBank(ParentAPI):
    """Have gifts paid from a connected account, without its numbers."""

    open_transaction = staticmethod(transaction.atomic)

    @staticmethod
    def may_keep(_response: Response) -> bool:
        """Let the answer be repeated: there are no numbers in it."""
        return True

    @extend_schema(request=ChooseIn, responses={201: OneBankOut})
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """Link one of `choices`; `held` where its bank names another owner than the parent.

        404 where it can not be chosen (any more) · 409 `kyc_first`, `owner_refused`, `needs_user`
        (reconnect it first), `no_debits` · 503 `vendor_unavailable`: send it again.
        """
        data = ChooseIn(data=request.data)
        data.is_valid(raise_exception=True)
        bank = link_connected_account(
            parent=self.parent,
            account_pk=data.validated_data["choiceId"],
            at=clock.now(),
            ip_address=get_ip_address(request),
        )
        return Response(OneBankOut({"bankAccount": bank}).data, status=201)
