"""Addresses of the pages of the broker's room."""

from django.urls import path

from brokerage.views import banks, books, people

urlpatterns = [
    path("about-you/", people.Kyc.as_view(), name="kyc"),
    path("banks/", banks.Banks.as_view(), name="banks"),
    path("banks/new/", banks.LinkBank.as_view(), name="link-bank"),
    path("children/<uuid:pk>/history/", books.History.as_view(), name="history"),
    path("children/<uuid:pk>/papers/", books.Papers.as_view(), name="papers"),
    path("children/<uuid:pk>/check/", books.CheckNow.as_view(), name="check-now"),
    path("papers/<uuid:pk>/", books.OpenPaper.as_view(), name="open-paper"),
    path("banks/<uuid:pk>/remove/", banks.RemoveBank.as_view(), name="remove-bank"),
]
