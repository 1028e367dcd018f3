"""Start-up of the broker's room."""

from django.apps import AppConfig


class BrokerageConfig(AppConfig):
    name = "brokerage"
    sweep = "brokerage.sweeps.sweep"
    forget = "brokerage.sweeps.list_forgettable"
    pulse = "brokerage.sweeps.take_events"

    def ready(self) -> None:
        from accounts import events
        from brokerage import receivers
        from core import driving, parking
        from prefill.events import accounts_ended, owners_changed

        events.kyc_submitted.connect(receivers.on_kyc_submitted, dispatch_uid="broker_kyc")
        events.child_added.connect(receivers.on_child_added, dispatch_uid="broker_child")
        events.contact_answered.connect(
            receivers.on_contact_answered, dispatch_uid="broker_contact"
        )
        accounts_ended.connect(receivers.on_accounts_ended, dispatch_uid="broker_plaid_ended")
        owners_changed.connect(receivers.on_owners_changed, dispatch_uid="broker_owners")
        parking.parked.connect(receivers.on_parked, dispatch_uid="broker_parked")
        driving.unfamiliar.connect(receivers.on_unfamiliar, dispatch_uid="broker_unfamiliar")
        driving.recovered.connect(receivers.on_recovered, dispatch_uid="broker_recovered")
