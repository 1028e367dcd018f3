"""The published description of `/api/v1/`, apart from that of the parents' API."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator

INFO = {
    "title": "StockSprout API for companies",
    "version": "1",
    "description": "For tenants' servers. Each call carries a key, made in the portal at /tenant/.",
}


class TenantSchema(SchemaGenerator):
    """A schema under a title of its own."""

    def get_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema: dict[str, Any] = super().get_schema(*args, **kwargs)  # type: ignore[no-untyped-call]
        return schema | {"info": INFO}
