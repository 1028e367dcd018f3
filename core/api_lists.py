"""Lists of our APIs: every one is given out in parts of the same shape."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from core.errors import Invalid
from core.paging import MOST, Part, cut

Row = TypeVar("Row", bound=Model)
PART_PARAMETERS = [
    OpenApiParameter("cursor", str, description="From `next` of the part before; absent: the top"),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST},
        description="Rows in one part",
    ),
]


class PartOut(serializers.Serializer[Any]):
    """What every list ends with. `next`: the address of the part after it, null at the end."""

    next = serializers.URLField(allow_null=True)


def read_part(request: Request, rows: "QuerySet[Row]", *, by: str) -> Part[Row]:
    """Return the part of a list that was asked for.

    :raises Invalid: the cursor or the limit
    """
    return cut(rows, by=by, after=request.query_params.get("cursor", ""), size=_read_limit(request))


def get_next(request: Request, part: Part[Any]) -> str | None:
    """Return the address of the part after this one; None at the end."""
    if not part.next:
        return None
    asked = request.query_params.copy()
    asked["cursor"] = part.next
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")


def _read_limit(request: Request) -> int:
    text = request.query_params.get("limit", str(MOST))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST):
        message = f"The limit is a number from 1 to {MOST}."
        raise Invalid(message, fields={"limit": message})
    return int(text)
