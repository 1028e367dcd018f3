"""Addresses of the portal."""

from django.urls import path

from tenants import views

urlpatterns = [
    path("tenant/", views.Tenants.as_view(), name="tenants"),
    path("tenant/<slug:slug>/", views.Keys.as_view(), name="tenant"),
    path("tenant/<slug:slug>/keys/new/", views.CreateKey.as_view(), name="create-key"),
    path("tenant/<slug:slug>/keys/<uuid:pk>/rotate/", views.RotateKey.as_view(), name="rotate-key"),
    path("tenant/<slug:slug>/keys/<uuid:pk>/revoke/", views.RevokeKey.as_view(), name="revoke-key"),
    path("tenant/<slug:slug>/settings/", views.TenantSettings.as_view(), name="tenant-settings"),
    path(
        "tenant/<slug:slug>/settings/branding/",
        views.ChangeBranding.as_view(),
        name="change-branding",
    ),
    path(
        "tenant/<slug:slug>/settings/use/", views.ChangeSettings.as_view(), name="change-settings"
    ),
    path("tenant/<slug:slug>/members/", views.Members.as_view(), name="tenant-members"),
    path(
        "tenant/<slug:slug>/members/<uuid:pk>/role/", views.ChangeRole.as_view(), name="change-role"
    ),
    path(
        "tenant/<slug:slug>/members/<uuid:pk>/remove/",
        views.RemoveMember.as_view(),
        name="remove-member",
    ),
]
