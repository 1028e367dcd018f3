"""Fields of our APIs about people."""

from typing import Any

from rest_framework import serializers

from accounts.places import read_state


class StateChoice(serializers.ChoiceField):
    """A state by its two letters or its name."""

    def to_internal_value(self, data: Any) -> Any:
        found = read_state(data) if isinstance(data, str) else ""
        return super().to_internal_value(found or data)
