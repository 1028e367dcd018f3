"""Pages about people: the landing page and adding a child."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts import operations
from accounts.forms import ChildForm, TeenForm
from accounts.pages import ParentPage, get_ip_address, show_refusal
from core import clock
from core.errors import DomainError


class Landing(TemplateView):
    template_name = "landing.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("home")
        return super().get(request, *args, **kwargs)


class AddChild(ParentPage):
    template_name = "accounts/add_child.html"
    form_class: type[ChildForm | TeenForm] = ChildForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not hasattr(self.parent, "profile"):
            messages.info(request, _("First tell us about yourself; then you can add a child."))
            return redirect("kyc")
        return self._show(self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST)
        if form.is_valid():
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

    def _show(self, form: Form, status: int = 200) -> HttpResponse:
        context = {"form": form, "teen_url": reverse("add-teen") if settings.TEEN_ACCOUNTS else ""}
        return self.render_to_response(context, status=status)


class AddTeen(AddChild):
    """The same for a teen account; where those are off, there is no such page."""

    template_name = "accounts/add_teen.html"
    form_class = TeenForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.TEEN_ACCOUNTS:
            raise Http404
        return super().dispatch(request, *args, **kwargs)
