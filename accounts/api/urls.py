"""Addresses of the parents' API about where accounts are opened."""

from django.urls import path

from accounts.api import states

urlpatterns = [
    path("states", states.States.as_view(), name="api-states"),
    path("waiting-list", states.WaitingListAPI.as_view(), name="api-waiting-list"),
]
