"""Pages about people: the landing page and adding a child."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts import operations
from accounts.forms import ChildForm
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

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not hasattr(self.parent, "profile"):
            messages.info(request, _("First tell us about yourself; then you can add a child."))
            return redirect("kyc")
        return self.render_to_response({"form": ChildForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChildForm(request.POST)
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
        return self.render_to_response({"form": form}, status=422)
