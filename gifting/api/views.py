"""Endpoints for parents' mobile apps; the same operations as the pages."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from accounts.operations import add_child, check_child
from accounts.pages import get_ip_address
from accounts.queries import get_child_or_404, list_children
from brokerage.operations.deposits import ACH_DAYS
from brokerage.queries import list_usable_banks
from core import clock
from core.api_checks import check_all, renamed
from core.api_lists import PART_PARAMETERS, get_next, read_part
from core.calendars import add_banking_days
from core.idempotency import idempotent, idempotent_only
from gifting import operations, queries
from gifting.api.serializers import (
    CHILD_FIELDS,
    AddedOut,
    ApprovedOut,
    ApproveIn,
    CanceledOut,
    ChildIn,
    ChildrenOut,
    DeclineAlikeIn,
    DeclinedAlikeOut,
    DeclineIn,
    GiftsOut,
    PortfolioOut,
    in_our_words,
)
from gifting.folding import Same
from gifting.portfolio import get_portfolio

BANK_FIELD = {"bank": "bankAccountId"}


class Children(ParentAPI):
    """The parent's children."""

    @extend_schema(responses=ChildrenOut)
    def get(self, request: Request) -> Response:
        children = list_children(self.parent).select_related("account")
        return Response(ChildrenOut({"children": children}).data)

    @extend_schema(request=ChildIn, responses={201: AddedOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a child and ask for its custodial account."""
        data = ChildIn(data=request.data)
        check_all(
            data,
            lambda good: check_child(parent=self.parent, given=in_our_words(good), at=clock.now()),
            CHILD_FIELDS,
        )
        with renamed(CHILD_FIELDS):
            child = add_child(
                parent=self.parent,
                details=data.details(),
                at=clock.now(),
                ip_address=get_ip_address(request),
            )
        return Response(AddedOut({"child": child}).data, status=201)


class Gifts(ParentAPI):
    """The gifts to the parent's children, newest first."""

    @extend_schema(responses=GiftsOut, parameters=PART_PARAMETERS)
    def get(self, request: Request) -> Response:
        part = read_part(request, queries.list_gifts(self.parent), by="given_at")
        return Response(GiftsOut({"gifts": part.rows, "next": get_next(request, part)}).data)


class ApproveGift(ParentAPI):
    """Approve a gift: authorize the debit and have the share bought."""

    @extend_schema(request=ApproveIn, responses=ApprovedOut)
    @idempotent
    def patch(self, request: Request, pk: UUID) -> Response:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        banks = list_usable_banks(self.parent)
        data, at = ApproveIn(data=request.data, banks=banks), clock.now()
        check_all(
            data,
            lambda good: operations.check_approval(gift, good.get("bank"), by=self.parent, at=at),
            BANK_FIELD,
        )
        bank = data.validated_data.get("bankAccountId") or banks.first()
        with renamed(BANK_FIELD):
            approved = operations.approve_gift(
                gift=gift,
                by=self.parent,
                bank=bank,
                authorization=operations.authorization_text(gift, [bank]) if bank else "",
                at=at,
                ip_address=get_ip_address(request),
            )
        body = {
            "gift": approved,
            "order": None,
            "moneyExpectedOn": add_banking_days(clock.today(), ACH_DAYS),
        }
        return Response(ApprovedOut(body).data)


class RetryGift(ParentAPI):
    """Authorize a new debit for a gift whose money did not come."""

    @extend_schema(request=ApproveIn, responses=ApprovedOut)
    @idempotent_only
    def post(self, request: Request, pk: UUID) -> Response:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        banks = list_usable_banks(self.parent)
        data = ApproveIn(data=request.data, banks=banks)
        check_all(
            data,
            lambda good: operations.check_retry(gift, good.get("bank"), by=self.parent),
            BANK_FIELD,
        )
        bank = data.validated_data.get("bankAccountId") or banks.first()
        with renamed(BANK_FIELD):
            retried = operations.retry_gift(
                gift=gift,
                after=gift.purchase_id,
                by=self.parent,
                bank=bank,
                authorization=operations.authorization_text(gift, [bank]) if bank else "",
                at=clock.now(),
                ip_address=get_ip_address(request),
            )
        body = {
            "gift": retried,
            "order": None,
            "moneyExpectedOn": add_banking_days(clock.today(), ACH_DAYS),
        }
        return Response(ApprovedOut(body).data)


class DeclineGift(ParentAPI):
    """Decline a waiting gift; no money has moved."""

    @extend_schema(request=DeclineIn, responses=CanceledOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        data = DeclineIn(data=request.data)
        data.is_valid(raise_exception=True)
        operations.decline_gift(
            gift=gift, by=self.parent, reason=data.validated_data["reason"], at=clock.now()
        )
        return Response(CanceledOut({"gift": gift}).data)


class DeclineAlike(ParentAPI):
    """Decline all waiting gifts of one sender at once; nobody is written to."""

    @extend_schema(request=DeclineAlikeIn, responses=DeclinedAlikeOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        data = DeclineAlikeIn(data=request.data)
        data.is_valid(raise_exception=True)
        number = operations.decline_alike(
            gift=gift,
            same=Same(data.validated_data["same"]),
            until=data.validated_data["until"],
            report=data.validated_data["report"],
            by=self.parent,
            at=clock.now(),
        )
        return Response(DeclinedAlikeOut({"declined": number}).data)


class CancelGift(ParentAPI):
    """Cancel an approved gift before its bank transfer starts."""

    @extend_schema(request=None, responses=CanceledOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        operations.cancel_gift(gift=gift, by=self.parent, at=clock.now())
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        return Response(CanceledOut({"gift": gift}).data)


class PortfolioOfChild(ParentAPI):
    """A child's holdings and cash, as the broker last said."""

    @extend_schema(responses=PortfolioOut)
    def get(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        portfolio = get_portfolio(child)
        portfolio.child = child  # type: ignore[attr-defined]
        if portfolio.account:
            child.account = portfolio.account  # asked for once
        return Response(PortfolioOut(portfolio).data)
