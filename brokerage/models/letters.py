"""What a parent is written of at the broker: one row for each letter, sent by the worker."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brokerage.models.accounts import BrokerAccount, BrokerUser
from brokerage.models.rows import Row
from core.driven import Driven


class Letter(Row, Driven):
    """A letter to the parent about a check or an account; composed when it goes out.

    What it would say may be settled by then: it is ended unsent (`sent_at` empty).
    """

    class Kind(models.TextChoices):
        CHECK = "CHECK", _("How an identity check stands")
        ACCOUNT = "ACCOUNT", _("The broker does not open an account")

    kind = models.CharField(max_length=10, choices=Kind)
    user = models.ForeignKey(BrokerUser, models.PROTECT, null=True, related_name="letters")
    account = models.ForeignKey(BrokerAccount, models.PROTECT, null=True, related_name="letters")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(account__isnull=True),
                name="letter_about_one",
            ),
        ]

    def __str__(self) -> str:
        return f"letter ({self.get_kind_display()})"
