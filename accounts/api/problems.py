"""What a refusal looks like in the published schema of the parents' API."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from core.problems import MEDIA_TYPE

TEXTS = {
    400: "What was sent can not be used; `fields` names each fault.",
    401: "`not_authenticated`: nobody is signed in.",
    403: "`not_allowed`: staff are nobody's parent.",
    404: "`not_found`: there is nothing here for this parent.",
    409: "Not in the present state of things; `code` says why.",
    422: "`idempotency_key_reused`: the key came with another request before.",
}


class RefusalOut(serializers.Serializer[Any]):
    """RFC 9457. `code` is stable; `detail` is a sentence for a person."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), required=False, help_text="What is wrong with which field"
    )


def problems(*statuses: int) -> dict[Any, Any]:
    """Return the refusals of an endpoint, as `extend_schema` takes responses."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(RefusalOut, description=TEXTS[status])
        for status in statuses
    }
