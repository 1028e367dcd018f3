"""Pages about people: the landing page and adding a child."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import agreements, faults, operations
from accounts.forms import ChildForm, TeenForm
from accounts.models import Child
from accounts.pages import ParentPage, get_ip_address, show_refusal, trusted_facts
from accounts.public import PublicPage
from accounts.queries import get_trusted_contact
from accounts.spelled_forms import Look
from accounts.states import list_open_places
from accounts.trusted_forms import TrustedContactForm
from core import clock
from core.errors import DomainError
from core.forms import check_also


class Landing(PublicPage):
    template_name = "landing.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("home")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(open_places=list_open_places(today=clock.today()), **kwargs)


class TrustedContactPage(ParentPage):
    """Whom the parent trusts: name somebody, change them, or see that nobody is named."""

    template_name = "accounts/trusted_contact.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(TrustedContactForm(known=get_trusted_contact(self.parent)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TrustedContactForm(request.POST, known=get_trusted_contact(self.parent))
        check_also(
            form, lambda _good: faults.check_trusted_answer(self.parent, form.trusted_contact())
        )
        if form.is_valid() and (answer := form.trusted_contact()):
            if look := form.look():
                return self._show(form, look=look)
            try:
                operations.answer_trusted_contact(parent=self.parent, answer=answer, at=clock.now())
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                told = _("Saved: %s is your trusted contact.") % answer.first_name
                messages.success(request, told)
                return redirect("trusted-contact")
        return self._show(form, status=422)

    def _show(
        self, form: TrustedContactForm, status: int = 200, look: Look | None = None
    ) -> HttpResponse:
        contact = get_trusted_contact(self.parent)
        context = {
            "form": form,
            "look": look,
            "disclosure": agreements.TRUSTED_CONTACT,
            "answered": contact,
            "facts": trusted_facts(contact),
        }
        return self.render_to_response(context, status=status)


class RemoveTrustedContact(ParentPage):
    """Name nobody, or nobody any more."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page: who has to sign in first comes back here by GET."""
        return redirect("trusted-contact")

    def post(self, request: HttpRequest) -> HttpResponse:
        nobody = operations.TrustedAnswer()
        operations.answer_trusted_contact(parent=self.parent, answer=nobody, at=clock.now())
        messages.success(request, _("Nobody is named as your trusted contact now."))
        return redirect("trusted-contact")


class AddChild(ParentPage):
    template_name = "accounts/add_child.html"
    halted_by = "halt-accounts"
    form_class: type[ChildForm | TeenForm] = ChildForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not hasattr(self.parent, "profile"):
            messages.info(request, _("First tell us about yourself; then you can add a child."))
            return redirect("kyc")
        return self._show(self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST)
        form.take_sealed(self.parent.pk)
        check_also(form, self._check)
        if form.is_valid():
            if look := form.look():
                return self._show(form, look=look)
            try:
                child = operations.add_child(
                    parent=self.parent,
                    details=form.details(),
                    at=clock.now(),
                    ip_address=get_ip_address(request),
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(
                    request, _("%s is added. The account opens in a moment.") % child.first_name
                )
                return redirect("child", pk=child.pk)
        return self._show(form, status=422)

    def _check(self, good: Mapping[str, Any]) -> None:
        operations.check_child(parent=self.parent, given=self._told() | dict(good), at=clock.now())

    def _told(self) -> dict[str, Any]:
        return {}

    def _show(self, form: Form, status: int = 200, look: Look | None = None) -> HttpResponse:
        context = {
            "form": form,
            "look": look,
            "teen_url": reverse("add-teen") if settings.TEEN_ACCOUNTS else "",
        }
        return self.render_to_response(context, status=status)


class AddTeen(AddChild):
    """The same for a teen account; where those are off, there is no such page."""

    template_name = "accounts/add_teen.html"
    form_class = TeenForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.TEEN_ACCOUNTS:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def _told(self) -> dict[str, Any]:
        return {"account_kind": Child.AccountKind.TEEN}
