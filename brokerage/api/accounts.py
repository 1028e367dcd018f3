"""A child's account for mobile apps: how it stands and what the parent can do about it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from accounts.models import Child
from accounts.queries import get_child_or_404
from brokerage import operations, queries
from brokerage.api.kyc import KycOut, describe_kyc
from brokerage.words.accounts import account_status, describe_account, describe_consequence
from core import clock
from core.idempotency import idempotent


class AccountStatusOut(serializers.Serializer[Any]):
    """`detail` says in a sentence how the account stands; `whatToDo` what it waits for.

    `kyc` is the check of the child; null where the account is the parent's own.
    """

    childId = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["pending", "approved", "suspended"])
    detail = serializers.CharField()
    accountNumber = serializers.CharField(allow_null=True)
    openedAt = serializers.DateTimeField(allow_null=True)
    closeAskedAt = serializers.DateTimeField(allow_null=True)
    checkedAt = serializers.DateTimeField(allow_null=True)
    kyc = KycOut(allow_null=True)
    whatToDo = serializers.ListField(child=serializers.CharField())


def describe_account_status(child: Child) -> dict[str, Any]:
    """Return how a child's account stands, as the API tells of it."""
    account, user = queries.get_account(child), queries.get_child_at_broker(child)
    _badge, note = describe_account(account)
    kyc = describe_kyc(user) if user else None
    return {
        "childId": child.pk,
        "status": account_status(account),
        "detail": note or describe_consequence(account),
        "accountNumber": f"••{account.number[-4:]}" if account and account.number else None,
        "openedAt": account.opened_at if account else None,
        "closeAskedAt": account.close_asked_at if account else None,
        "checkedAt": account.checked_at if account else None,
        "kyc": kyc,
        "whatToDo": kyc["fixes"] if kyc else [],
    }


class AccountStatus(ParentAPI):
    """How a child's account stands."""

    @extend_schema(responses=AccountStatusOut)
    def get(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        return Response(AccountStatusOut(describe_account_status(child)).data)


class CloseAccount(ParentAPI):
    """Have a child's account closed for good; the broker does it within moments."""

    @extend_schema(request=None, responses={202: AccountStatusOut})
    @idempotent
    def post(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        account = queries.get_account_or_404(self.parent, child_id=child.pk)
        operations.close_account(account=account, by=self.parent, at=clock.now())
        return Response(AccountStatusOut(describe_account_status(child)).data, status=202)
