"""Addresses of the pages about gifts."""

from django.urls import path

from gifting import link_views, views

urlpatterns = [
    path("home/", views.Home.as_view(), name="home"),
    path("home/put-away/", views.PutAway.as_view(), name="put-away"),
    path("children/<uuid:pk>/", views.ChildPage.as_view(), name="child"),
    path("children/<uuid:pk>/gifts/", views.ChildGifts.as_view(), name="child-gifts"),
    path("gifts/<uuid:pk>/", views.GiftPage.as_view(), name="gift"),
    path("gifts/<uuid:pk>/approve/", views.ApproveGift.as_view(), name="approve-gift"),
    path("gifts/<uuid:pk>/retry/", views.RetryGift.as_view(), name="retry-gift"),
    path("gifts/<uuid:pk>/decline/", views.DeclineGift.as_view(), name="decline-gift"),
    path("gifts/<uuid:pk>/cancel/", views.CancelGift.as_view(), name="cancel-gift"),
    path("gifts/<uuid:pk>/alike/<str:same>/", views.DeclineAlike.as_view(), name="decline-alike"),
    path("children/<uuid:pk>/links/", link_views.GiftLinks.as_view(), name="gift-links"),
    path("links/gifts/<uuid:pk>/", link_views.OneGiftLink.as_view(), name="gift-link"),
    path(
        "links/gifts/<uuid:pk>/replace/",
        link_views.ReplaceGiftLink.as_view(),
        name="replace-gift-link",
    ),
    path(
        "links/gifts/<uuid:pk>/pause/", link_views.PauseGiftLink.as_view(), name="pause-gift-link"
    ),
    path(
        "links/gifts/<uuid:pk>/resume/",
        link_views.ResumeGiftLink.as_view(),
        name="resume-gift-link",
    ),
    path(
        "links/gifts/<uuid:pk>/close/", link_views.CloseGiftLink.as_view(), name="close-gift-link"
    ),
    path("c/<str:token>/", link_views.ConfirmGiver.as_view(), name="confirm-giver"),
    path("g/<str:code>/", views.Give.as_view(), name="give"),
    path("t/<str:token>/", views.TrackGift.as_view(), name="track-gift"),
]
