"""What a refusal looks like in the published schema of the parents' API."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse

from core.api import RefusalOut
from core.problems import MEDIA_TYPE

TEXTS = {
    400: "What was sent can not be used; `fields` names each fault.",
    401: "`not_authenticated`: nobody is signed in.",
    403: "`not_allowed`: staff are nobody's parent.",
    404: "`not_found`: there is nothing here for this parent.",
    409: "Not in the present state of things; `code` says why.",
    422: "`idempotency_key_reused`: the key came with another request before.",
    429: "Too often; ask again later",
}


def problems(*statuses: int) -> dict[Any, Any]:
    """Return the refusals of an endpoint, as `extend_schema` takes responses."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(RefusalOut, description=TEXTS[status])
        for status in statuses
    }
