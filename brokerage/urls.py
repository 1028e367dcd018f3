"""Addresses of the pages of the broker's room."""

from django.urls import path

from brokerage.views import banks, orders, people

urlpatterns = [
    path("about-you/", people.Kyc.as_view(), name="kyc"),
    path("banks/", banks.Banks.as_view(), name="banks"),
    path("banks/new/", banks.LinkBank.as_view(), name="link-bank"),
    path("banks/<uuid:pk>/remove/", banks.RemoveBank.as_view(), name="remove-bank"),
    path("children/<uuid:pk>/orders/", orders.Orders.as_view(), name="orders"),
    path("children/<uuid:pk>/orders/new/", orders.PlaceOrder.as_view(), name="place-order"),
    path("orders/<uuid:pk>/", orders.OrderPage.as_view(), name="order"),
    path("orders/<uuid:pk>/cancel/", orders.CancelOrder.as_view(), name="cancel-order"),
]
