"""About you (KYC): the form, and how the broker's check stands."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.forms import KycForm
from accounts.models import KycProfile
from accounts.operations import submit_kyc
from accounts.pages import ParentPage, get_ip_address, show_refusal
from brokerage import queries, words
from core import clock
from core.errors import DomainError


class Kyc(ParentPage):
    """The form that makes a parent known to the broker, and how its check stands."""

    template_name = "brokerage/kyc.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(KycForm(known=self._profile()))

    def post(self, request: HttpRequest) -> HttpResponse:
        known = self._profile()
        if known and not self._check()["can_edit"]:
            messages.info(request, _("Your answers are in already; nothing was changed."))
            return redirect("kyc")
        form = KycForm(request.POST, known=known)
        if form.is_valid():
            try:
                submit_kyc(
                    parent=self.parent,
                    answers=form.answers(),
                    at=clock.now(),
                    ip_address=get_ip_address(request),
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Thank you. The broker is checking your answers."))
                return redirect("home")
        return self._show(form, status=422)

    def _profile(self) -> KycProfile | None:
        return KycProfile.objects.filter(parent=self.parent).first()

    def _check(self) -> dict[str, Any]:
        return words.describe_check(queries.get_broker_user(self.parent))

    def _show(self, form: KycForm, status: int = 200) -> HttpResponse:
        submitted = self._profile() is not None
        check = self._check() if submitted else {"can_edit": True}
        context = {"form": form, "sections": form.sections, "submitted": submitted} | check
        return self.render_to_response(context, status=status)
