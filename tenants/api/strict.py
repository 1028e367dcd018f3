"""What a request to `/api/v1/` may hold."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    """A body of which every field is known: a misspelt one is an error, and not left out."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values, once sure that there is no unknown name among them."""
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {name[:100]: ["There is no such field."] for name in unknown[:20]}
                )
        return super().to_internal_value(data)


class StrictScheme(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The same, in the published schema."""

    target_class = Strict
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return schema | {"additionalProperties": False}
