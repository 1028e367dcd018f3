"""Start-up of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import user_signed_up

        from accounts import receivers

        user_signed_up.connect(receivers.on_user_signed_up, dispatch_uid="accounts_parent")
