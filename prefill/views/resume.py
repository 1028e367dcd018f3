"""Going on with the form on another device."""

from typing import Any

from allauth.account.utils import perform_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.models import User
from core import clock
from core.errors import DomainError
from core.problems import refusals_shown
from core.qr import qr_svg
from prefill import operations
from prefill.models import ResumeLink
from prefill.pages import StartPage


class Elsewhere(StartPage):
    """Show a link that opens this very form on another device."""

    template_name = "prefill/elsewhere.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the link and show it on this very page: its secret is kept nowhere."""
        try:
            link, secret = operations.make_resume_link(
                parent=self.parent, session_key=request.session.session_key or "", at=clock.now()
            )
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return self.show(refusal.status)
        address = settings.SITE_URL + reverse("resume", args=[secret])
        return self.show(link=address, qr=qr_svg(address), ends_at=link.expires_at)


class Resume(TemplateView):
    """The other device's side. Opening the link does nothing yet, so that no preview uses it up."""

    template_name = "prefill/resume.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        link = operations.get_resume_link(kwargs["secret"], at=clock.now())
        if link is None:
            return self.render_to_response({"over": True}, status=410)
        if request.user == link.parent.user:
            return redirect("start")
        context = {
            "email": _mask(link.parent.user.email),
            "other_user": request.user.is_authenticated,
        }
        return self.render_to_response(context)

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        link = operations.get_resume_link(secret, at=clock.now())
        if link is None or request.user.is_authenticated:
            return self.get(request, secret=secret)
        if is_mfa_enabled(link.parent.user):
            messages.info(
                request,
                _("Your account asks for a second step. Please sign in with your password."),
            )
            return redirect(_sign_in_address())
        with refusals_shown(request):
            return self._sign_in(link)
        return self.get(request, secret=secret)

    def _sign_in(self, link: ResumeLink) -> HttpResponse:
        parent = operations.use_resume_link(link, at=clock.now())
        user: User = parent.user
        answer: HttpResponse = perform_login(
            self.request, user, email=user.email, redirect_url=reverse("start")
        )
        return answer


def _sign_in_address() -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?next={reverse('start')}"


def _mask(email: str) -> str:
    """Return enough of an address for its owner to know it: `c•••@family.example`."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"
