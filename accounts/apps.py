"""Start-up of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    sweep = "accounts.sweeps.sweep"
    forget = "accounts.sweeps.list_forgettable"

    def ready(self) -> None:
        from allauth.account import signals
        from django.contrib.auth.signals import user_logged_in

        from accounts import checks, receivers  # noqa: F401  (checks register themselves)

        for signal, receiver in (
            (signals.user_signed_up, receivers.on_user_signed_up),
            (user_logged_in, receivers.on_signed_in),
            (signals.email_added, receivers.on_email_added),
            (signals.email_confirmed, receivers.on_email_confirmed),
            (signals.password_reset, receivers.on_password_reset),
        ):
            signal.connect(receiver, dispatch_uid=f"accounts_{receiver.__name__}")
