"""What a giver's browser remembers of its gifts, so that none is sent twice unawares."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Child
from gifting.models import Gift
from gifting.operations import GiftOffer

COOKIE, REMEMBERED = "gifts-sent", 10  # the last ones, by their ids, signed; no session is begun
LATELY = timedelta(days=1)


def remember_gift(request: HttpRequest, response: HttpResponse, gift: Gift) -> None:
    """Note in the browser, for this gift link alone, that it has sent a gift."""
    sent = [str(gift.pk), *_list_sent(request)][:REMEMBERED]
    response.set_signed_cookie(
        COOKIE,
        ".".join(sent),
        max_age=LATELY,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def find_same_gift(
    request: HttpRequest, child: Child, offer: GiftOffer, *, at: datetime
) -> Gift | None:
    """Return the last gift of the same share and amount that this browser sent within a day."""
    return (
        Gift.objects.filter(
            pk__in=_list_sent(request),
            child=child,
            instrument=offer.instrument,
            amount=offer.amount,
            given_at__gt=at - LATELY,
        )
        .order_by("-given_at")
        .first()
    )


def _list_sent(request: HttpRequest) -> list[str]:
    """Return the ids the browser has kept; none where they are not as we signed them."""
    kept = request.get_signed_cookie(COOKIE, default="", max_age=LATELY)
    return kept.split(".") if kept else []
