"""What every template may use."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return `site`: its name, whether it only practises, whether a parent is signed in."""
    user = getattr(request, "user", None)
    return {
        "site": {
            "name": "StockSprout",
            "contact": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
            "practice": settings.DRIVEWEALTH_ENV != "production",
            "parent": bool(user and user.is_authenticated and not user.is_staff),
        }
    }
