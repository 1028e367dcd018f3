"""What a request to `/api/v1/` may hold."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    """A body of which every field is known: a misspelt one is an error, and not left out.

    Text is text: a number in its place is an error, and not written out.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Return the values, once sure of the names and that no number stands for text."""
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {name[:100]: ["There is no such field."] for name in unknown[:20]}
                )
            numbers = [name for name, _field in self.fields.items() if self._is_number(name, data)]
            if numbers:
                raise serializers.ValidationError({name: ["This is text."] for name in numbers})
        return super().to_internal_value(data)

    def _is_number(self, name: str, data: Mapping[str, Any]) -> bool:
        is_text = isinstance(self.fields[name], serializers.CharField)
        return is_text and isinstance(data.get(name), int | float | Decimal)


class StrictScheme(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The same, in the published schema."""

    target_class = Strict
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return schema | {"additionalProperties": False}
