"""Addresses of `/api/v1/`."""

from django.urls import path, re_path

from tenants.api.base import Nothing
from tenants.api.tenant import ShowKey, ShowTenant

urlpatterns = [
    path("tenant", ShowTenant.as_view(), name="v1-tenant"),
    path("keys/current", ShowKey.as_view(), name="v1-current-key"),
    re_path("", Nothing.as_view(), name="v1-nothing"),
]
