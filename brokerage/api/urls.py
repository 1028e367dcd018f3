"""Addresses of the parents' API about banks, money, orders and accounts."""

from typing import Any

from django.urls import path

from brokerage.api import accounts, kyc

urlpatterns: list[Any] = [
    path("kyc", kyc.Kyc.as_view(), name="api-kyc"),
    path("kyc/documents", kyc.KycDocuments.as_view(), name="api-kyc-documents"),
    path("children/<uuid:child_id>/kyc", kyc.ChildKyc.as_view(), name="api-child-kyc"),
    path(
        "children/<uuid:child_id>/kyc/documents",
        kyc.ChildKycDocuments.as_view(),
        name="api-child-kyc-documents",
    ),
    path(
        "children/<uuid:child_id>/account-status",
        accounts.AccountStatus.as_view(),
        name="api-account-status",
    ),
    path(
        "children/<uuid:child_id>/account/close",
        accounts.CloseAccount.as_view(),
        name="api-close-account",
    ),
]
