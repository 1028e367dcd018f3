"""Addresses of the pages of the broker's room."""

from django.urls import path

from brokerage import views

urlpatterns = [
    path("about-you/", views.Kyc.as_view(), name="kyc"),
    path("banks/", views.Banks.as_view(), name="banks"),
    path("banks/new/", views.LinkBank.as_view(), name="link-bank"),
    path("banks/<uuid:pk>/remove/", views.RemoveBank.as_view(), name="remove-bank"),
]
