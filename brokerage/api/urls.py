"""Addresses of the parents' API about banks, money, orders and accounts."""

from django.urls import path

from brokerage.api import history, papers, sync

urlpatterns = [
    path("children/<uuid:pk>/history", history.History.as_view(), name="api-history"),
    path("children/<uuid:pk>/statements", papers.Papers.as_view(), name="api-statements"),
    path("statements/<uuid:pk>/link", papers.PaperLink.as_view(), name="api-statement-link"),
    path("sync/positions/<uuid:child_id>", sync.SyncPositions.as_view(), name="api-sync-positions"),
    path("sync/orders/<uuid:child_id>", sync.SyncOrders.as_view(), name="api-sync-orders"),
    path("sync/status/<uuid:child_id>", sync.SyncStatus.as_view(), name="api-sync-status"),
]
