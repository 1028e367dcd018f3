"""Addresses of the pages about gifts."""

from django.urls import path

from gifting import views

urlpatterns = [
    path("home/", views.Home.as_view(), name="home"),
    path("children/<uuid:pk>/", views.ChildPage.as_view(), name="child"),
    path("children/<uuid:pk>/gifts/", views.ChildGifts.as_view(), name="child-gifts"),
    path("gifts/<uuid:pk>/", views.GiftPage.as_view(), name="gift"),
    path("gifts/<uuid:pk>/approve/", views.ApproveGift.as_view(), name="approve-gift"),
    path("gifts/<uuid:pk>/retry/", views.RetryGift.as_view(), name="retry-gift"),
    path("gifts/<uuid:pk>/decline/", views.DeclineGift.as_view(), name="decline-gift"),
    path("gifts/<uuid:pk>/cancel/", views.CancelGift.as_view(), name="cancel-gift"),
    path("g/<str:code>/", views.Give.as_view(), name="give"),
    path("t/<str:token>/", views.TrackGift.as_view(), name="track-gift"),
]
