"""What can be held, what is held, and where our books and the broker's differ."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brokerage.models.accounts import BrokerAccount
from brokerage.models.rows import Row


class Instrument(Row):
    """A security the broker trades."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Traded")
        CLOSE_ONLY = "CLOSE_ONLY", _("Can only be sold")
        HALTED = "HALTED", _("Trading is halted")
        INACTIVE = "INACTIVE", _("No longer traded")

    class Kind(models.TextChoices):
        STOCK = "STOCK", _("Stock")
        ETF = "ETF", _("Fund")
        OTHER = "OTHER", _("Other")

    symbol = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=16, choices=Status)
    vendor_id = models.CharField(max_length=100, unique=True)
    price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    priced_at = models.DateTimeField(null=True)
    on_menu = models.BooleanField(default=False, help_text="Offered to givers")
    synced_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.symbol


class Holding(models.Model):
    """What one account holds of one instrument, as the broker last said."""

    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="holdings")
    instrument = models.ForeignKey(Instrument, models.PROTECT)
    quantity = models.DecimalField(max_digits=24, decimal_places=8)
    average_price = models.DecimalField(max_digits=18, decimal_places=6)
    cost_basis = models.DecimalField(max_digits=18, decimal_places=2)
    price = models.DecimalField(max_digits=18, decimal_places=6)
    market_value = models.DecimalField(max_digits=18, decimal_places=2)
    unrealized_gain = models.DecimalField(max_digits=18, decimal_places=2)
    synced_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "instrument"], name="holding_once"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="holding_not_short"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.instrument}"


class ReconciliationBreak(Row):
    """A difference between our books and the broker's, until it is gone."""

    class Kind(models.TextChoices):
        CASH = "CASH", _("Cash")
        POSITION = "POSITION", _("Position")

    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="breaks")
    kind = models.CharField(max_length=10, choices=Kind)
    symbol = models.CharField(max_length=20, blank=True)
    ours = models.DecimalField(max_digits=24, decimal_places=8)
    theirs = models.DecimalField(max_digits=24, decimal_places=8)
    last_seen_at = models.DateTimeField()
    healed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "kind", "symbol"],
                condition=Q(healed_at__isnull=True),
                name="break_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.symbol}: ours {self.ours}, broker's {self.theirs}"
