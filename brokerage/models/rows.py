"""Common to all rows of the broker's room."""

import uuid

from django.db import models


class Row(models.Model):
    """An unguessable id and the moment the row was made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
