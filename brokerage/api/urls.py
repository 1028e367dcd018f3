"""Addresses of the parents' API about banks, money, orders and accounts."""

from django.urls import path

from brokerage.api import orders

urlpatterns = [
    path("children/<uuid:child_id>/orders", orders.OrdersOfChild.as_view(), name="api-orders"),
    path("orders/<uuid:pk>", orders.OneOrder.as_view(), name="api-order"),
    path("orders/<uuid:pk>/cancel", orders.CancelOrder.as_view(), name="api-cancel-order"),
]
