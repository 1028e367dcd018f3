"""Our choices where allauth asks."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import attempts, limits
from accounts.models import User
from accounts.security import write_note
from accounts.sessions import end_in_time
from core import clock, encryption
from core.templatetags.show import moment
from core.waiting import in_words

TOO_MANY = "too_many_login_attempts"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in on the web lasts a working day; tokens of the mobile app last longer."""

    _attempt: attempts.Attempt | None = None

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        if not hasattr(request, "allauth") or not getattr(request.allauth, "headless", None):
            end_in_time(request)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Send who has proven an address, and has no password, to where they choose one."""
        user = email_address.user
        if user.has_usable_password():
            return str(super().get_email_verification_redirect_url(email_address))
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        return str(self.get_reset_password_from_key_url(key))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send staff to their desk, parents home."""
        if request.user.is_staff:
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))

    def format_email_subject(self, subject: str) -> str:
        return " ".join(subject.split())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try as a wrong one (`accounts.attempts`).

        :raises ValidationError: too many by now; with when to try again
        """
        login = credentials.get("email") or ""
        self._attempt, wait = attempts.begin(request, login, at=clock.now())
        if wait:
            raise self._too_many(request, wait)

    def _rollback_login_failed_rl_usage(self) -> None:
        """Count the try no more: the password was right."""
        if self._attempt:
            self._attempt.give_back()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **names: Any) -> None:
        """Forget tries of strangers: a new password was chosen."""
        attempts.forget(names.get("email") or "")

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Say also when to try again, where one has to wait."""
        if code == TOO_MANY:
            request = context.request
            user = getattr(request, "user", None)
            key = f"mfa-auth-user-{user.pk}" if user else ""
            return self._too_many(request, limits.wait_of(request, key))
        error: ValidationError = super().validation_error(code, *args)
        return error

    def _too_many(self, request: HttpRequest, wait: float) -> ValidationError:
        request.retry_after = wait  # type: ignore[attr-defined]
        message = _(
            "There were too many wrong tries. Please try again %s, or choose a new password: it "
            "works at once."
        ) % in_words(wait)
        return ValidationError(message, code=TOO_MANY)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Write to a user that the way they sign in has changed, or was used anew.

        The words are those of the moment; a worker sends them, so that no mail server that is
        away fails what was done, or keeps it secret.
        """
        at = clock.now()
        told = {
            "when": moment(at),
            "ip": self.get_client_ip(self.request),
            "user_agent": self.get_http_user_agent(self.request)[:200],
            "reset_url": settings.SITE_URL + reverse("account_reset_password"),
            "contact": settings.SUPPORT_EMAIL,
            "is_staff": user.is_staff,
        }
        to = email or user.email
        message = self.render_mail(template_prefix, to, told | (context or {}))
        write_note(
            user=user,
            kind=template_prefix.rpartition("/")[2],
            to=to,
            subject=message.subject,
            body=f"{message.body}\n",
            at=at,
        )


def tell(request: HttpRequest, user: User, name: str, **context: Any) -> None:
    """Write to a user by the template of this name (`account/email/<name>`)."""
    adapter = AccountAdapter(request)
    adapter.send_notification_mail(f"account/email/{name}", user, context)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Encrypt second-factor secrets like every other secret; allauth would store them plain."""

    CONTEXT = "mfa.authenticator.secret"

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text, context=self.CONTEXT).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(bytes.fromhex(encrypted_text), context=self.CONTEXT)
