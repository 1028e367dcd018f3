"""Fields of forms about people."""

from datetime import date
from typing import Any

from django import forms

from accounts.birthdays import read_birthday
from accounts.places import read_state
from core import clock


class BirthdayField(forms.DateField):
    """A birthday from the browser's calendar, or typed with the month first."""

    def __init__(self, *, autocomplete: str = "off", **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "autocomplete": autocomplete})
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str):
            return super().to_python(value)
        return read_birthday(value, today=clock.today()) if value.strip() else None


class StateField(forms.ChoiceField):
    """A state by its two letters or its name."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return read_state(text) or text
