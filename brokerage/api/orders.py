"""Orders for parents' mobile apps, in camelCase. Money and quantities are decimal strings."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from brokerage import operations, queries
from brokerage.models import BrokerAccount, Instrument, Order
from brokerage.order_rules import NUMBERS, OrderTicket, check_answers
from brokerage.search import find_symbol
from core import clock
from core.api import AmountField
from core.api_checks import check_all, renamed
from core.api_lists import PART_PARAMETERS, PartOut, get_next, read_part
from core.idempotency import REQUIRED_PARAMETER, derive_key, idempotent, idempotent_only

# Our names of a ticket's fields → the API's, for the fields of a refusal.
FIELDS = {"time_in_force": "timeInForce", "kind": "type", "instrument": "symbol"}


class PlaceOrderIn(serializers.Serializer[Any]):
    """Either `amount` (dollars, market orders only) or `quantity` (shares)."""

    symbol = serializers.CharField(max_length=20)
    side = serializers.ChoiceField(choices=Order.Side.values)
    type = serializers.ChoiceField(choices=Order.Kind.values, default="MARKET")
    amount = AmountField(18, 2, required=False)
    quantity = AmountField(20, 8, required=False)
    price = AmountField(16, 4, required=False)
    timeInForce = serializers.ChoiceField(choices=Order.TimeInForce.values, default="DAY")

    def validate_symbol(self, value: str) -> Instrument:
        found = find_symbol(value, among=Instrument.objects.all())
        if found is None:
            raise serializers.ValidationError("We know no share with this symbol.")
        return found

    def ticket(self, form_key: UUID) -> OrderTicket:
        data = self.validated_data
        return OrderTicket(
            instrument=data["symbol"],
            side=data["side"],
            kind=data["type"],
            amount=data.get("amount"),
            quantity=data.get("quantity"),
            price=data.get("price"),
            time_in_force=data["timeInForce"],
            form_key=form_key,
        )


def _told(good: Mapping[str, Any], data: PlaceOrderIn) -> dict[str, Any]:
    """Return what is understood; a number that was left out is told to be none."""
    left_out = {name: None for name in NUMBERS if name not in data.errors}
    return left_out | dict(good)


class PlacedOrderOut(serializers.Serializer[Any]):
    """An order; `amount` or `quantity` is what was asked for, `filledQuantity` what has filled.

    `totalAmount` was paid if bought, received if sold. `giftId` is null for an order of the
    custodian's own; `expectedOn` is the trading day it should be carried out on.
    """

    id = serializers.UUIDField()
    childId = serializers.UUIDField(source="account.child_id")
    giftId = serializers.UUIDField(source="purchase.reference", default=None, allow_null=True)
    driveWealthOrderId = serializers.CharField(source="vendor_id")
    orderNo = serializers.CharField(source="number")
    symbol = serializers.CharField(source="instrument.symbol")
    side = serializers.ChoiceField(choices=Order.Side.values)
    type = serializers.ChoiceField(choices=Order.Kind.values, source="kind")
    amount = serializers.DecimalField(18, 2, allow_null=True)
    quantity = serializers.DecimalField(24, 8, source="asked_quantity", allow_null=True)
    price = serializers.DecimalField(18, 6, allow_null=True)
    timeInForce = serializers.CharField(source="time_in_force")
    status = serializers.ChoiceField(choices=Order.Status.values)
    cancelAskedAt = serializers.DateTimeField(source="cancel_asked_at", allow_null=True)
    filledQuantity = serializers.DecimalField(24, 8, source="quantity")
    averagePrice = serializers.DecimalField(18, 6, source="average_price", allow_null=True)
    totalAmount = serializers.DecimalField(18, 2, source="net")
    fees = serializers.DecimalField(18, 2)
    failure = serializers.CharField()
    createdAt = serializers.DateTimeField(source="created_at")
    filledAt = serializers.DateTimeField(source="filled_at", allow_null=True)
    expectedOn = serializers.DateField(source="expected_on", allow_null=True)
    settlesOn = serializers.DateField(source="settles_on", allow_null=True)
    fundsSettleOn = serializers.DateField(source="funds_settle_on", allow_null=True)


class OrderPlacedOut(serializers.Serializer[Any]):
    order = PlacedOrderOut()


class OrdersOut(PartOut):
    orders = PlacedOrderOut(many=True)


class OrdersOfChild(ParentAPI):
    """The orders in a child's account."""

    @extend_schema(responses=OrdersOut, parameters=PART_PARAMETERS)
    def get(self, request: Request, child_id: UUID) -> Response:
        account = queries.get_account_or_404(self.parent, child_id=child_id)
        part = read_part(request, queries.list_orders(account), by="created_at")
        return Response(OrdersOut({"orders": part.rows, "next": get_next(request, part)}).data)

    @extend_schema(
        request=PlaceOrderIn, responses={201: OrderPlacedOut}, parameters=[REQUIRED_PARAMETER]
    )
    def post(self, request: Request, child_id: UUID) -> Response:
        """Place an order of the custodian's own, once per `Idempotency-Key`."""
        account = queries.get_account_or_404(self.parent, child_id=child_id)
        form_key = derive_key(request, "order")
        data = PlaceOrderIn(data=request.data)
        check_all(
            data, lambda good: check_answers(account, _told(good, data), at=clock.now()), FIELDS
        )
        # The broker is asked before the request's transaction begins.
        operations.refresh_terms(data.validated_data["symbol"], at=clock.now())
        return self._place(request, account, data.ticket(form_key))

    @idempotent_only
    def _place(self, request: Request, account: BrokerAccount, ticket: OrderTicket) -> Response:
        with renamed(FIELDS):
            order = operations.place_order(
                account=account, ticket=ticket, by=self.parent, at=clock.now()
            )
        return Response(OrderPlacedOut({"order": order}).data, status=201)


class OneOrder(ParentAPI):
    """An order in the account of one of the parent's children."""

    @extend_schema(responses=OrderPlacedOut)
    def get(self, request: Request, pk: UUID) -> Response:
        order = queries.get_order_or_404(self.parent, pk=pk)
        return Response(OrderPlacedOut({"order": order}).data)


class CancelOrder(ParentAPI):
    """Cancel what of an order has not filled; `cancelAskedAt` says that the broker is asked."""

    @extend_schema(request=None, responses=OrderPlacedOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        order = queries.get_order_or_404(self.parent, pk=pk)
        operations.cancel_order(order=order, by=self.parent, at=clock.now())
        return Response(
            OrderPlacedOut({"order": queries.get_order_or_404(self.parent, pk=pk)}).data
        )
