"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from accounts.sign_up import AppEmails, AppLostPassword, AppSignIn, AppSignUp
from core.health import Healthy
from core.published import Published
from prefill.try_page import TryPrefill
from tenants.api.schema import SETTINGS as TENANT_SCHEMA_SETTINGS
from tenants.api.schema import TenantSchema

parents_api = [
    path("api/", include("accounts.api.urls")),
    path("api/", include("gifting.api.urls")),
    path("api/", include("brokerage.api.urls")),
]
tenants_api = [
    path("api/v1/", include("prefill.api.urls")),
    path("api/v1/", include("tenants.api.urls")),  # ends with what is nothing
]
handler404 = "core.failures.not_found"
handler500 = "core.failures.server_failed"
handler429 = "accounts.limits.too_many"  # allauth's
urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("prefill.urls")),
    path("", include("brokerage.urls")),
    path("", include("gifting.urls")),
    path("account/", include("allauth.urls")),
    path("_allauth/app/v1/auth/signup", AppSignUp.as_api_view(client="app")),
    path("_allauth/app/v1/auth/login", AppSignIn.as_api_view(client="app")),
    path("_allauth/app/v1/auth/password/request", AppLostPassword.as_api_view(client="app")),
    path("_allauth/app/v1/account/email", AppEmails.as_api_view(client="app")),
    path("_allauth/", include("allauth.headless.urls")),
    path("", include("tenants.urls")),
    path("api/webhooks/", include("prefill.urls_webhooks")),
    path("tenant/<slug:slug>/try/", TryPrefill.as_view(), name="try-prefill"),
    *parents_api,
    path(
        "api/schema",
        Published.as_view(patterns=parents_api),
        name="api-schema",
    ),
    path(
        "api/docs",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", permission_classes=[]),
        name="api-docs",
    ),
    path(
        "api/v1/schema",
        Published.as_view(
            patterns=tenants_api,
            generator_class=TenantSchema,
            custom_settings=TENANT_SCHEMA_SETTINGS,
        ),
        name="tenant-api-schema",
    ),
    path(
        "api/v1/docs",
        SpectacularSwaggerSplitView.as_view(
            url_name="tenant-api-schema", permission_classes=[], title="StockSprout for companies"
        ),
        name="tenant-api-docs",
    ),
    *tenants_api,
    path("admin/", admin.site.urls),
    path("healthy", Healthy.as_view(), name="healthy"),
]
