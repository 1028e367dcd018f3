"""Addresses of the pages about people."""

from django.urls import path

from accounts import public, views, where

urlpatterns = [
    path("", views.Landing.as_view(), name="landing"),
    path("help/", public.Help.as_view(), name="help"),
    path("contact/", public.Contact.as_view(), name="contact"),
    path("agreements/", public.Agreements.as_view(), name="agreements"),
    path("agreements/<slug:slug>/", public.Agreement.as_view(), name="agreement"),
    path(
        "agreements/<slug:slug>/<str:version>/",
        public.Agreement.as_view(),
        name="agreement-version",
    ),
    path("robots.txt", public.Robots.as_view(), name="robots"),
    path("sitemap.xml", public.Sitemap.as_view(), name="sitemap"),
    path("about-you/trusted-contact/", views.TrustedContactPage.as_view(), name="trusted-contact"),
    path(
        "about-you/trusted-contact/remove/",
        views.RemoveTrustedContact.as_view(),
        name="remove-trusted-contact",
    ),
    path("where/", where.ChooseState.as_view(), name="choose-state"),
    path("waiting-list/", where.WaitingList.as_view(), name="waiting-list"),
    path(
        "waiting-list/confirm/<str:secret>/",
        where.ConfirmWaiting.as_view(),
        name="confirm-waiting",
    ),
    path("waiting-list/leave/<str:secret>/", where.LeaveWaiting.as_view(), name="leave-waiting"),
    path("children/new/", views.AddChild.as_view(), name="add-child"),
    path("children/new/teen/", views.AddTeen.as_view(), name="add-teen"),
]
