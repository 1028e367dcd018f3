"""What tenants' rows are forgotten in time."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from tenants.models import ClientToken

TOKENS_FOR = timedelta(days=1)  # its caller still reads that it has expired


def list_forgettable(at: datetime) -> list[QuerySet[Any]]:
    """Return what may be deleted (`core.retention`)."""
    return [ClientToken.objects.filter(expires_at__lt=at - TOKENS_FOR).order_by("expires_at")]
