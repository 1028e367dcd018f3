"""Addresses of the pages about gifts."""

from django.urls import path

from gifting.views import gifts, giving, home, links

urlpatterns = [
    path("home/", home.Home.as_view(), name="home"),
    path("home/put-away/", home.PutAway.as_view(), name="put-away"),
    path("children/<uuid:pk>/", home.ChildPage.as_view(), name="child"),
    path("children/<uuid:pk>/gifts/", home.ChildGifts.as_view(), name="child-gifts"),
    path("gifts/<uuid:pk>/", gifts.GiftPage.as_view(), name="gift"),
    path("gifts/<uuid:pk>/approve/", gifts.ApproveGift.as_view(), name="approve-gift"),
    path("gifts/<uuid:pk>/retry/", gifts.RetryGift.as_view(), name="retry-gift"),
    path("gifts/<uuid:pk>/decline/", gifts.DeclineGift.as_view(), name="decline-gift"),
    path("gifts/<uuid:pk>/cancel/", gifts.CancelGift.as_view(), name="cancel-gift"),
    path("gifts/<uuid:pk>/alike/<str:same>/", gifts.DeclineAlike.as_view(), name="decline-alike"),
    path("children/<uuid:pk>/links/", links.GiftLinks.as_view(), name="gift-links"),
    path("links/gifts/<uuid:pk>/", links.OneGiftLink.as_view(), name="gift-link"),
    path(
        "links/gifts/<uuid:pk>/replace/",
        links.ReplaceGiftLink.as_view(),
        name="replace-gift-link",
    ),
    path("links/gifts/<uuid:pk>/pause/", links.PauseGiftLink.as_view(), name="pause-gift-link"),
    path(
        "links/gifts/<uuid:pk>/resume/",
        links.ResumeGiftLink.as_view(),
        name="resume-gift-link",
    ),
    path("links/gifts/<uuid:pk>/close/", links.CloseGiftLink.as_view(), name="close-gift-link"),
    path("c/<str:token>/", links.ConfirmGiver.as_view(), name="confirm-giver"),
    path("g/<str:code>/", giving.Give.as_view(), name="give"),
    path("t/<str:token>/", giving.TrackGift.as_view(), name="track-gift"),
]
