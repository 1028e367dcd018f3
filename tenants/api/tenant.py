"""What a key belongs to, and what it may do."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.base import TenantAPI
from tenants.api.describe import described
from tenants.models import ApiKey, Mode, PhoneMethod, Scope, Tenant


class BrandingOut(serializers.Serializer[Any]):
    company_name = serializers.CharField(source="shown_name")
    logo_url = serializers.CharField(help_text="Empty where there is none")
    primary_color = serializers.CharField(help_text="#rrggbb")
    text_color = serializers.CharField(help_text="#rrggbb, readable on the primary colour")


class PhoneVerificationOut(serializers.Serializer[Any]):
    enabled = serializers.BooleanField(source="phone_enabled")
    method = serializers.ChoiceField(source="phone_method", choices=PhoneMethod.choices)
    max_attempts = serializers.IntegerField(source="phone_max_attempts")


class DataAggregationOut(serializers.Serializer[Any]):
    enabled = serializers.BooleanField(source="aggregation_enabled")
    products = serializers.ListField(
        source="aggregation_products", child=serializers.CharField(), help_text="Plaid's names"
    )
    country_codes = serializers.ListField(child=serializers.CharField())
    redirect_uris = serializers.ListField(
        child=serializers.CharField(), help_text="What `redirect_uri` may be; ask us to list more"
    )


class SettingsOut(serializers.Serializer[Any]):
    phone_verification = PhoneVerificationOut(source="*")
    data_aggregation = DataAggregationOut(source="*")


class TenantOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    mode = serializers.SerializerMethodField()
    branding = BrandingOut(source="*")
    settings = SettingsOut(source="*")

    def get_mode(self, tenant: Tenant) -> str:
        """Return the mode of the key that asks."""
        mode: str = self.context["key"].mode
        return mode


class KeyOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Works until then, once a new key has taken its place"
    )
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute")


class ShowTenant(TenantAPI):
    scope = Scope.TENANT_READ

    @described("show_tenant", "Show the company", tag="Company", answer=TenantOut)
    def get(self, request: Request) -> Response:
        """Show the company a key belongs to, with its branding and settings."""
        tenant = Tenant.objects.get(pk=self.key.tenant_id)
        return Response(TenantOut(tenant, context={"key": self.key}).data)


class ShowKey(TenantAPI):
    @described("show_current_key", "Show the key", tag="Company", answer=KeyOut)
    def get(self, request: Request) -> Response:
        """Show the key that asks; its secret is never shown."""
        return Response(KeyOut(ApiKey.objects.get(pk=self.key.pk)).data)
