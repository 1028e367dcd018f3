"""The portal's page on which a tenant's developers see the prefill of a form work."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import DomainError
from core.forms import show_refusal
from prefill import operations
from prefill.models import Source
from prefill.pages import let_plaid_in
from tenants import queries
from tenants.models import ApiKey, Membership, Mode, Scope
from tenants.pages import MemberPage
from tenants.rules import Permission

NEEDED = [Scope.PHONE, Scope.PLAID, Scope.PREFILL]
LAYER_NUMBERS = [
    ("+1 415 555 0011", _("Plaid knows everything, and two banks")),
    ("+1 415 555 0012", _("Plaid knows the number alone, and three banks")),
    ("+1 415 555 0000", _("Plaid asks for the date of birth; 1975-01-18 is found")),
]
SMS_NUMBERS = [
    ("+1 212 555 0100", _("Plaid knows nobody; a code is texted, and the person is found")),
    ("+1 212 555 0104", _("A code is texted, and nobody is found")),
    ("+1 212 555 0109", _("Nothing can be texted; a bank is next")),
]
PERSON = [
    ("first_name", _("First name")),
    ("middle_name", _("Middle name")),
    ("last_name", _("Last name")),
    ("email", _("Email")),
    ("phone_number", _("Phone")),
    ("date_of_birth", _("Date of birth")),
    ("ssn_last4", _("Last four digits of the SSN")),
]
ADDRESS = [
    ("street1", _("Street")),
    ("street2", _("Apartment or suite")),
    ("city", _("City")),
    ("region", _("State")),
    ("postal_code", _("ZIP code")),
]


class TryForm(forms.Form):
    key = forms.ModelChoiceField(
        label=_("With the key"),
        queryset=ApiKey.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
    )

    def __init__(self, member: Membership, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = queries.list_keys(member).filter(
            Q(expires_at=None) | Q(expires_at__gt=clock.now()),
            mode=Mode.TEST,
            revoked_at=None,
            scopes__contains=NEEDED,
        )
        field = self.fields["key"]
        field.queryset, field.initial = keys, keys.first()  # type: ignore[attr-defined]
        field.label_from_instance = _name_key  # type: ignore[attr-defined]


def _name_key(key: ApiKey) -> str:
    return f"{key.name} · {key.prefix}…"


class TryPrefill(MemberPage):
    """Choose a sandbox key; then the SDK runs in the page, with a practice person."""

    template_name = "prefill/try.html"
    tab = "try-prefill"
    writes = Permission.WRITE_API_CONFIG
    for_writers = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return let_plaid_in(super().dispatch, Mode.TEST)(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._ask(TryForm(self.member))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Make a practice person and show the page at work; its token is kept nowhere."""
        form = TryForm(self.member, request.POST)
        if form.is_valid():
            try:
                applicant, token = operations.start_trial(
                    member=self.member, key=form.cleaned_data["key"], at=clock.now()
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                return self._run(str(applicant.pk), token)
        return self._ask(form, status=422)

    def _ask(self, form: TryForm, status: int = 200) -> HttpResponse:
        has_key = self.may(Permission.WRITE_API_CONFIG) and form.fields["key"].queryset.exists()  # type: ignore[attr-defined]
        sdk_url = f"{settings.SITE_URL}{settings.STATIC_URL}sdk/stocksprout.js"
        context = self.get_context_data(form=form, has_key=has_key, sdk_url=sdk_url)
        return self.render_to_response(context, status=status)

    def _run(self, user_id: str, token: str) -> HttpResponse:
        self.template_name = "prefill/trial.html"
        is_practice = urlsplit(settings.SPINWHEEL[Mode.TEST]["base_url"]).hostname == "127.0.0.1"
        return self.render_to_response(
            self.get_context_data(
                user_id=user_id,
                token=token,
                plaid_script=settings.PLAID_SCRIPT_URL,
                numbers=LAYER_NUMBERS + (SMS_NUMBERS if is_practice else []),
                person=PERSON,
                address=ADDRESS,
                sources=Source.choices,
            )
        )
