"""Asking for a fresh reading at the broker, and how fresh the last one is."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from brokerage import operations, queries
from brokerage.models import BrokerAccount
from core import clock


class SyncOut(serializers.Serializer[Any]):
    """When a reading was asked for, when cash and positions were last read (`syncedAt`), and when
    books and broker were last found equal. `openDifferences` are being looked into."""

    checking = serializers.BooleanField()
    askedAt = serializers.DateTimeField(allow_null=True)
    syncedAt = serializers.DateTimeField(allow_null=True)
    checkedAt = serializers.DateTimeField(allow_null=True)
    openDifferences = serializers.IntegerField()


def describe(account: BrokerAccount) -> dict[str, Any]:
    """Return how fresh an account's reading is."""
    asked, synced = account.sync_asked_at, account.synced_at
    return {
        "checking": bool(asked and (synced is None or synced < asked)),
        "askedAt": asked,
        "syncedAt": synced,
        "checkedAt": account.checked_at,
        "openDifferences": queries.count_open_differences(account),
    }


class SyncStatus(ParentAPI):
    """How fresh what we show of a child's account is."""

    @extend_schema(responses=SyncOut)
    def get(self, request: Request, child_id: UUID) -> Response:
        account = queries.get_account_or_404(self.parent, child_id=child_id)
        return Response(SyncOut(describe(account)).data)


class SyncPositions(ParentAPI):
    """Have cash and positions read; at most once in 30 seconds, a repeat changes nothing."""

    @extend_schema(request=None, responses={202: SyncOut})
    def post(self, request: Request, child_id: UUID) -> Response:
        account = queries.get_account_or_404(self.parent, child_id=child_id)
        operations.ask_sync(account, by=self.parent, at=clock.now())
        account.refresh_from_db()
        return Response(SyncOut(describe(account)).data, status=202)


class SyncOrders(ParentAPI):
    """Have orders under way asked for, and cash and positions read."""

    @extend_schema(request=None, responses={202: SyncOut})
    def post(self, request: Request, child_id: UUID) -> Response:
        account = queries.get_account_or_404(self.parent, child_id=child_id)
        at = clock.now()
        if operations.ask_sync(account, by=self.parent, at=at):
            operations.follow_orders(account, at=at)
        account.refresh_from_db()
        return Response(SyncOut(describe(account)).data, status=202)
