"""Our choices where allauth asks."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from core import encryption


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in on the web lasts a working day; tokens of the mobile app last longer."""

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        if not hasattr(request, "allauth") or not getattr(request.allauth, "headless", None):
            request.session.set_expiry(settings.WEB_SESSION_AGE)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send staff to their desk, parents home."""
        if request.user.is_staff:
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))

    def format_email_subject(self, subject: str) -> str:
        return " ".join(subject.split())


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Encrypt second-factor secrets like every other secret; allauth would store them plain."""

    CONTEXT = "mfa.authenticator.secret"

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text, context=self.CONTEXT).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(bytes.fromhex(encrypted_text), context=self.CONTEXT)
