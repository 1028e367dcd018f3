"""What the parents' pages of prefill stand on: where they are, and what Plaid's script needs."""

from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent
from accounts.pages import ParentPage
from core import clock
from prefill import ladder, operations
from prefill.gateway import get_bank_linker
from prefill.models import Applicant
from tenants.models import Mode

STEPS = (_("Find your details"), _("Check your details"), _("Your bank"))
Dispatch = Callable[..., HttpResponseBase]
PAGES = {
    "open_layer": "start-phone",
    "submit_date_of_birth": "start-phone",
    "verify_phone": "start-phone",
    "open_link": "start-bank",
}


class PlaidPage(ParentPage):
    """A page that loads Plaid's script; no other page's policy lets it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return let_plaid_in(super().dispatch, Mode.LIVE)(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        script = {"plaid_script": settings.PLAID_SCRIPT_URL}
        return super().get_context_data(**kwargs) | script


class StartPage(PlaidPage):
    """A step on the way to a form filled in; once the form is in, there is nothing to start."""

    step = 1
    delayed_by = "halt-accounts"

    @cached_property
    def applicant(self) -> Applicant:
        return operations.get_own_applicant(self.parent, at=clock.now())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and hasattr(self.parent, "profile"):
            return redirect("home")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"progress": get_progress(self.step)}

    def show(self, status: int = 200, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context), status=status)


def let_plaid_in(dispatch: Dispatch, mode: Mode) -> Dispatch:
    """Have a page's answer allow what Plaid's window needs, beyond the site's own.

    Banks that sign in by OAuth do so in a window that Plaid's frame opens and must hear from.
    """
    script = _origin(settings.PLAID_SCRIPT_URL)
    connect = {script, _origin(settings.PLAID[mode]["base_url"])}
    policy = {
        "script-src": [script],
        "connect-src": sorted(address for address in connect if address),
        "frame-src": [script],
    }

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = csp_update(policy)(dispatch)(request, *args, **kwargs)
        response["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
        return response

    return answer


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def get_progress(current: int) -> dict[str, Any]:
    """Return the steps as the head of each page shows them; `current` counts from one."""
    steps = [
        {"title": title, "done": number < current, "current": number == current}
        for number, title in enumerate(STEPS, start=1)
    ]
    return {"steps": steps, "number": current, "title": STEPS[current - 1]}


def get_address(step: ladder.NextStep) -> str:
    """Return the page on which a parent takes this step."""
    if step.action == "enter_code":
        return reverse("start-code", args=[step.params["session_id"]])
    return reverse(PAGES.get(step.action, "kyc"))


def can_connect_banks(parent: Parent) -> bool:
    """Say whether banks can be linked by signing in at them."""
    return parent.tenant.aggregation_enabled and get_bank_linker(Mode.LIVE) is not None
