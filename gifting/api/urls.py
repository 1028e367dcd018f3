"""Addresses of the parents' API."""

from django.urls import path

from accounts.api.agreements import AgreementsNow
from accounts.api.status import Status
from gifting.api import views

urlpatterns = [
    path("status", Status.as_view(), name="api-status"),
    path("agreements", AgreementsNow.as_view(), name="api-agreements"),
    path("children", views.Children.as_view(), name="api-children"),
    path("gifts", views.Gifts.as_view(), name="api-gifts"),
    path("gifts/<uuid:pk>/approve", views.ApproveGift.as_view(), name="api-approve-gift"),
    path("gifts/<uuid:pk>/retry", views.RetryGift.as_view(), name="api-retry-gift"),
    path("gifts/<uuid:pk>/cancel", views.CancelGift.as_view(), name="api-cancel-gift"),
    path("portfolio/<uuid:child_id>", views.PortfolioOfChild.as_view(), name="api-portfolio"),
]
