"""What every page of a signed-in parent stands on."""

from functools import cached_property
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.mixins import LoginRequiredMixin
from django.forms import Form
from django.http import HttpRequest
from django.views.generic import TemplateView

from accounts.models import Parent
from accounts.queries import get_parent
from core.errors import DomainError


class ParentPage(LoginRequiredMixin, TemplateView):
    """A page for a signed-in parent; `self.parent` is who asks."""

    @cached_property
    def parent(self) -> Parent:
        return get_parent(self.request)


def get_ip_address(request: HttpRequest) -> str | None:
    """Return the caller's address, behind TRUSTED_PROXY_COUNT proxies of ours."""
    address: str | None = get_adapter().get_client_ip(request)
    return address


def show_refusal(form: Form, refusal: DomainError) -> None:
    """Put a refusal beside the fields it is about, or above the form."""
    shown = False
    for name, message in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, message)
            shown = True
    if not shown:
        form.add_error(None, refusal.message)


def badge(label: Any, tone: str) -> dict[str, str]:
    """Return a badge; tone is good, wait, bad or plain."""
    return {"label": str(label), "tone": tone}
