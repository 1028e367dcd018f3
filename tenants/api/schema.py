"""The published description of `/api/v1/`, apart from that of the parents' API."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator

INTRODUCTION = """
For tenants' servers, and for their users' browsers.

**Keys.** Every request carries a key, made in the portal at `/tenant/`: `Authorization: Bearer
ssk_…`, or `X-API-Key`. A key of the sandbox (`ssk_test_…`) sees users made with keys of the
sandbox only, and talks to the vendors' sandboxes. A browser carries a client token (`sct_…`)
instead, made by your server for one user; it works half an hour.

**A user's way.** Every answer about a user ends with `next_step`: do what its `action` says and
look at the next answer. At `review` the form is filled; at `type_it` there is no quicker way than
typing.

**Errors** are problem+json (RFC 9457): `code` is stable, `detail` is a sentence for a person,
`fields` names what is wrong in the body, `request_id` is for support. A field we do not know is
an error. A user of another company or mode is a 404.

**Repeats.** Send an `Idempotency-Key` with what makes or changes something. Repeated with it, a
request gets its first answer for seven days; while the first is worked on it gets a 409
`request_in_progress`.

**Rate.** `RateLimit-Remaining` says how many requests a key has left in this window; beyond them
come 429 with `Retry-After`.
"""
INFO = {"title": "StockSprout API for companies", "version": "1", "description": INTRODUCTION}
TAGS = [
    {"name": "Company", "description": "Your company and the key that asks"},
    {"name": "Users", "description": "The people whose forms are filled"},
    {"name": "Phone", "description": "Proving that a phone number is the user's, by a code"},
    {"name": "Plaid", "description": "Plaid Layer, and banks by Plaid Link"},
    {"name": "Prefill", "description": "What is known for the form, and where from"},
]
SETTINGS = {"COMPONENT_SPLIT_PATCH": False}  # a PATCH of ours needs what it says it needs


class TenantSchema(SchemaGenerator):
    """A schema under a title of its own."""

    def get_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema: dict[str, Any] = super().get_schema(*args, **kwargs)  # type: ignore[no-untyped-call]
        return schema | {"info": INFO, "tags": TAGS}
