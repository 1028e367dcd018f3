"""What every page of a signed-in parent stands on."""

from functools import cached_property
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.views.generic import TemplateView

from accounts.models import Parent
from accounts.queries import get_parent
from core.forms import show_refusal

__all__ = ["ParentPage", "badge", "get_ip_address", "show_refusal"]


class ParentPage(LoginRequiredMixin, TemplateView):
    """A page for a signed-in parent; `self.parent` is who asks."""

    @cached_property
    def parent(self) -> Parent:
        return get_parent(self.request)


def get_ip_address(request: HttpRequest) -> str | None:
    """Return the caller's address, behind TRUSTED_PROXY_COUNT proxies of ours."""
    address: str | None = get_adapter().get_client_ip(request)
    return address


def badge(label: Any, tone: str) -> dict[str, str]:
    """Return a badge; tone is good, wait, bad or plain."""
    return {"label": str(label), "tone": tone}
