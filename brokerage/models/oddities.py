"""What the broker lists and we can not read, for staff."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brokerage.models.accounts import BrokerAccount
from brokerage.models.rows import Row


class OddRows(Row):
    """Rows of one of the broker's lists that can not be read, for one reason, until they are gone.

    Holds no personal data: `example` is a row's shape, with words of vocabularies alone.
    """

    class What(models.TextChoices):
        SECURITIES = "SECURITIES", _("Catalogue")
        QUOTES = "QUOTES", _("Prices")
        POSITIONS = "POSITIONS", _("Positions")
        TRANSACTIONS = "TRANSACTIONS", _("Ledger")
        DEPOSITS = "DEPOSITS", _("Deposits")
        ORDERS = "ORDERS", _("Orders")
        PAPERS = "PAPERS", _("Papers")

    what = models.CharField(max_length=12, choices=What, help_text="Which list")
    account = models.ForeignKey(
        BrokerAccount, models.PROTECT, null=True, related_name="odd_rows", help_text="Whose list"
    )
    why = models.CharField(max_length=100)
    number = models.PositiveIntegerField(help_text="How many at the last reading")
    example = models.CharField(max_length=300, blank=True)
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, help_text="First reading without them")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["what", "account", "why"],
                condition=Q(gone_at__isnull=True),
                nulls_distinct=False,
                name="odd_rows_open_once",
            )
        ]
        verbose_name_plural = "odd rows"

    def __str__(self) -> str:
        return f"{self.number} × {self.get_what_display()}: {self.why}"
