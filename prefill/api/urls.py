"""Addresses of `/api/v1/` about applicants."""

from django.urls import path

from prefill.api import applicants, phone, plaid, prefill

urlpatterns = [
    path("users", applicants.MakeUser.as_view(), name="v1-users"),
    path("users/<uuid:user_id>", applicants.ShowUser.as_view(), name="v1-user"),
    path("client-tokens", applicants.MakeClientToken.as_view(), name="v1-client-tokens"),
    path("phone/verify", phone.VerifyPhone.as_view(), name="v1-verify-phone"),
    path("phone/confirm", phone.ConfirmPhone.as_view(), name="v1-confirm-phone"),
    path("phone/status/<uuid:session_id>", phone.ShowPhoneStatus.as_view(), name="v1-phone-status"),
    path("phone/consent-text", phone.ShowConsentText.as_view(), name="v1-consent-text"),
    path("plaid/link-token", plaid.StartLink.as_view(), name="v1-start-link"),
    path("plaid/exchange-token", plaid.FinishLink.as_view(), name="v1-finish-link"),
    path("plaid/events", plaid.NoteLinkEvent.as_view(), name="v1-link-event"),
    path("plaid/accounts/<uuid:user_id>", plaid.ListAccounts.as_view(), name="v1-accounts"),
    path("plaid/items/<uuid:item_id>", plaid.RemoveItem.as_view(), name="v1-item"),
    path("data/connect", plaid.ConnectData.as_view(), name="v1-data-connect"),
    path("data/exchange", plaid.ExchangeData.as_view(), name="v1-data-exchange"),
    path("prefill/<uuid:user_id>", prefill.ShowPrefill.as_view(), name="v1-prefill"),
]
