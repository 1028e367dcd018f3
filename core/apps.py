"""Start-up of core."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core import checks, pairs  # noqa: F401  (registers the system checks)
        from core.switches import make_switches

        post_migrate.connect(make_switches, sender=self, dispatch_uid="core_switches")
