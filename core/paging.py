"""Long lists in parts, newest first, without end: a part ends with a cursor at its last row.

A cursor names a row's place in the order, not a number of rows: what is added or removed meanwhile
makes no row appear twice or not at all.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, F, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.errors import Invalid

Row = TypeVar("Row", bound=Model)
MOST = 100  # rows in one part


SHOWN = 50  # rows on a page
AFTER = "after"


@dataclass(frozen=True)
class Part(Generic[Row]):
    """Some rows of a list; `next` is the cursor of the part after it, empty at the end."""

    rows: list[Row]
    next: str = ""


def cut(rows: "QuerySet[Row]", *, by: str, after: str = "", size: int = MOST) -> Part[Row]:
    """Return the part of a list that begins after a cursor; the first one by default.

    :param by: the moment or day to order by, newest first; rows without one come last
    :raises Invalid: a cursor we did not make
    """
    place = F(by).desc(nulls_last=True) if _field(rows.model, by).null else F(by).desc()
    ordered = rows.order_by(place, "-pk")
    if after:
        ordered = ordered.filter(_beyond(rows.model, by, after))
    found = list(ordered[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Part(found[:size], _write(getattr(last, by), last.pk) if last else "")


def cut_page(
    request: HttpRequest, rows: "QuerySet[Row]", *, by: str, size: int = SHOWN, anchor: str = ""
) -> tuple[list[Row], dict[str, str]]:
    """Return the rows a page shows, and where "More" and "Back to the newest" lead, for
    `components/more.html`.

    An address with a cursor nobody made shows the top of the list.

    :param anchor: id of the list in its page
    """
    after, end = request.GET.get(AFTER, ""), f"#{anchor}" if anchor else ""
    try:
        part = cut(rows, by=by, after=after, size=size)
    except Invalid:
        part, after = cut(rows, by=by, size=size), ""
    asked = request.GET.copy()
    asked.pop(AFTER, None)
    top = request.path + (f"?{asked.urlencode()}" if asked else "")
    asked[AFTER] = part.next
    links = {
        "more_url": f"{request.path}?{asked.urlencode()}{end}" if part.next else "",
        "top_url": top + end if after else "",
    }
    return part.rows, links


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


def _write(value: Any, pk: Any) -> str:
    text = json.dumps([value.isoformat() if value else None, str(pk)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _beyond(model: type[Model], by: str, cursor: str) -> Q:
    """Return what the rows after a cursor have in common, in words an index understands.

    :raises Invalid: a cursor we did not make
    """
    field = _field(model, by)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, pk = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        place = None if value is None else _read_place(field, value)
        key = model._meta.pk.to_python(pk)
        known = isinstance(pk, str) and (place is not None or field.null)
    except (ValueError, TypeError, OverflowError, ValidationError, RecursionError):
        known = False
    if not known:
        text = _("This place in the list is unknown. Begin at its top.")
        raise Invalid(text, code="cursor", fields={"cursor": text})
    if place is None:
        return Q(**{f"{by}__isnull": True}, pk__lt=key)
    later = Q(**{f"{by}__lt": place}) | Q(**{by: place, "pk__lt": key})
    if field.null:
        return later | Q(**{f"{by}__isnull": True})
    return Q(**{f"{by}__lte": place}) & later


def _read_place(field: Any, text: str) -> date:
    """Return a moment or day of a cursor.

    :raises ValueError: neither, or a moment without its offset
    """
    if not isinstance(field, DateTimeField):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment.astimezone(UTC)
