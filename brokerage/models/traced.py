"""What is known of something the broker was asked for, where its answer was lost."""

from typing import Any

from django.db import models


class Traced(models.Model):
    """Asked for at the broker under a key, and looked for there when no answer came.

    `hinted_id`: the broker's id as an event told it, not yet confirmed. `may_be`: what the broker
    has that may be this one and does not tell, as `{"id", "told"}`; while there is any, nothing is
    sent. `ruled_out`: ids staff have found not to be this one.
    """

    refused_at = models.DateTimeField(
        null=True, help_text="A repeat was refused, and nothing was found; it is looked for again"
    )
    hinted_id = models.CharField(max_length=100, blank=True, db_default="")
    may_be: Any = models.JSONField(default=list, blank=True, db_default=[])
    ruled_out: Any = models.JSONField(default=list, blank=True, db_default=[])

    class Meta:
        abstract = True


class Asked(Traced):
    """The same, of what is made at the broker once and has no other moment of being asked for."""

    asked_at = models.DateTimeField(
        null=True, help_text="Written before the first call: the broker may know it since"
    )

    class Meta:
        abstract = True
