"""How money, shares and moments are written on pages and in mail."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core.clock import NEW_YORK

register = template.Library()
CONTACT = re.compile(r"\b([Ww]rite to us|[Cc]ontact us)\b")


@register.filter
def money(amount: Decimal | None) -> str:
    """Write dollars: `$1,234.50`, `−$3.00`."""
    if amount is None:
        return "—"
    cents = round(amount, 2)
    return f"{'−' if cents < 0 else ''}${abs(cents):,.2f}"


@register.filter
def signed_money(amount: Decimal | None) -> str:
    """Write a gain or loss: `+$3.20`, `−$1.10`, `$0.00`."""
    return f"+{money(amount)}" if amount and round(amount, 2) > 0 else money(amount)


@register.filter
def percent(ratio: Decimal | None) -> str:
    """Write a percentage given in percent: `+4.2%`, `−0.1%`; what rounds to nothing has no sign."""
    if ratio is None:
        return "—"
    tenths = round(ratio, 1)
    sign = "" if not tenths else "−" if tenths < 0 else "+"
    return f"{sign}{abs(tenths):.1f}%"


@register.filter
def trend(amount: Decimal | None) -> str:
    """Name the look of a gain, as it is written: `up`, `down`, or nothing where it is $0.00."""
    cents = round(amount, 2) if amount else 0
    return "" if not cents else "down" if cents < 0 else "up"


@register.filter
def shares(quantity: Decimal | None) -> str:
    """Write a quantity of shares with up to eight decimals and no idle zeros."""
    if quantity is None:
        return "—"
    text = f"{quantity:,.8f}"
    return text.rstrip("0").rstrip(".")


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day in New York: `Tue, Nov 24`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(NEW_YORK).date()
    return f"{value:%a, %b} {value.day}"


@register.filter
def moment(value: datetime | None) -> str:
    """Write a moment in New York: `Nov 24 at 10:05 AM ET`."""
    if value is None:
        return ""
    local = value.astimezone(NEW_YORK)
    return f"{local:%b} {local.day} at {local.hour % 12 or 12}:{local:%M %p} ET"


@register.filter
def with_contact(text: Any) -> SafeString:
    """Write a sentence of ours with “write to us” as a link to where our address is."""
    link = rf'<a href="{reverse("contact")}">\1</a>'
    return mark_safe(CONTACT.sub(link, conditional_escape(text)))  # noqa: S308 (escaped above)
