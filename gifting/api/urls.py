"""Addresses of the parents' API."""

from django.urls import path

from accounts.api.agreements import AgreementsNow
from accounts.api.status import Status
from gifting.api import links, todo, views

urlpatterns = [
    path("to-do", todo.ToDos.as_view(), name="api-to-do"),
    path("to-do/put-away", todo.PutAway.as_view(), name="api-put-away"),
    path("status", Status.as_view(), name="api-status"),
    path("agreements", AgreementsNow.as_view(), name="api-agreements"),
    path("children", views.Children.as_view(), name="api-children"),
    path("gifts", views.Gifts.as_view(), name="api-gifts"),
    path("gifts/<uuid:pk>/approve", views.ApproveGift.as_view(), name="api-approve-gift"),
    path("gifts/<uuid:pk>/retry", views.RetryGift.as_view(), name="api-retry-gift"),
    path("gifts/<uuid:pk>/cancel", views.CancelGift.as_view(), name="api-cancel-gift"),
    path("gifts/<uuid:pk>/decline", views.DeclineGift.as_view(), name="api-decline-gift"),
    path(
        "gifts/<uuid:pk>/decline-alike",
        views.DeclineAlike.as_view(),
        name="api-decline-alike",
    ),
    path("children/<uuid:child_id>/gift-links", links.GiftLinks.as_view(), name="api-gift-links"),
    path(
        "gift-links/<uuid:pk>/replace",
        links.ReplaceGiftLink.as_view(),
        name="api-replace-gift-link",
    ),
    path("gift-links/<uuid:pk>/pause", links.PauseGiftLink.as_view(), name="api-pause-gift-link"),
    path(
        "gift-links/<uuid:pk>/resume",
        links.ResumeGiftLink.as_view(),
        name="api-resume-gift-link",
    ),
    path("gift-links/<uuid:pk>/close", links.CloseGiftLink.as_view(), name="api-close-gift-link"),
    path("portfolio/<uuid:child_id>", views.PortfolioOfChild.as_view(), name="api-portfolio"),
]
