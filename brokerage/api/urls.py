"""Addresses of the parents' API about banks, money, orders and accounts."""

from typing import Any

urlpatterns: list[Any] = []
