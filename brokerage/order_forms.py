"""The form by which a custodian buys or sells."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.typed import tidy_text
from brokerage.models import BrokerAccount, Instrument, Order
from brokerage.order_rules import OrderTicket
from brokerage.queries import list_tradable
from brokerage.search import find_symbol

NUMBER = re.compile(r"(?=.*[0-9])\$?\s*([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})?(\.[0-9]{1,8})?")
BY_COMMA = re.compile(r"\$?\s*([0-9]{1,12}),([0-9]{1,2}|[0-9]{4,8})")  # 0,5 is half a share
TYPED = {"inputmode": "decimal", "autocomplete": "off"}


def _find(symbol: str) -> list[Instrument]:
    return list(Instrument.objects.filter(symbol=symbol.replace("\0", "")[:20]))


class NumberField(forms.DecimalField):
    """A number as people write it; not all that Decimal reads (1e3, 1_000, NaN)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput(attrs=TYPED), **kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = re.sub(r"(?<=[0-9]) (?=[0-9]{3}\b)", ",", tidy_text(str(value or "")))
        if found := BY_COMMA.fullmatch(text):
            message = _("Do you mean %s? Write what is less than one after a point.")
            raise ValidationError(message % f"{found[1]}.{found[2]}", code="unclear")
        if text and not NUMBER.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text.lstrip("$").strip().replace(",", ""))


class OrderForm(forms.Form):
    """Which share, which way, how much, at what price."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    side = forms.ChoiceField(
        label=_("What would you like to do?"), choices=Order.Side.choices, widget=forms.RadioSelect
    )
    symbol = forms.ModelChoiceField(
        label=_("Company"),
        queryset=Instrument.objects.all(),
        to_field_name="symbol",
        error_messages={
            "required": _("Choose a company."),
            "invalid_choice": _("We do not know this company. Choose another one."),
        },
    )
    amount = NumberField(
        label=_("Dollars"),
        help_text=_("Buys or sells a part of a share where it must."),
        error_messages={"invalid": _("Enter dollars and cents, like 25 or 25.50.")},
    )
    quantity = NumberField(
        label=_("Or shares"),
        help_text=_("Like 2 or 0.5. Leave it empty if you entered dollars."),
        error_messages={"invalid": _("Enter a number of shares above zero, like 2 or 0.5.")},
    )
    kind = forms.ChoiceField(label=_("When"), choices=Order.Kind.choices, required=False)
    price = NumberField(
        label=_("Price of one share"),
        help_text=_("Only if you chose a limit, a stop or a touched price. Whole shares only."),
        error_messages={"invalid": _("Enter the price of one share, like 110.50.")},
    )
    time_in_force = forms.ChoiceField(
        label=_("How long"), choices=Order.TimeInForce.choices, required=False
    )

    def __init__(self, data: Any = None, *, account: BrokerAccount, asked: Any = None) -> None:
        """Offer what is held and what is on the menu; `asked` fills fields in beforehand."""
        wished = {name: asked[name] for name in self.base_fields if name in (asked or {})}
        if other := find_symbol(str(wished.get("symbol", "")), among=Instrument.objects.all()):
            wished["symbol"] = other.symbol
        super().__init__(data, initial={"form_key": uuid4(), "side": Order.Side.BUY} | wished)
        offered = list_tradable(account)
        picked = str(self["symbol"].value() or "")
        if picked and picked not in {row.symbol for row in offered}:
            offered += [other] if other and other.symbol == picked else _find(picked)
        field = self.fields["symbol"]
        field.choices = [("", _("Choose a company"))] + [  # type: ignore[attr-defined]
            (row.symbol, f"{row.name} ({row.symbol})") for row in offered
        ]

    @property
    def priced(self) -> bool:
        """Say whether the fields of a price are to be shown open."""
        names = ("kind", "price", "time_in_force")
        chosen = self["kind"].value() not in (None, "", Order.Kind.MARKET)
        return chosen or bool(self["price"].value()) or any(self.errors.get(n) for n in names)

    def ticket(self) -> OrderTicket:
        """Return what was filled in, once valid."""
        return OrderTicket(**self.understood())

    def understood(self) -> dict[str, Any]:
        """Return what is good of the answers, by the names of OrderTicket."""
        good = dict(self.cleaned_data)
        if "symbol" in good:
            good["instrument"] = good.pop("symbol")
        defaults = {"kind": Order.Kind.MARKET, "time_in_force": Order.TimeInForce.DAY}
        return good | {
            name: good[name] or value for name, value in defaults.items() if name in good
        }

    def answers(self) -> dict[str, str]:
        """Return what was filled in, as it was, for the next form or address."""
        return {name: self.data.get(name, "") for name in self.fields if self.data.get(name)}
