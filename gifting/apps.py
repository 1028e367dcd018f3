"""Start-up of gifting."""

from django.apps import AppConfig


class GiftingConfig(AppConfig):
    name = "gifting"
    sweep = "gifting.sweeps.sweep"
    forget = "gifting.operations.senders.list_unused"

    def ready(self) -> None:
        from brokerage import events
        from gifting import receivers

        events.purchase_moved.connect(receivers.on_purchase_moved, dispatch_uid="gift_purchase")
