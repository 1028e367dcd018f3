"""Addresses of the parents' API about banks, money, orders and accounts."""

from django.urls import path

from brokerage.api import deposits

urlpatterns = [
    path("deposits", deposits.Deposits.as_view(), name="api-deposits"),
    path(
        "children/<uuid:child_id>/deposits",
        deposits.DepositsOfChild.as_view(),
        name="api-deposits-of-child",
    ),
    # The same list under a second address that clients know.
    path(
        "deposits/<uuid:child_id>",
        deposits.DepositsOfChild.as_view(),
        name="api-deposits-of-child-short",
    ),
    path("deposits/<uuid:pk>/status", deposits.DepositStatus.as_view(), name="api-deposit-status"),
]
