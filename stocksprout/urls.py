"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core.health import Healthy

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("brokerage.urls")),
    path("", include("gifting.urls")),
    path("account/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/", include("gifting.api.urls")),
    path("api/", include("brokerage.api.urls")),
    path("api/schema", SpectacularAPIView.as_view(permission_classes=[]), name="api-schema"),
    path(
        "api/docs",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", permission_classes=[]),
        name="api-docs",
    ),
    path("admin/", admin.site.urls),
    path("healthy", Healthy.as_view(), name="healthy"),
]
