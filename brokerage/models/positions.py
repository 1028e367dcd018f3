"""What can be held, and what is held."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brokerage.folding import make_terms
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
    smallest_order = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    largest_order = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    order_step = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    settlement_days = models.PositiveSmallIntegerField(null=True, help_text="After the trade")
    terms_at = models.DateTimeField(null=True, help_text="Sizes and settlement last read")
    synced_at = models.DateTimeField()
    # What it is found by: `brokerage.folding.Terms`.
    words = models.TextField(default="", db_default="", editable=False)
    whole = models.TextField(default="", db_default="", editable=False)
    spellings = ArrayField(
        models.CharField(max_length=20),
        default=list,
        db_default=[],
        editable=False,
    )

    class Meta:
        indexes: ClassVar = [
            GinIndex(SearchVector("words", config="simple"), name="instrument_words"),
            models.Index(fields=["whole"], name="instrument_whole", opclasses=["text_pattern_ops"]),
            GinIndex(fields=["spellings"], name="instrument_spellings"),
        ]

    def fold_name(self) -> None:
        """Note what it is found by, from its symbol and name."""
        terms = make_terms(self.symbol, self.name)
        self.words, self.whole, self.spellings = terms.words, terms.whole, terms.spellings

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
