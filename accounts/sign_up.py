"""Signing up and in, where allauth's forms do not do what we promise."""

from typing import Any

from allauth.account.forms import AddEmailForm, LoginForm, ResetPasswordForm, SignupForm
from allauth.headless.account.inputs import (
    AddEmailInput,
    LoginInput,
    RequestPasswordResetInput,
    SignupInput,
)
from allauth.headless.account.views import (
    LoginView,
    ManageEmailView,
    RequestPasswordResetView,
    SignupView,
)
from django.forms import EmailField
from django.http import HttpRequest, HttpResponse

from accounts import unproven
from accounts.sessions import end_in_time
from core import clock
from core.emails import tidy_email


class _Tidy:
    """Addresses are read as people type and paste them (`core.emails`), before they are judged."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, EmailField):
                field.to_python = lambda value: tidy_email(str(value or ""))  # type: ignore[method-assign]


class _Newest:
    """A sign-up for an address nobody has proven: the newest counts, whoever was first."""

    account_already_exists: bool
    cleaned_data: dict[str, Any]
    password_field: str

    def try_save(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        if self.account_already_exists:
            email, password = self.cleaned_data["email"], self.cleaned_data[self.password_field]
            if user := unproven.replace(email, password, at=clock.now()):
                return user, None
        saved: tuple[Any, HttpResponse | None] = super().try_save(request)  # type: ignore[misc]
        return saved


class SignUp(_Tidy, _Newest, SignupForm):  # type: ignore[misc]
    """On the page."""

    password_field = "password1"  # noqa: S105 (a field's name)


class SignUpInput(_Tidy, _Newest, SignupInput):  # type: ignore[misc]
    """In the app."""

    password_field = "password"  # noqa: S105 (a field's name)


class AppSignUp(SignupView):  # type: ignore[misc]
    """`POST /_allauth/app/v1/auth/signup`."""

    input_class = {"POST": SignUpInput}  # noqa: RUF012 (allauth's)


class SignIn(_Tidy, LoginForm):  # type: ignore[misc]
    """On the page: allauth's own form would have the session last as long as an app's."""

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, redirect_url)
        end_in_time(request)
        return response


class LostPassword(_Tidy, ResetPasswordForm):  # type: ignore[misc]
    """On the page."""


class AddEmail(_Tidy, AddEmailForm):  # type: ignore[misc]
    """On the page."""


class _SignInInput(_Tidy, LoginInput):  # type: ignore[misc]
    pass


class _LostPasswordInput(_Tidy, RequestPasswordResetInput):  # type: ignore[misc]
    pass


class _AddEmailInput(_Tidy, AddEmailInput):  # type: ignore[misc]
    pass


class AppSignIn(LoginView):  # type: ignore[misc]
    """`POST /_allauth/app/v1/auth/login`."""

    input_class = _SignInInput


class AppLostPassword(RequestPasswordResetView):  # type: ignore[misc]
    """`POST /_allauth/app/v1/auth/password/request`."""

    input_class = _LostPasswordInput


class AppEmails(ManageEmailView):  # type: ignore[misc]
    """`/_allauth/app/v1/account/email`."""

    input_class = ManageEmailView.input_class | {"POST": _AddEmailInput}
