"""Start-up of prefill."""

from django.apps import AppConfig


class PrefillConfig(AppConfig):
    name = "prefill"
    sweep = "prefill.sweeps.sweep"
    forget = "prefill.sweeps.list_forgettable"
    pulse = "prefill.sweeps.take_events"
