"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core.environments import moves_real_money


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return `frame`: the site's name, whether it only practises, whether a parent is signed in.

    It is not called `site`: allauth's pages have another thing by that name.
    `contact` is the address people write to, `site_url` what comes before a path in full addresses.
    Whether that parent also works for a company on the platform is asked only where it is shown.
    """
    user = getattr(request, "user", None)
    is_parent = bool(user and user.is_authenticated and not user.is_staff)
    return {
        "frame": {
            "name": "StockSprout",
            "contact": settings.SUPPORT_EMAIL,
            "site_url": settings.SITE_URL,
            "practice": not moves_real_money(),
            "practice_desk": "" if moves_real_money() else settings.PRACTICE_DESK_URL,
            "parent": is_parent,
            "company": SimpleLazyObject(lambda: is_parent and _works_for_a_company(user)),
        }
    }


def _works_for_a_company(user: Any) -> bool:
    return bool(user.memberships.exists())
