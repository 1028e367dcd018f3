"""Addresses of the pages about people."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.Landing.as_view(), name="landing"),
    path("about-you/trusted-contact/", views.TrustedContactPage.as_view(), name="trusted-contact"),
    path(
        "about-you/trusted-contact/remove/",
        views.RemoveTrustedContact.as_view(),
        name="remove-trusted-contact",
    ),
    path("children/new/", views.AddChild.as_view(), name="add-child"),
    path("children/new/teen/", views.AddTeen.as_view(), name="add-teen"),
]
