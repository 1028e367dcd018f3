"""Addresses of the pages of the broker's room."""

from django.urls import path

from brokerage.views import banks, people, shares

urlpatterns = [
    path("about-you/", people.Kyc.as_view(), name="kyc"),
    path("banks/", banks.Banks.as_view(), name="banks"),
    path("banks/new/", banks.LinkBank.as_view(), name="link-bank"),
    path("banks/<uuid:pk>/remove/", banks.RemoveBank.as_view(), name="remove-bank"),
    path("shares/", shares.SearchShares.as_view(), name="search-shares"),
]
