"""Addresses of the pages of the broker's room."""

from django.urls import path

from brokerage.views import accounts, banks, people

urlpatterns = [
    path("about-you/", people.Kyc.as_view(), name="kyc"),
    path("about-you/documents/", people.AddIdDocument.as_view(), name="add-id-document"),
    path("children/<uuid:pk>/account/", accounts.ChildAccount.as_view(), name="child-account"),
    path(
        "children/<uuid:pk>/account/close/", accounts.CloseAccount.as_view(), name="close-account"
    ),
    path("children/<uuid:pk>/details/", people.CorrectChild.as_view(), name="correct-child"),
    path(
        "children/<uuid:pk>/documents/", people.AddIdDocument.as_view(), name="add-child-document"
    ),
    path("banks/", banks.Banks.as_view(), name="banks"),
    path("banks/new/", banks.LinkBank.as_view(), name="link-bank"),
    path("banks/<uuid:pk>/remove/", banks.RemoveBank.as_view(), name="remove-bank"),
]
