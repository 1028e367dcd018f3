"""Start-up of the broker's room."""

from django.apps import AppConfig


class BrokerageConfig(AppConfig):
    name = "brokerage"
    sweep = "brokerage.sweeps.sweep"
    pulse = "brokerage.sweeps.take_events"

    def ready(self) -> None:
        from accounts import events
        from brokerage import receivers

        events.kyc_submitted.connect(receivers.on_kyc_submitted, dispatch_uid="broker_kyc")
        events.child_added.connect(receivers.on_child_added, dispatch_uid="broker_child")
